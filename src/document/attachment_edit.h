// A change of one attachment, as the next revision of its document: the text of a document that a
// write then takes. The body's bytes and the other attachments stay what they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "document/attachment.h"
#include "document/document_reader.h"

namespace couchlet {

struct AttachmentEdit {
  std::string id;
  std::optional<std::string> rev;  // to continue from; none: the document isn't there, or deleted
  std::string name;
  std::string content_type;
  uint32_t staged = 0;  // its bytes, which the write is told of; 0: the attachment is removed
};

// Errors: 409 conflict where the revision is no leaf, or is none and should be one; 404 where there
// is no such document or attachment to remove.
Task<Result<std::string>> edit_attachment(const DocumentReader& reader, const AttachmentEdit& edit);

}  // namespace couchlet

// Attachments as a document names them in _attachments (api/document/attachments.html).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/revision.h"

namespace couchlet {

struct Attachment {
  std::string name;
  std::string content_type = "application/octet-stream";
  std::string digest;  // "md5-" and the base64 of the MD5
  uint64_t length = 0;
  uint64_t revpos = 0;   // the generation that it came with
  bool is_stub = false;  // as it came in: the bytes are those of the parent revision's attachment
};

// In the order of the text. Errors: 400 bad_request for what isn't an object of objects;
// 501 not_implemented for an attachment that brings its data.
Result<std::vector<Attachment>> parse_attachments(std::string_view json);

// {"name": {"content_type": …, "revpos": …, "digest": …, "length": …, "stub": true}, …}; "" for
// none.
std::string attachments_json(const std::vector<Attachment>& attachments);

// The 16 bytes of a digest. 400 bad_request if it is none.
Result<Revision::Digest> parse_digest(std::string_view digest);

}  // namespace couchlet

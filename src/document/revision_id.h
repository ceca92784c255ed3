// The revision id of an edit, exactly as CouchDB makes it:
//
//   N-md5(term_to_binary([Deleted, OldStart, OldRev, Body, Attachments], [{minor_version, 1}]))
//
// so that the same edit made here and on a server is the same revision and can't conflict with
// itself.
//   Deleted      the atom true or false
//   OldStart     the parent's generation, 0 if there is none
//   OldRev       the parent's hash bytes, the integer 0 if there is none
//   Body         the document without its _ members, as a term (json/document_scanner.h makes it)
//   Attachments  [{Name, Type, Md5}], in the reverse of the order in which they were sent
//
// Md5 is that of the bytes as the server stores them: CouchDB gzips text/*, JSON, JavaScript and
// XML first, so with such attachments the server's revision may differ from ours.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "document/revision.h"

namespace couchlet {

struct AttachmentDigest {
  std::string_view name;
  std::string_view type;
  Revision::Digest md5;
};

// `body_term` is the body's external term without the version byte; `attachments` are in the order
// sent, stubs included.
Revision next_revision(bool is_deleted, const std::optional<Revision>& parent,
                       std::string_view body_term, std::span<const AttachmentDigest> attachments);

}  // namespace couchlet

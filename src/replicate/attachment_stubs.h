// What a document that came with stubs says of its attachments, and which of these its target
// lacks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/revision.h"

namespace couchlet {

struct AttachmentStub {
  std::string name;
  std::string digest;
  uint64_t length = 0;
  uint64_t revpos = 0;
  // The server keeps it gzipped, as it says (att_encoding_info), or as CouchDB does with a type
  // like this. The digest may be of that: bytes that come unpacked can't be compared with it.
  bool may_be_gzipped = false;
};

// The stubs of a document with _revisions that came after the newest of its ancestors among
// `known`: those before are where these are. A document that can't be read has none.
std::vector<AttachmentStub> lacking_stubs(std::string_view document,
                                          std::span<const Revision> known);

}  // namespace couchlet

// What a document on its way says of attachments whose bytes are not in its text: they are stubs,
// of which the target may lack some, or they follow ("follows": true), as parts of the same
// request.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/attachment.h"
#include "document/revision.h"

namespace couchlet {

// Up to here base64, a third more of bytes, costs less than a request over a link of 100 ms does
// (at 8 Mbit/s).
inline constexpr uint64_t kLargeAttachment = 256 * 1024;

struct AttachmentStub {
  std::string name;
  std::string content_type;
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

// The attachments that follow the document, in its order. One that can't be read has none.
std::vector<AttachmentStub> following_attachments(std::string_view document);

// The document as it is sent with what is staged behind it: its stubs that some of `staged` stand
// for are attachments that follow, with the digest of their bytes as they are here, where the stub
// may have that of what a server has gzipped. "" if there are none.
std::string with_staged_following(std::string_view document, std::span<const StagedBytes> staged);

}  // namespace couchlet

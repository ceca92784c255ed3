// Attachments as a document names them in _attachments (api/document/attachments.html).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/md5.h"
#include "base/result.h"
#include "document/revision.h"

namespace couchlet {

// The bytes of an attachment that comes in. They are no part of its document and are stored by
// their digest.
struct AttachmentContent {
  std::string bytes;
  uint32_t staged = 0;  // not 0: the medium has them already, under this number (BlobPut)
};

// Bytes that were handed to the medium ahead of the document that names them.
struct StagedBytes {
  uint32_t number = 0;
  std::string digest;
  uint64_t length = 0;
  // Not "": they are named not by their number but by a stub with this digest, which is another one
  // where a server has gzipped them before it made it.
  std::string stands_for = {};
};

struct Attachment {
  std::string name;
  std::string content_type = "application/octet-stream";
  std::string digest;  // "md5-" and the base64 of the MD5
  uint64_t length = 0;
  uint64_t revpos = 0;   // the generation that it came with
  bool is_stub = false;  // as it came in: the bytes are those of the parent revision's attachment
  std::shared_ptr<const AttachmentContent> content = {};  // null unless it has just come in
};

// In the order of the text, which is a document's _attachments as it comes in, or as it is stored.
// An attachment that isn't a stub has its content: from `data` (base64), or from `staged`, the
// number of one of the given; its digest and length are made or taken from there. So has a stub for
// which one of the given stands, and is none then.
// Errors: 400 bad_request for what isn't an object of objects, for an attachment without bytes and
// for a name that begins with '_', as CouchDB's.
Result<std::vector<Attachment>> parse_attachments(std::string_view json,
                                                  std::span<const StagedBytes> staged = {});

// {"name": {"content_type": …, "revpos": …, "digest": …, "length": …, "stub": true}, …}; "" for
// none.
std::string attachments_json(const std::vector<Attachment>& attachments);

// An entry of that object; one with "follows" in the place of "stub"; and the beginning of one, to
// be closed with '}'.
void append_attachment_stub(std::string& out, const Attachment& attachment);
void append_following_attachment(std::string& out, const Attachment& attachment);
void append_attachment_start(std::string& out, const Attachment& attachment);

// "md5-" and the base64 of the digest.
std::string digest_text(const Md5Digest& digest);

// The 16 bytes of a digest. 400 bad_request if it is none.
Result<Revision::Digest> parse_digest(std::string_view digest);

}  // namespace couchlet

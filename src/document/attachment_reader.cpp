#include "document/attachment_reader.h"

#include <algorithm>
#include <vector>

#include "base/base64.h"
#include "document/keys.h"

namespace couchlet {
namespace {

// Read at a time: a multiple of three, so that the pieces' base64 is that of the whole.
constexpr uint64_t kPieceBytes = 768 * 1024;

}  // namespace

Task<Result<void>> AttachmentReader::append_with_data(std::string& out, std::string_view stored,
                                                      uint64_t generation,
                                                      uint64_t follows_from) const {
  CO_TRY_ASSIGN(const std::vector<Attachment> attachments, parse_attachments(stored));
  out.push_back('{');
  for (size_t i = 0; i < attachments.size(); ++i) {
    if (i > 0) out.push_back(',');
    const Attachment& attachment = attachments[i];
    if (attachment.revpos <= generation) {
      append_attachment_stub(out, attachment);
      continue;
    }
    if (attachment.length >= follows_from) {
      append_following_attachment(out, attachment);
      continue;
    }
    append_attachment_start(out, attachment);
    out.append(",\"data\":\"");
    CO_TRY(co_await read(attachment,
                         [&out](std::string_view piece) { out.append(encode_base64(piece)); }));
    out.append("\"}");
  }
  out.push_back('}');
  co_return Result<void>();
}

Task<Result<void>> AttachmentReader::read(const Attachment& attachment, Take take) const {
  for (uint64_t at = 0; at < attachment.length; at += kPieceBytes) {
    const uint64_t wanted = std::min(kPieceBytes, attachment.length - at);
    CO_TRY_ASSIGN(const auto bytes, co_await store_.read_blob(attachment.digest, at, wanted));
    if (!bytes || bytes->size() < wanted) co_return co_await missing(attachment);
    take(*bytes);
  }
  co_return Result<void>();
}

// Blobs are no part of a snapshot. Whether these bytes were removed, or are lost, shows only when
// nothing has been committed between a state that has them and the look for them.
Task<Error> AttachmentReader::missing(const Attachment& attachment) const {
  while (true) {
    const SnapshotRef known = store_.snapshot();
    const auto record = co_await store_.get(known, keys::attachment(attachment.digest));
    if (!record.ok()) co_return record.error();
    const auto end = co_await store_.read_blob(attachment.digest, attachment.length - 1, 1);
    if (!end.ok()) co_return end.error();
    const bool is_there = *end && !(*end)->empty();
    if (!*record || is_there) co_return attachment_gone();
    if (auto caught_up = co_await store_.catch_up(); !caught_up.ok()) co_return caught_up.error();
    if (store_.snapshot() == known) break;
  }
  co_return errors::corrupt("The bytes of the attachment '" + attachment.name + "' are gone.");
}

}  // namespace couchlet

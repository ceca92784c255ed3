#include "document/stored_bodies.h"

#include <utility>

#include "base/varint.h"
#include "document/damage.h"
#include "document/document_text.h"
#include "document/keys.h"

namespace couchlet {

Result<AttachmentRecord> AttachmentRecord::decode(std::string_view bytes) {
  AttachmentRecord record;
  if (!get_varint(bytes, record.references) || !get_varint(bytes, record.length)) {
    return errors::corrupt("An attachment record can't be read.");
  }
  return record;
}

std::string AttachmentRecord::encode() const {
  std::string bytes;
  put_varint(bytes, references);
  put_varint(bytes, length);
  return bytes;
}

Task<Result<void>> StoredBodies::put(uint64_t number, const std::vector<Attachment>& attachments,
                                     std::string_view members) {
  for (const Attachment& attachment : attachments) {
    CO_TRY_ASSIGN(Use * use, co_await use_of(attachment.digest));
    ++use->record.references;
    use->record.length = attachment.length;
    if (attachment.content) use->content = attachment.content;
  }
  view_.put(keys::body(number), encode_body(attachments_json(attachments), members));
  co_return Result<void>();
}

Task<Result<void>> StoredBodies::erase(const RevisionInfo& info) {
  if (info.has_attachments) {
    auto dropped = co_await drop_references(info.body);
    if (!dropped.ok() && !is_damage(dropped.error())) co_return dropped;
  }
  view_.erase(keys::body(info.body));
  co_return Result<void>();
}

Task<Result<void>> StoredBodies::drop_references(uint64_t number) {
  CO_TRY_ASSIGN(auto bytes, co_await view_.get(keys::body(number)));
  if (!bytes) co_return Result<void>();
  CO_TRY_ASSIGN(const StoredBody body, StoredBody::decode(*bytes));
  CO_TRY_ASSIGN(const auto attachments, parse_attachments(body.attachments));
  for (const Attachment& attachment : attachments) {
    CO_TRY_ASSIGN(Use * use, co_await use_of(attachment.digest));
    if (use->record.references == 0) {
      co_return errors::corrupt("The attachment '" + attachment.name + "' has no record.");
    }
    --use->record.references;
  }
  co_return Result<void>();
}

Task<Result<std::optional<uint64_t>>> StoredBodies::stored_length(const std::string& digest) {
  CO_TRY_ASSIGN(const Use* use, co_await use_of(digest));
  if (use->record.references == 0) co_return std::nullopt;
  co_return use->record.length;
}

Task<Result<void>> StoredBodies::finish() {
  for (const auto& [digest, use] : uses_) {
    if (use.record.references == use.references_before) continue;
    const std::string key = keys::attachment(digest);
    if (use.record.references == 0) {
      view_.erase(key);
      view_.erase_blob(digest);
      continue;
    }
    view_.put(key, use.record.encode());
    if (use.references_before > 0) continue;
    if (!use.content) co_return errors::corrupt("An attachment was to be stored without bytes.");
    view_.put_blob({digest, use.content->bytes, use.content->staged});
  }
  uses_.clear();
  co_return Result<void>();
}

Task<Result<StoredBodies::Use*>> StoredBodies::use_of(const std::string& digest) {
  const auto known = uses_.find(digest);
  if (known != uses_.end()) co_return &known->second;
  CO_TRY_ASSIGN(const auto bytes, co_await view_.get(keys::attachment(digest)));
  Use use;
  if (bytes) {
    CO_TRY_ASSIGN(use.record, AttachmentRecord::decode(*bytes));
    use.references_before = use.record.references;
  }
  co_return &uses_.emplace(digest, std::move(use)).first->second;
}

}  // namespace couchlet

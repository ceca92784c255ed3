#include "document/recount.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/varint.h"
#include "document/counters.h"
#include "document/damage.h"
#include "document/document_record.h"
#include "document/document_text.h"
#include "document/keys.h"
#include "document/on_snapshot.h"
#include "document/stored_bodies.h"

namespace couchlet {
namespace {

constexpr size_t kCountedAtATime = 256;

// Of attachments, by digest.
using References = std::map<std::string, AttachmentRecord>;

struct Count {
  Counters counters;
  References references;
};

// 0 where the number of repairs is unknown.
uint64_t decode_repairs(const std::optional<std::string>& bytes) {
  uint64_t repairs = 0;
  std::string_view in = bytes ? std::string_view(*bytes) : std::string_view();
  return get_varint(in, repairs) ? repairs : 0;
}

// A counter that was found to be `found` and should have been `right`, as it is to be by now.
uint64_t corrected(uint64_t now, uint64_t found, uint64_t right) { return now + right - found; }

// Counts what one snapshot holds.
class Counting {
 public:
  Counting(Store& store, Clock& clock, SnapshotRef snapshot)
      : store_(store), clock_(clock), snapshot_(std::move(snapshot)) {}

  Task<Result<Count>> run() {
    const std::unique_ptr<Cursor> cursor = store_.cursor(snapshot_);
    CO_TRY(co_await cursor->seek(std::string(1, keys::kDocument)));
    for (size_t i = 1; cursor->valid() && cursor->key().front() == keys::kDocument; ++i) {
      CO_TRY_ASSIGN(const DocumentRecord record, DocumentRecord::decode(cursor->value()));
      CO_TRY(co_await add(record));
      if (i % kCountedAtATime == 0) co_await clock_.sleep(0);
      CO_TRY(co_await cursor->next());
    }
    co_return std::move(count_);
  }

 private:
  // No number may be used twice, so the update sequence is not below any that is there.
  Task<Result<void>> add(const DocumentRecord& record) {
    count_.counters.add(record.tree);
    uint64_t& sequence = count_.counters.update_sequence;
    sequence = std::max(sequence, record.sequence);
    for (const RevisionNode& node : record.tree.revisions_with_bodies()) {
      sequence = std::max(sequence, node.info.body);
      if (node.info.has_attachments) CO_TRY(co_await add_references(node.info.body));
    }
    co_return Result<void>();
  }

  Task<Result<void>> add_references(uint64_t number) {
    CO_TRY_ASSIGN(const auto bytes, co_await store_.get(snapshot_, keys::body(number)));
    if (!bytes) co_return errors::corrupt("The body of a document is gone.");
    CO_TRY_ASSIGN(const StoredBody body, StoredBody::decode(*bytes));
    CO_TRY_ASSIGN(const auto attachments, parse_attachments(body.attachments));
    for (const Attachment& attachment : attachments) {
      AttachmentRecord& record = count_.references[attachment.digest];
      ++record.references;
      record.length = attachment.length;
    }
    co_return Result<void>();
  }

  Store& store_;
  Clock& clock_;
  const SnapshotRef snapshot_;
  Count count_;
};

// Compares a count with what is stored, and corrects that.
class Correction {
 public:
  Correction(Store& store, SnapshotRef snapshot, const Count& count)
      : store_(store), snapshot_(std::move(snapshot)), count_(count) {}

  // What is stored in the snapshot.
  Task<Result<void>> compare() {
    CO_TRY_ASSIGN(repairs_, co_await repairs_in_snapshot());
    CO_TRY_ASSIGN(found_, readable(co_await store_.get(snapshot_, keys::kCounters)));
    for (const auto& [digest, right] : count_.references) {
      const auto bytes = co_await store_.get(snapshot_, keys::attachment(digest));
      if (!bytes.ok() && !is_damage(bytes.error())) co_return bytes.error();
      found_references_[digest] = readable_record(bytes);
    }
    auto left_over = co_await find_left_over();
    if (!left_over.ok() && !is_damage(left_over.error())) co_return left_over;
    co_return Result<void>();
  }

  bool is_needed() const { return !counters_are_right() || wrong_references() > 0; }

  // 409 conflict if another repair came between.
  Task<Result<void>> apply(WriteView& view) const {
    CO_TRY_ASSIGN(const auto repairs_bytes, co_await view.get(keys::kRepairs));
    if (decode_repairs(repairs_bytes) != repairs_) co_return errors::conflict();
    std::string repairs;
    put_varint(repairs, repairs_ + 1);
    view.put(keys::kRepairs, repairs);
    if (!counters_are_right()) CO_TRY(co_await correct_counters(view));
    for (const auto& [digest, right] : all_references()) {
      CO_TRY(co_await correct_references(view, digest, right));
    }
    co_return Result<void>();
  }

 private:
  // Nothing for counters that can't be read.
  static Result<std::optional<Counters>> readable(
      const Result<std::optional<std::string>>& stored) {
    if (!stored.ok()) {
      if (is_damage(stored.error())) return std::optional<Counters>();
      return stored.error();
    }
    const auto counters = Counters::decode(*stored);
    return counters.ok() ? std::optional<Counters>(*counters) : std::nullopt;
  }

  static AttachmentRecord readable_record(const Result<std::optional<std::string>>& stored) {
    if (!stored.ok() || !*stored) return {};
    const auto record = AttachmentRecord::decode(**stored);
    return record.ok() ? *record : AttachmentRecord();
  }

  // Attachments that nobody has any more. A cursor that ends at damage leaves some of them.
  Task<Result<void>> find_left_over() {
    const std::unique_ptr<Cursor> cursor = store_.cursor(snapshot_);
    CO_TRY(co_await cursor->seek(std::string(1, keys::kAttachment)));
    while (cursor->valid() && cursor->key().front() == keys::kAttachment) {
      found_references_.try_emplace(std::string(keys::id_of(cursor->key())),
                                    readable_record(std::optional(std::string(cursor->value()))));
      CO_TRY(co_await cursor->next());
    }
    co_return Result<void>();
  }

  Task<Result<uint64_t>> repairs_in_snapshot() const {
    CO_TRY_ASSIGN(const auto bytes, co_await store_.get(snapshot_, keys::kRepairs));
    co_return decode_repairs(bytes);
  }

  bool counters_are_right() const {
    const Counters& right = count_.counters;
    return found_ && found_->live_documents == right.live_documents &&
           found_->deleted_documents == right.deleted_documents &&
           found_->content_bytes == right.content_bytes &&
           found_->update_sequence >= right.update_sequence;
  }

  Task<Result<void>> correct_counters(WriteView& view) const {
    const Counters& right = count_.counters;
    CO_TRY_ASSIGN(const auto stored, readable(co_await view.get(keys::kCounters)));
    Counters now = right;  // nobody can have counted on where there were no counters
    if (stored && found_) {
      now = *stored;
      now.update_sequence = std::max(stored->update_sequence, right.update_sequence);
      now.live_documents =
          corrected(stored->live_documents, found_->live_documents, right.live_documents);
      now.deleted_documents =
          corrected(stored->deleted_documents, found_->deleted_documents, right.deleted_documents);
      now.content_bytes =
          corrected(stored->content_bytes, found_->content_bytes, right.content_bytes);
    }
    view.put(keys::kCounters, now.encode());
    co_return Result<void>();
  }

  static uint64_t references(const References& all, const std::string& digest) {
    const auto found = all.find(digest);
    return found == all.end() ? 0 : found->second.references;
  }

  // Those that are counted, and those that are stored and should not be.
  References all_references() const {
    References all = count_.references;
    for (const auto& [digest, record] : found_references_) all.try_emplace(digest);
    return all;
  }

  size_t wrong_references() const {
    const References all = all_references();
    return static_cast<size_t>(std::ranges::count_if(all, [&](const auto& entry) {
      return entry.second.references != references(found_references_, entry.first);
    }));
  }

  Task<Result<void>> correct_references(WriteView& view, const std::string& digest,
                                        const AttachmentRecord& right) const {
    const uint64_t found = references(found_references_, digest);
    if (found == right.references) co_return Result<void>();
    const std::string key = keys::attachment(digest);
    CO_TRY_ASSIGN(const auto bytes, co_await view.get(key));
    auto stored = bytes ? AttachmentRecord::decode(*bytes) : AttachmentRecord();
    AttachmentRecord now = stored.ok() ? *stored : AttachmentRecord();
    now.references = corrected(now.references, found, right.references);
    if (right.references > 0) now.length = right.length;
    if (now.references > 0) {
      view.put(key, now.encode());
    } else {
      view.erase(key);
      view.erase_blob(digest);
    }
    co_return Result<void>();
  }

  Store& store_;
  const SnapshotRef snapshot_;
  const Count& count_;
  uint64_t repairs_ = 0;
  std::optional<Counters> found_;
  References found_references_;
};

// Nothing where another repair came between.
Task<Result<std::optional<bool>>> try_to_recount(Store& store, Clock& clock, SnapshotRef snapshot) {
  Counting counting(store, clock, snapshot);
  CO_TRY_ASSIGN(const Count count, co_await counting.run());
  Correction correction(store, snapshot, count);
  CO_TRY(co_await correction.compare());
  if (!correction.is_needed()) co_return std::optional<bool>(false);
  auto corrected = co_await store.commit([&](WriteView& view) { return correction.apply(view); });
  if (corrected.ok()) co_return std::optional<bool>(true);
  if (corrected.error() == errors::conflict()) co_return std::optional<bool>();
  co_return std::move(corrected).error();
}

}  // namespace

Task<Result<bool>> recount(Store& store, Clock& clock) {
  std::optional<bool> outcome;
  while (!outcome) {
    CO_TRY_ASSIGN(outcome, co_await on_snapshot(store, [&](SnapshotRef snapshot) {
                    return try_to_recount(store, clock, std::move(snapshot));
                  }));
  }
  co_return *outcome;
}

}  // namespace couchlet

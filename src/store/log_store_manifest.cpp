// A flush comes before the commit that would follow the one that filled the memtable. Every context
// has the same memtable: the one whose commit filled it flushes, another only when it has become
// twice as large, as the first may be gone. An error lets the memtable grow by as much again before
// the next try.
#include <utility>

#include "store/flush.h"
#include "store/log_store.h"

namespace couchlet {

namespace {

// A log of many small records is slow to read, however little is in it.
constexpr uint64_t kMaxTailRecords = 2000;

// When nothing has been committed for so long, what is left to do is done.
constexpr int64_t kIdleMs = 1000;

// A tail of the log that is worth a flush then, so that the next opening is quick.
constexpr uint64_t kLongTailRecords = 100;
constexpr uint64_t kLongTailBytes = 512 * 1024;

// How long readers of other contexts have for what they began before a merge.
constexpr int64_t kGraceMs = 10'000;

}  // namespace

bool LogStore::is_tail_long() const {
  const uint64_t records = follower_.number() - follower_.manifest()->flushed_through;
  return records >= kLongTailRecords || follower_.tail_bytes() >= kLongTailBytes;
}

bool LogStore::is_flush_due() const {
  if (!waiting_flushes_.empty() || is_idle_flush_due_) return true;
  const uint64_t records = follower_.number() - follower_.manifest()->flushed_through;
  if (records == 0) return false;
  const uint64_t patience = has_own_commits_ ? 1 : 2;
  return follower_.memtable().allocated_bytes() >= patience * flush_at_ ||
         records >= patience * kMaxTailRecords * (flush_at_ / memtable_limit_);
}

Task<void> LogStore::flush() {
  const auto asked = std::exchange(waiting_flushes_, {});
  is_idle_flush_due_ = false;
  // What was asked for may have come with the flush that was then under way.
  if (follower_.number() > follower_.manifest()->flushed_through) co_await flush_memtable();
  for (Completion<bool>* answer : asked) answer->complete(true);
}

Task<void> LogStore::flush_memtable() {
  ManifestChange change(*follower_.manifest());
  add_flush(change, follower_.memtable(), follower_.tail_tables(), follower_.number(), write_once_);
  const Result<bool> flushed = co_await try_change(std::move(change));
  if (flushed.ok()) {
    flush_at_ = memtable_limit_;
    has_own_commits_ = false;
    upkeep_.start();
  } else {
    flush_at_ += memtable_limit_;
  }
}

Task<Result<bool>> LogStore::commit_manifest(std::function<bool(ManifestChange&)> change) {
  WaitingChange waiting;
  waiting.change = std::move(change);
  waiting_changes_.push_back(&waiting);
  start_worker();
  co_return co_await waiting.answer;
}

Task<void> LogStore::change_manifest() {
  WaitingChange& waiting = *waiting_changes_.front();
  waiting_changes_.pop_front();
  ManifestChange change(*follower_.manifest());
  Result<bool> answer = false;
  if (waiting.change(change)) answer = co_await try_change(std::move(change));
  waiting.answer.complete(std::move(answer));
}

// False: another context has committed a manifest first; this one knows it now.
Task<Result<bool>> LogStore::try_change(ManifestChange change) {
  remove_obsolete(change, false);
  const uint64_t commit_id = next_commit_id_++;
  CO_TRY_ASSIGN(MediumBatch batch, change.finish(commit_id));
  auto next = std::make_shared<const Manifest>(std::move(change.next()));
  const Result<CommitOutcome> outcome = co_await medium_->commit(std::move(batch));
  if (outcome.ok() && *outcome == CommitOutcome::kCommitted) {
    follower_.adopt(std::move(next));
    co_return true;
  }
  CO_TRY(co_await begin_again());
  if (follower_.manifest()->commit_id == commit_id) co_return true;
  if (!outcome.ok()) co_return outcome.error();
  co_return false;
}

// If there is something to remove by now.
Task<Result<void>> LogStore::remove_obsolete() {
  const auto remove = [this](ManifestChange& change) {
    const size_t before = change.next().obsolete.size();
    remove_obsolete(change, false);
    return change.next().obsolete.size() < before;
  };
  CO_TRY(co_await commit_manifest(remove));
  if (!follower_.manifest()->obsolete.empty()) plan_idle_work();
  co_return Result<void>();
}

void LogStore::plan_idle_work() {
  if (!is_idle_work_planned_) spawn(work_when_idle());
}

Task<void> LogStore::work_when_idle() {
  const std::weak_ptr<const bool> is_alive = is_alive_;
  is_idle_work_planned_ = true;
  uint64_t number_before = 0;
  do {
    number_before = follower_.number();
    co_await clock_.sleep(kIdleMs);
    if (is_alive.expired() || is_closed_) co_return;
  } while (follower_.number() != number_before);
  is_idle_work_planned_ = false;
  is_idle_flush_due_ = has_own_commits_ && is_tail_long();
  if (is_idle_flush_due_) start_worker();
  upkeep_.start();
}

// What readers can hardly still need goes; or all, but for what readers of this context need.
void LogStore::remove_obsolete(ManifestChange& change, bool at_once) {
  const int64_t now = clock_.now_ms();
  std::erase_if(change.next().obsolete, [&](const ObsoleteRecords& records) {
    const int64_t age = now - records.since_ms;
    const bool is_ripe = at_once || age > kGraceMs || age < -kGraceMs;  // the clock was set back
    if (!is_ripe || follower_.is_in_use(records)) return false;
    change.remove({records.area, records.first, records.last()});
    return true;
  });
}

}  // namespace couchlet

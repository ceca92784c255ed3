// The store, as far as one context has it: a follower of the log, and one coroutine, the worker,
// that does whatever moves the context along, one thing at a time: commit a group, catch up, flush,
// commit a manifest. Beside it the upkeep (upkeep.h) prepares merges.
//
// The life of a commit. The worker takes the commits that wait and lets them decide on the state
// after record N. What they change becomes a log record, sent to the medium as number N + 1.
//
//   committed     The group is applied and answered.
//   number taken  Another context was faster. Its records are read and applied, and the group
//                 decides again on the new state.
//   unknown,      The record may be there or not: the log is read. If it is there, the commit has
//   or an error   succeeded. If not, the group decides again, or its writers get the error. If the
//                 log can't be read either, they are told that the outcome is unknown; should the
//                 record turn up in the log later, it is applied as any other.
//   no changes    Nothing is sent, but the log is read, so that the answers (a conflict, say) are
//                 given on the newest state; where that was not the case the group decides again.
//
// The record of a try is known by its commit id. As records are applied by number and ids are never
// used again, none is applied twice or taken for another's. Only if other contexts have meanwhile
// flushed the log, the record's place is gone too, and the outcome is unknown.
//
// A flush comes before the commit that would follow the one that filled the memtable. Every context
// has the same memtable: the one whose commit filled it flushes, another only when it has become
// twice as large, as the first may be gone. An error lets the memtable grow by as much again before
// the next try.
#include "store/store.h"

#include <deque>
#include <utility>
#include <vector>

#include "base/completion.h"
#include "store/commit_group.h"
#include "store/flush.h"
#include "store/layered_cursor.h"
#include "store/log_follower.h"
#include "store/log_writer.h"
#include "store/point_lookup.h"
#include "store/snapshot.h"
#include "store/snapshot_gone.h"
#include "store/table_cache.h"
#include "store/upkeep.h"

namespace couchlet {

namespace {

Error closed() { return {412, "precondition_failed", "database is closed"}; }

// The next number is taken, but there is no record with it: this is not the log that was opened.
Error log_is_gone() {
  return {410, "storage_lost", "The database was removed or replaced while it was open: reopen it"};
}

Error connection_lost() {
  return {500, "connection_lost", "The connection to the storage breaks again and again"};
}

Error log_was_flushed() {
  return {500, "snapshot_gone", "Another context has flushed that part of the log"};
}

Error outcome_unknown(const Error& write, const Error& read) {
  return {500, "outcome_unknown",
          "Whether this was written is unknown: " + write.reason +
              "; then reading failed: " + read.reason};
}

// Tries that a connection's breaking may cost a commit. It should be one; a batch that breaks the
// connection each time must not be tried for ever.
constexpr int kMaxLostTries = 3;

// A log of many small records is slow to read, however little is in it.
constexpr uint64_t kMaxTailRecords = 2000;

// When nothing has been committed for so long, what is left to do is done.
constexpr int64_t kIdleMs = 1000;

// A tail of the log that is worth a flush then, so that the next opening is quick.
constexpr uint64_t kLongTailRecords = 100;
constexpr uint64_t kLongTailBytes = 512 * 1024;

// How long readers of other contexts have for what they began before a merge.
constexpr int64_t kGraceMs = 10'000;

// The medium's contract for commit().
bool nothing_was_written(const Error& error) { return error.status < 500 || error.status == 507; }

// What cursor() gives when the store is closed.
class ClosedCursor final : public Cursor {
 public:
  ValueTask<Result<void>> seek(std::string_view) override { return {closed()}; }
  ValueTask<Result<void>> seek_back(std::string_view) override { return {closed()}; }
  ValueTask<Result<void>> next() override { return {closed()}; }
  ValueTask<Result<void>> previous() override { return {closed()}; }
  bool valid() const override { return false; }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
};

class LogStore final : public Store, private ManifestKeeper {
 public:
  LogStore(std::unique_ptr<Medium> medium, Clock& clock, uint64_t first_commit_id,
           const StoreOptions& options)
      : medium_(std::move(medium)),
        clock_(clock),
        memtable_limit_(options.memtable_bytes),
        write_once_(options.write_once_prefix),
        cache_(*medium_, options.cache_bytes),
        follower_(*medium_, cache_),
        upkeep_(*this, *medium_, clock, write_once_),
        next_commit_id_(first_commit_id),
        flush_at_(options.memtable_bytes) {
    medium_->on_foreign_commit([this](uint64_t number) { hear_of(number); });
  }

  // Reads what there is; before anything else.
  Task<Result<void>> load() { return reload_manifest(); }

  Task<Result<void>> commit(Decide decide) override;
  SnapshotRef snapshot() override { return follower_.snapshot(); }
  ValueTask<Result<std::optional<std::string>>> get(SnapshotRef snapshot,
                                                    std::string_view key) override;
  std::unique_ptr<Cursor> cursor(SnapshotRef snapshot) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<Result<void>> renew(SnapshotRef stale) override;
  Task<Result<void>> catch_up() override;
  Task<Result<void>> compact() override;
  StoreSizes sizes() const override;
  void on_commit(std::function<void()> listener) override { listener_ = std::move(listener); }
  Task<Result<void>> close() override;
  Task<Result<void>> destroy() override;

 private:
  // A change of the manifest that waits for its turn.
  struct WaitingChange {
    std::function<bool(ManifestChange&)> change;
    Completion<Result<bool>> answer;
  };

  void hear_of(uint64_t number);
  void start_worker();
  Task<void> work();
  Task<void> catch_up_once();
  Task<void> commit_waiting();
  Task<bool> try_commit(CommitGroup& group);
  Task<bool> take_new_snapshot(CommitGroup& group);
  Task<bool> confirm(CommitGroup& group);
  Task<bool> give_way(CommitGroup& group);
  Task<bool> settle(CommitGroup& group, uint64_t commit_id, std::optional<Error> error);
  bool make_smaller(CommitGroup& group, const Error& too_large);
  Task<Result<LogFollower::News>> follow(std::optional<uint64_t> awaited_commit_id);
  Task<Result<LogFollower::News>> begin_again();
  void tell_listener();

  bool is_tail_long() const;
  bool is_flush_due() const;
  Task<void> flush();
  Task<void> flush_memtable();
  ManifestRef manifest() override { return follower_.manifest(); }
  Task<Result<bool>> commit_manifest(std::function<bool(ManifestChange&)> change) override;
  Task<Result<void>> reload_manifest() override;
  Task<void> change_manifest();
  Task<Result<bool>> try_change(ManifestChange change);
  Task<Result<void>> remove_obsolete() override;
  void remove_obsolete(ManifestChange& change, bool at_once);

  void plan_idle_work();
  Task<void> work_when_idle();

  Task<Result<void>> end();

  std::unique_ptr<Medium> medium_;
  Clock& clock_;
  const size_t memtable_limit_;
  const WriteOnceKeys write_once_;
  TableCache cache_;
  LogFollower follower_;
  Upkeep upkeep_;
  uint64_t next_commit_id_;
  int lost_tries_ = 0;  // in a row, by broken connections
  std::function<void()> listener_;

  size_t flush_at_;               // bytes of the memtable
  bool has_own_commits_ = false;  // in the memtable

  // What the worker has to do.
  std::deque<WaitingCommit*> waiting_commits_;
  std::vector<Completion<Result<void>>*> waiting_catch_ups_;
  std::vector<Completion<bool>*> waiting_flushes_;
  bool is_idle_flush_due_ = false;
  std::deque<WaitingChange*> waiting_changes_;
  bool has_to_begin_again_ = false;
  uint64_t heard_of_ = 0;  // the last log number that another context has told of

  bool is_idle_work_planned_ = false;
  bool is_closed_ = false;
  bool is_working_ = false;
  Event worker_ended_;

  // Gone with the store. Who is answered may well delete it, and the worker goes on after that.
  std::shared_ptr<const bool> is_alive_ = std::make_shared<const bool>(true);
};

Task<Result<void>> LogStore::commit(Decide decide) {
  if (is_closed_) co_return closed();
  WaitingCommit commit;
  commit.decide = std::move(decide);
  waiting_commits_.push_back(&commit);
  start_worker();
  co_return co_await commit.answer;
}

ValueTask<Result<std::optional<std::string>>> LogStore::get(SnapshotRef snapshot,
                                                            std::string_view key) {
  if (is_closed_) return Result<std::optional<std::string>>(closed());
  return get_value(std::move(snapshot), key);
}

std::unique_ptr<Cursor> LogStore::cursor(SnapshotRef snapshot) {
  if (is_closed_) return std::make_unique<ClosedCursor>();
  std::vector<std::unique_ptr<EntryIterator>> layers;
  snapshot->append_layers(layers);
  return std::make_unique<LayeredCursor>(std::move(layers), std::move(snapshot));
}

Task<Result<std::optional<std::string>>> LogStore::read_blob(std::string key, uint64_t offset,
                                                             uint64_t length) {
  if (is_closed_) co_return closed();
  co_return co_await medium_->read_blob(std::move(key), offset, length);
}

// If somebody has renewed it already, there is nothing left to do.
Task<Result<void>> LogStore::renew(SnapshotRef stale) {
  if (is_closed_) co_return closed();
  const uint64_t stale_number = stale->manifest().number;
  if (follower_.manifest()->number != stale_number) co_return Result<void>();
  CO_TRY(co_await reload_manifest());
  if (follower_.manifest()->number == stale_number) {
    co_return errors::corrupt("Records that the manifest names are missing");
  }
  co_return Result<void>();
}

Task<Result<void>> LogStore::catch_up() {
  if (is_closed_) co_return closed();
  Completion<Result<void>> answer;
  waiting_catch_ups_.push_back(&answer);
  start_worker();
  co_return co_await answer;
}

Task<Result<void>> LogStore::compact() {
  if (is_closed_) co_return closed();
  if (follower_.number() > follower_.manifest()->flushed_through) {
    Completion<bool> flushed;
    waiting_flushes_.push_back(&flushed);
    start_worker();
    co_await flushed;
  }
  CO_TRY(co_await upkeep_.compact());
  if (follower_.manifest()->obsolete.empty()) co_return Result<void>();
  const auto remove_all = [this](ManifestChange& change) {
    remove_obsolete(change, true);
    return true;
  };
  CO_TRY(co_await commit_manifest(remove_all));
  co_return Result<void>();
}

StoreSizes LogStore::sizes() const {
  const Manifest& manifest = *follower_.manifest();
  StoreSizes sizes;
  sizes.active = manifest.live_bytes() - manifest.garbage_bytes() + follower_.tail_bytes();
  sizes.file = manifest.live_bytes() + manifest.obsolete_bytes() + follower_.tail_bytes();
  return sizes;
}

Task<Result<void>> LogStore::close() {
  CO_TRY(co_await end());
  medium_->close();
  co_return Result<void>();
}

Task<Result<void>> LogStore::destroy() {
  CO_TRY(co_await end());
  co_return co_await medium_->destroy();
}

// Lets nothing new begin, and what has begun come to its end.
Task<Result<void>> LogStore::end() {
  if (is_closed_) co_return closed();
  is_closed_ = true;
  co_await upkeep_.stop();  // it may still need the worker
  while (is_working_) co_await worker_ended_;
  cache_.close();
  co_return Result<void>();
}

void LogStore::hear_of(uint64_t number) {
  if (is_closed_ || number <= follower_.number()) return;
  heard_of_ = number;
  start_worker();
}

void LogStore::start_worker() {
  if (!is_working_) spawn(work());
}

Task<void> LogStore::work() {
  const std::weak_ptr<const bool> is_alive = is_alive_;
  is_working_ = true;
  while (true) {
    // What others have committed comes first: a commit decided without it would be turned away.
    if (!waiting_catch_ups_.empty() || heard_of_ > follower_.number()) {
      co_await catch_up_once();
    } else if (is_flush_due()) {
      co_await flush();
    } else if (!waiting_changes_.empty()) {
      co_await change_manifest();
    } else if (!waiting_commits_.empty()) {
      co_await commit_waiting();
    } else {
      break;
    }
    if (is_alive.expired()) co_return;
  }
  is_working_ = false;
  worker_ended_.signal();  // the last step: who waits for it may delete the store
}

// An error concerns those who asked. Where nobody did, as it was a hint, the next commit or
// catch_up() comes across it again.
Task<void> LogStore::catch_up_once() {
  const auto asked = std::exchange(waiting_catch_ups_, {});
  heard_of_ = 0;  // a hint that nothing comes of is not followed twice
  const bool begins_again = std::exchange(has_to_begin_again_, false);
  const auto news = begins_again ? co_await begin_again() : co_await follow(std::nullopt);
  for (Completion<Result<void>>* answer : asked) {
    answer->complete(news.ok() ? Result<void>() : Result<void>(news.error()));
  }
}

Task<void> LogStore::commit_waiting() {
  CommitGroup group;
  while (!waiting_commits_.empty() && !group.is_full()) {
    WaitingCommit& next = *waiting_commits_.front();
    waiting_commits_.pop_front();
    co_await group.add(next, follower_.snapshot());
  }
  while (co_await try_commit(group)) co_await group.decide_again(follower_.snapshot());
  group.answer_all();
}

// One try to commit the group as the next log record. True: it has to decide again.
Task<bool> LogStore::try_commit(CommitGroup& group) {
  if (group.size() == 0) co_return false;
  if (group.needs_new_snapshot()) co_return co_await take_new_snapshot(group);
  std::vector<LogEntry> entries = group.entries();
  if (entries.empty()) co_return co_await confirm(group);

  const uint64_t commit_id = next_commit_id_++;
  LogWriter writer(follower_.number() + 1, commit_id);
  const Tables tables =
      writer.add_tables(take_large_values(write_once_, follower_.snapshot()->segments(), entries));
  for (const LogEntry& entry : entries) writer.add(entry);
  Result<MediumBatch> batch = writer.finish();
  if (!batch.ok()) co_return make_smaller(group, batch.error());
  group.add_blobs_to(*batch);

  const Result<CommitOutcome> outcome = co_await medium_->commit(*std::move(batch));
  if (outcome.ok() && *outcome == CommitOutcome::kUnknown) {
    co_return co_await settle(group, commit_id, std::nullopt);
  }
  lost_tries_ = 0;
  if (!outcome.ok()) co_return co_await settle(group, commit_id, outcome.error());
  if (*outcome == CommitOutcome::kNumberTaken) co_return co_await give_way(group);
  follower_.apply_next(entries, tables);
  has_own_commits_ = true;
  if (is_tail_long()) plan_idle_work();
  tell_listener();
  co_return false;
}

Task<bool> LogStore::take_new_snapshot(CommitGroup& group) {
  const uint64_t before = follower_.manifest()->number;
  const Result<LogFollower::News> news = co_await begin_again();
  if (!news.ok()) {
    group.fail_all(news.error());
  } else if (follower_.manifest()->number == before) {
    group.fail_all(errors::corrupt("Records that the manifest names are missing"));
  }
  co_return news.ok() && follower_.manifest()->number != before;
}

// For a group that changes nothing: its decisions stand if they were made on the newest state.
Task<bool> LogStore::confirm(CommitGroup& group) {
  const Result<LogFollower::News> news = co_await follow(std::nullopt);
  if (!news.ok()) group.fail_all(news.error());
  co_return news.ok() && news->records > 0;
}

// Another context was faster.
Task<bool> LogStore::give_way(CommitGroup& group) {
  const Result<LogFollower::News> news = co_await follow(std::nullopt);
  if (!news.ok()) {
    group.fail_all(news.error());
  } else if (news->records == 0) {
    group.fail_all(log_is_gone());
  }
  co_return news.ok() && news->records > 0;
}

// After an error, or none where the connection broke: finds out whether the group was written. If
// it was not, an error is its writers' answer, and a broken connection is worth another try.
Task<bool> LogStore::settle(CommitGroup& group, uint64_t commit_id, std::optional<Error> error) {
  if (!error && ++lost_tries_ == kMaxLostTries) {
    lost_tries_ = 0;
    error = connection_lost();
  }
  if (!error || !nothing_was_written(*error)) {
    const uint64_t before = follower_.number();
    const Result<LogFollower::News> news = co_await follow(commit_id);
    if (!news.ok()) {
      group.fail_writers(outcome_unknown(error.value_or(connection_lost()), news.error()));
      group.fail_all(news.error());
      co_return false;
    }
    if (news->awaited_came) co_return false;
    if (follower_.manifest()->flushed_through > before) {  // with the record, if it was there
      group.fail_writers(outcome_unknown(error.value_or(connection_lost()), log_was_flushed()));
      co_return true;
    }
  }
  if (error) group.fail_writers(*error);
  co_return true;
}

// A group that is too large for one log record: its first member goes alone, the rest wait again.
// True: it has to decide again.
bool LogStore::make_smaller(CommitGroup& group, const Error& too_large) {
  if (group.size() == 1) {
    group.fail_all(too_large);
    return false;
  }
  const std::vector<WaitingCommit*> rest = group.split_off_rest();
  waiting_commits_.insert(waiting_commits_.begin(), rest.begin(), rest.end());
  return true;
}

// Reads on in the log, and tells if the visible state has changed, also where an error came later.
Task<Result<LogFollower::News>> LogStore::follow(std::optional<uint64_t> awaited_commit_id) {
  const uint64_t before = follower_.number();
  Result<LogFollower::News> news = co_await follower_.catch_up(awaited_commit_id);
  if (follower_.number() > before) tell_listener();
  co_return news;
}

Task<Result<LogFollower::News>> LogStore::begin_again() {
  const uint64_t before = follower_.number();
  Result<LogFollower::News> news = co_await follower_.begin_again();
  if (follower_.number() > before) tell_listener();
  co_return news;
}

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

Task<Result<void>> LogStore::reload_manifest() {
  has_to_begin_again_ = true;
  Completion<Result<void>> answer;
  waiting_catch_ups_.push_back(&answer);
  start_worker();
  co_return co_await answer;
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

void LogStore::tell_listener() {
  if (listener_) listener_();
}

}  // namespace

Task<Result<std::unique_ptr<Store>>> Store::open(std::unique_ptr<Medium> medium, Clock& clock,
                                                 Random& random, StoreOptions options) {
  auto store = std::make_unique<LogStore>(std::move(medium), clock, random.next(), options);
  if (Result<void> read = co_await store->load(); !read.ok()) {
    CO_TRY(co_await store->close());
    co_return std::move(read).error();
  }
  co_return std::unique_ptr<Store>(std::move(store));
}

}  // namespace couchlet

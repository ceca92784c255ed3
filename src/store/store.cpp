// The store, as far as one context has it: a follower of the log, and one coroutine, the worker,
// that does whatever moves the context along the log, one thing at a time: commit a group, or catch
// up.
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
// used again, none is applied twice or taken for another's.
#include "store/store.h"

#include <deque>
#include <utility>
#include <vector>

#include "base/completion.h"
#include "store/commit_group.h"
#include "store/layered_cursor.h"
#include "store/log_follower.h"
#include "store/log_writer.h"
#include "store/snapshot.h"

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

Error outcome_unknown(const Error& write, const Error& read) {
  return {500, "outcome_unknown",
          "Whether this was written is unknown: " + write.reason +
              "; then reading failed: " + read.reason};
}

// Tries that a connection's breaking may cost a commit. It should be one; a batch that breaks the
// connection each time must not be tried for ever.
constexpr int kMaxLostTries = 3;

// The medium's contract for commit().
bool nothing_was_written(const Error& error) { return error.status < 500 || error.status == 507; }

Result<MediumBatch> to_batch(const std::vector<LogEntry>& entries, uint64_t commit_id,
                             uint64_t number) {
  LogWriter writer;
  for (const LogEntry& entry : entries) {
    if (entry.kind == LogEntryKind::kErase) {
      writer.erase(entry.key);
    } else {
      writer.put(entry.key, entry.value);
    }
  }
  return writer.finish(commit_id, number);
}

// What cursor() gives when the store is closed.
class ClosedCursor final : public Cursor {
 public:
  Task<Result<void>> seek(std::string_view) override { co_return closed(); }
  Task<Result<void>> seek_back(std::string_view) override { co_return closed(); }
  Task<Result<void>> next() override { co_return closed(); }
  Task<Result<void>> previous() override { co_return closed(); }
  bool valid() const override { return false; }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
};

class LogStore final : public Store {
 public:
  LogStore(std::unique_ptr<Medium> medium, uint64_t first_commit_id)
      : medium_(std::move(medium)), follower_(*medium_), next_commit_id_(first_commit_id) {
    medium_->on_foreign_commit([this](uint64_t number) { hear_of(number); });
  }

  Task<Result<void>> commit(Decide decide) override;
  SnapshotRef snapshot() override { return follower_.snapshot(); }
  Task<Result<std::optional<std::string>>> get(SnapshotRef snapshot, std::string_view key) override;
  std::unique_ptr<Cursor> cursor(SnapshotRef snapshot) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<Result<void>> catch_up() override;
  Task<Result<void>> compact() override;
  StoreSizes sizes() const override { return {}; }
  void on_commit(std::function<void()> listener) override { listener_ = std::move(listener); }
  Task<Result<void>> close() override;
  Task<Result<void>> destroy() override;

 private:
  void hear_of(uint64_t number);
  void start_worker();
  Task<void> work();
  Task<void> catch_up_once();
  Task<void> commit_waiting();
  Task<bool> try_commit(CommitGroup& group);
  Task<bool> confirm(CommitGroup& group);
  Task<bool> give_way(CommitGroup& group);
  Task<bool> settle(CommitGroup& group, uint64_t commit_id, std::optional<Error> error);
  bool make_smaller(CommitGroup& group, const Error& too_large);
  Task<Result<LogFollower::News>> follow(std::optional<uint64_t> awaited_commit_id);
  void tell_listener();
  Task<Result<void>> end();

  std::unique_ptr<Medium> medium_;
  LogFollower follower_;
  uint64_t next_commit_id_;
  int lost_tries_ = 0;  // in a row, by broken connections
  std::function<void()> listener_;

  // What the worker has to do.
  std::deque<WaitingCommit*> waiting_commits_;
  std::vector<Completion<Result<void>>*> waiting_catch_ups_;
  uint64_t heard_of_ = 0;  // the last log number that another context has told of

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

Task<Result<std::optional<std::string>>> LogStore::get(SnapshotRef snapshot, std::string_view key) {
  if (is_closed_) co_return closed();
  const std::optional<Memtable::Entry> entry = snapshot->find(key);
  if (!entry || entry->is_erased) co_return std::nullopt;
  co_return std::string(entry->value);
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

Task<Result<void>> LogStore::compact() {
  if (is_closed_) co_return closed();
  co_return Result<void>();
}

Task<Result<void>> LogStore::catch_up() {
  if (is_closed_) co_return closed();
  Completion<Result<void>> answer;
  waiting_catch_ups_.push_back(&answer);
  start_worker();
  co_return co_await answer;
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
  while (is_working_) co_await worker_ended_;
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
  const Result<LogFollower::News> news = co_await follow(std::nullopt);
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
  const std::vector<LogEntry> entries = group.entries();
  if (entries.empty()) co_return co_await confirm(group);

  const uint64_t commit_id = next_commit_id_++;
  Result<MediumBatch> batch = to_batch(entries, commit_id, follower_.number() + 1);
  if (!batch.ok()) co_return make_smaller(group, batch.error());
  group.add_blobs_to(*batch);

  const Result<CommitOutcome> outcome = co_await medium_->commit(*std::move(batch));
  if (outcome.ok() && *outcome == CommitOutcome::kUnknown) {
    co_return co_await settle(group, commit_id, std::nullopt);
  }
  lost_tries_ = 0;
  if (!outcome.ok()) co_return co_await settle(group, commit_id, outcome.error());
  if (*outcome == CommitOutcome::kNumberTaken) co_return co_await give_way(group);
  follower_.apply_next(entries);
  tell_listener();
  co_return false;
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
    const Result<LogFollower::News> news = co_await follow(commit_id);
    if (!news.ok()) {
      group.fail_writers(outcome_unknown(error.value_or(connection_lost()), news.error()));
      group.fail_all(news.error());
      co_return false;
    }
    if (news->awaited_came) co_return false;
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

void LogStore::tell_listener() {
  if (listener_) listener_();
}

}  // namespace

Task<Result<std::unique_ptr<Store>>> Store::open(std::unique_ptr<Medium> medium, Clock&,
                                                 Random& random, StoreOptions) {
  auto store = std::make_unique<LogStore>(std::move(medium), random.next());
  if (Result<void> read = co_await store->catch_up(); !read.ok()) {
    CO_TRY(co_await store->close());
    co_return std::move(read).error();
  }
  co_return std::unique_ptr<Store>(std::move(store));
}

}  // namespace couchlet

// The life of a commit. The worker takes the commits that wait and lets them decide on the state
// after record N. What they change becomes a log record, sent to the medium as number N + 1.
//
//   committed     The group is applied and answered.
//   number taken  Another context was faster. Its records are read and applied, and the group
//                 decides again on the new state. The group's own record is not there, or is void
//                 (where the context was optimistic: optimism.h).
//   unknown,      The record may be there or not: the log is read. If it is there, and not void,
//   or an error   the commit has succeeded. If not, the group decides again, or its writers get
//                 the error. If the log can't be read either, they are told that the outcome is
//                 unknown; should the record turn up in the log later, it is applied as any other.
//   no changes    Nothing is sent, but the log is read, so that the answers (a conflict, say) are
//                 given on the newest state; where that was not the case the group decides again.
//
// The record of a try is known by its commit id. As records are applied by number and ids are never
// used again, none is applied twice or taken for another's. Only if other contexts have meanwhile
// flushed the log, the record's place is gone too, and the outcome is unknown.
#include <utility>
#include <vector>

#include "store/log_store.h"
#include "store/log_writer.h"

namespace couchlet {

namespace {

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

bool is_one_record(const MediumBatch& batch) {
  return batch.puts.empty() && batch.blob_puts.empty() && batch.blob_deletes.empty();
}

// The medium's contract for commit().
bool nothing_was_written(const Error& error) { return error.status < 500 || error.status == 507; }

}  // namespace

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
  batch->numbered->is_void_elsewhere = optimism_.is_justified() && is_one_record(*batch);

  const Result<CommitOutcome> outcome = co_await medium_->commit(*std::move(batch));
  if (outcome.ok() && *outcome == CommitOutcome::kUnknown) {
    co_return co_await settle(group, commit_id, std::nullopt);
  }
  lost_tries_ = 0;
  if (!outcome.ok()) co_return co_await settle(group, commit_id, outcome.error());
  if (*outcome == CommitOutcome::kNumberTaken) co_return co_await give_way(group);
  optimism_.on_committed();
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
  optimism_.on_lost();
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

}  // namespace couchlet

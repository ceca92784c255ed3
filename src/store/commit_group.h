// CommitGroup: commits that go into one log record together.
//
// They decide one after another, each seeing what those before it have changed. What they change is
// gathered in a memtable whose numbers are places in the group; the changes of one that then
// returns an error are taken back. Nothing outside the group is touched, so it can be decided
// again, on another state, as often as need be.
#pragma once

#include <memory>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "store/log_reader.h"
#include "store/memtable.h"
#include "store/store.h"

namespace couchlet {

// A call of Store::commit() that waits for its answer.
struct WaitingCommit {
  Store::Decide decide;
  // By its last decision.
  bool has_changes = false;
  std::vector<BlobPut> blob_puts;
  std::vector<std::string> blob_deletes;
  Result<void> decision;
  Completion<Result<void>> answer;
};

class CommitGroup {
 public:
  CommitGroup();

  // Whether it has reached the size where a larger group no longer saves time.
  bool is_full() const;
  // The members that have not failed.
  size_t size() const { return members_.size(); }

  // Adds a commit, decided on `base` and on what the members before it have changed.
  Task<void> add(WaitingCommit& commit, SnapshotRef base);
  // Decides all members from the start, on another state.
  Task<void> decide_again(SnapshotRef base);

  // Whether a decision could not be made, as what it looked for has just been removed.
  bool needs_new_snapshot() const;

  // What the members change, keys ascending, each once. Good until the group changes.
  std::vector<LogEntry> entries() const;
  // Adds what they do to blobs, of each the last.
  void add_blobs_to(MediumBatch& batch) const;

  // `error` becomes the answer of the members that have changes; they do not decide again.
  void fail_writers(const Error& error);
  void fail_all(const Error& error);
  // All but the first member leave the group. REQUIRES: size() > 0.
  std::vector<WaitingCommit*> split_off_rest();

  // Each commit gets its decision. The last thing to do with a group: it may run any code.
  void answer_all();

 private:
  Task<void> decide(WaitingCommit& commit, SnapshotRef base);

  std::unique_ptr<Memtable> changes_;
  uint64_t decisions_ = 0;
  std::vector<WaitingCommit*> members_;
  std::vector<WaitingCommit*> failed_;
};

}  // namespace couchlet

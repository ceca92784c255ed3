// LogStore: the store, as far as one context has it: a follower of the log, and one coroutine, the
// worker, that does whatever moves the context along, one thing at a time: commit a group, catch
// up, flush, commit a manifest. Beside it the upkeep (upkeep.h) prepares merges.
//
// log_store.cpp has the worker and the calls that need no commit, log_store_commit.cpp the life of
// a commit, log_store_manifest.cpp that of a flush.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/completion.h"
#include "store/commit_group.h"
#include "store/log_follower.h"
#include "store/manifest_change.h"
#include "store/optimism.h"
#include "store/store.h"
#include "store/table_cache.h"
#include "store/upkeep.h"
#include "store/write_once.h"

namespace couchlet {

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
  Task<void> get_many(SnapshotRef snapshot, std::vector<std::string> keys,
                      std::function<void(size_t, std::string_view)> take) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<Result<void>> renew(SnapshotRef stale) override;
  Task<Result<void>> catch_up() override;
  bool is_behind() const override {
    return heard_of_ > follower_.number() || catching_up_to_ > follower_.number();
  }
  Task<Result<void>> compact() override;
  Task<Result<bool>> salvage() override;
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
  Task<void> flush_now();
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
  Optimism optimism_;
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
  uint64_t heard_of_ = 0;        // the last log number that another context has told of
  uint64_t catching_up_to_ = 0;  // that one, while the log is being read; 0: it is not

  bool is_idle_work_planned_ = false;
  bool is_closed_ = false;
  bool is_working_ = false;
  Event worker_ended_;

  // Gone with the store. Who is answered may well delete it, and the worker goes on after that.
  std::shared_ptr<const bool> is_alive_ = std::make_shared<const bool>(true);
};

}  // namespace couchlet

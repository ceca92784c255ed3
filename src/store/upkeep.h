// Upkeep: merges runs and collects garbage in the background, in steps that each commit a manifest;
// and deletes what has been obsolete for a while.
//
// It runs in the context that the medium grants it to, from a flush on until there is nothing left
// to do. An error ends it until the next flush.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "store/collection.h"
#include "store/manifest_change.h"
#include "store/medium.h"
#include "store/merge.h"
#include "store/salvage.h"
#include "store/table_cache.h"
#include "store/write_once.h"

namespace couchlet {

// What the upkeep needs of its store.
class ManifestKeeper {
 public:
  virtual ~ManifestKeeper() = default;
  virtual ManifestRef manifest() = 0;
  // Commits `change` of the manifest, which says false where it does not apply any more; then, and
  // where another context has committed one first, false.
  virtual Task<Result<bool>> commit_manifest(std::function<bool(ManifestChange&)> change) = 0;
  // Removes what has been obsolete for long enough.
  virtual Task<Result<void>> remove_obsolete() = 0;
  // Reads the newest manifest.
  virtual Task<Result<void>> reload_manifest() = 0;
};

class Upkeep {
 public:
  // All must outlive the upkeep.
  Upkeep(ManifestKeeper& keeper, Medium& medium, Clock& clock, WriteOnceKeys keys);

  // Begins, unless it is under way.
  void start();

  // All garbage is collected, all runs become one, what is obsolete is deleted.
  Task<Result<void>> compact();

  // Leaves out what can't be read (salvage.h). True: there was something.
  Task<Result<bool>> salvage();

  // Ends what is under way, after its current step.
  Task<void> stop();

 private:
  Task<void> run();
  Task<Result<void>> do_worthwhile();
  Task<Result<bool>> merge(MergeStep::Choice choice);
  Task<Result<bool>> collect(CollectionStep::Choice choice);
  template <typename Prepare>
  Task<Result<bool>> take_step(Prepare prepare);
  template <typename Step>
  Task<Result<bool>> commit(Step step);
  Task<Result<void>> compact_alone();
  Task<Result<bool>> salvage_alone();
  Task<void> wait_for_turn();
  void end_turn();

  ManifestKeeper& keeper_;
  Medium& medium_;
  Clock& clock_;
  const WriteOnceKeys keys_;
  TableCache cache_;  // of its own, so that readers keep theirs
  bool is_stopped_ = false;
  bool is_running_ = false;
  Event turn_ended_;
};

}  // namespace couchlet

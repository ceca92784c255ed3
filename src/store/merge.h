// Merge: makes one run of several neighbouring ones, a table at a time (manifest.h tells how that
// is recorded).
//
// Which runs: beginning with the newest, those that are not much larger than all before them
// together, if there are enough of them. So an entry is rewritten about once for each time that the
// database quadruples, and there are few runs to look into.
//
// A step has two halves. prepare() reads and builds, which takes time, beside everything else.
// apply() makes it part of a manifest, or finds that the runs have changed meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/manifest_change.h"
#include "store/table_cache.h"
#include "store/write_once.h"

namespace couchlet {

class MergeStep {
 public:
  // Which merge to begin where none is under way.
  enum class Choice {
    kUnderWay,  // none
    kWorthwhile,
    kAll,  // of all runs, into one
  };

  // The next step of the merge that is under way, or of a new one; none if there is nothing to do.
  // The cache must outlive the task. Errors: those of reading; snapshot_gone() where another
  // context has been faster.
  static Task<Result<std::optional<MergeStep>>> prepare(ManifestRef manifest, TableCache& cache,
                                                        WriteOnceKeys keys, Choice choice);

  // False, with the change as it was, if the runs are not what they were at prepare().
  bool apply(ManifestChange& change, int64_t now_ms);

 private:
  std::vector<uint64_t> input_ids_;
  uint64_t output_id_ = 0;  // 0: a new run
  std::string from_key_;    // of the inputs before
  std::optional<BuiltTable> table_;
  std::string next_from_key_;  // of the inputs after
  bool is_last_ = false;
};

}  // namespace couchlet

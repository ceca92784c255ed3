// Collection: takes the erased entries out of segments by writing these anew; small neighbours
// become one. A key keeps its place in the order, so nothing that refers to it has to change.
//
// As a merge's step, in two halves (merge.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/manifest_change.h"
#include "store/table_cache.h"
#include "store/write_once.h"

namespace couchlet {

class CollectionStep {
 public:
  enum class Choice {
    kWorthwhile,  // where half is garbage
    kAll,         // where there is any
  };

  // The next segments that are worth it; none if there are none. The cache must outlive the task.
  // Errors: as those of MergeStep::prepare().
  static Task<Result<std::optional<CollectionStep>>> prepare(ManifestRef manifest,
                                                             TableCache& cache, Choice choice);

  // False, with the change as it was, if the segments are not there any more.
  bool apply(ManifestChange& change, int64_t now_ms);

 private:
  Task<Result<void>> rewrite(TableCache& cache);

  ManifestRef manifest_;
  size_t first_ = 0;  // of its segments
  size_t last_ = 0;   // behind the last of them
  std::vector<BuiltTable> tables_;
};

}  // namespace couchlet

// ManifestChange: the next manifest in the making, and the batch that commits it.
//
//   ManifestChange change(*current);
//   TableRef table = change.place(std::move(built));
//   change.next().runs.push_back(…);
//   CO_TRY_ASSIGN(MediumBatch batch, change.finish(commit_id));
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/manifest.h"
#include "store/medium.h"
#include "store/table_builder.h"

namespace couchlet {

class ManifestChange {
 public:
  explicit ManifestChange(const Manifest& current);

  Manifest& next() { return next_; }

  // Gives a new table its place; the caller names it in next().
  TableRef place(BuiltTable table);

  // Also deleted by the commit.
  void remove(MediumBatch::Delete records) { batch_.deletes.push_back(records); }

  // The batch that replaces the current manifest by next(). The change is used up. Errors: 413
  // too_large.
  Result<MediumBatch> finish(uint64_t commit_id);

 private:
  Manifest next_;
  uint64_t next_record_;
  MediumBatch batch_;
};

}  // namespace couchlet

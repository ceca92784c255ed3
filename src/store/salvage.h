// Salvage: takes what can't be read out of the store, so that the rest can be used as if that had
// never been there.
//
// A block that is damaged is left out, a table whose index is damaged is given up. Where that was
// in a run, older runs may still have entries in its range of keys, which are older versions, or
// were erased: these are left out too, as a key's state is then unknown and not an earlier one.
// (What is in the memtable is newer than any run.)
//
// In two halves, as a merge's step (merge.h). Reads everything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/manifest_change.h"
#include "store/table_builder.h"
#include "store/table_cache.h"

namespace couchlet {

class Salvage {
 public:
  // The cache must outlive the task. Errors: the medium's own; snapshot_gone() where another
  // context has changed what is there.
  static Task<Result<Salvage>> prepare(ManifestRef manifest, TableCache& cache);

  bool has_losses() const { return !replaced_.empty(); }

  // False, with the change as it was, if the manifest is not the one of prepare().
  bool apply(ManifestChange& change, int64_t now_ms);

 private:
  // Keys that are lost: up to `last`, from `first` on or after it.
  struct LostKeys {
    std::string first;
    bool is_first_lost = true;
    std::string last;

    bool contain(std::string_view key) const {
      return key <= last && (is_first_lost ? key >= first : key > first);
    }
  };

  Salvage(ManifestRef manifest, TableCache& cache)
      : manifest_(std::move(manifest)), cache_(&cache) {}

  Task<Result<void>> salvage_table(const TableRef& table, const std::vector<LostKeys>& lost_before,
                                   std::vector<LostKeys>& lost, TableBuilder::Filter filter);
  Task<Result<void>> read_table(const TableInfo& table, const std::vector<LostKeys>& lost_before,
                                std::vector<LostKeys>& lost, TableBuilder& kept);
  TablesRef replace(ManifestChange& change, const Tables& tables, int64_t now_ms);

  ManifestRef manifest_;
  TableCache* cache_;
  std::map<const TableInfo*, std::vector<BuiltTable>> replaced_;  // by none or one
};

}  // namespace couchlet

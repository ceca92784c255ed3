// Snapshot: the state of the store after one commit. Whoever holds it keeps what it needs alive, in
// memory; of what is stored, other contexts may remove what they merge (snapshot_gone.h).
//
// Its layers, the newest first: the memtable, as the commit sees it; the runs; and for write-once
// keys the segments, which need not be the oldest as such keys are never put twice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/entry_iterator.h"
#include "store/manifest.h"
#include "store/memtable.h"
#include "store/run_iterator.h"
#include "store/table_cache.h"

namespace couchlet {

class Snapshot {
 public:
  // `segments`: the manifest's, and those that came with the log since. The cache must outlive the
  // snapshot's use.
  Snapshot(uint64_t commit_number, std::shared_ptr<const Memtable> memtable, ManifestRef manifest,
           TablesRef segments, TableCache& cache)
      : commit_number_(commit_number),
        memtable_(std::move(memtable)),
        manifest_(std::move(manifest)),
        segments_(std::move(segments)),
        cache_(&cache) {}

  // The number of the last log record that is in it; 0: none.
  uint64_t commit_number() const { return commit_number_; }
  const Manifest& manifest() const { return *manifest_; }
  const Tables& segments() const { return *segments_; }
  TableCache& cache() const { return *cache_; }

  // Whether all of it may come to be in memory.
  bool fits_into_cache() const {
    if (!fits_into_cache_) fits_into_cache_ = table_bytes() <= cache_->capacity_bytes() / 8 * 7;
    return *fits_into_cache_;
  }

  // The entry of `key` in the memtable, which may say that it is erased.
  std::optional<Memtable::Entry> find_in_memtable(std::string_view key) const {
    return memtable_->find(commit_number_, key);
  }

  // Whether one of its tables is there.
  bool needs(const ObsoleteRecords& records) const {
    const auto is_there = [&records](const TableRef& table) {
      return table->area == records.area && table->first_record == records.first;
    };
    return std::any_of(segments_->begin(), segments_->end(), is_there) ||
           std::any_of(manifest_->runs.begin(), manifest_->runs.end(), [&](const Run& run) {
             return std::any_of(run.tables->begin(), run.tables->end(), is_there);
           });
  }

  // Appends an iterator over each layer, the newest first. The snapshot must outlive them.
  void append_layers(std::vector<std::unique_ptr<EntryIterator>>& layers) const {
    layers.push_back(memtable_->iterate(commit_number_));
    for (const Run& run : manifest_->runs) {
      layers.push_back(std::make_unique<RunIterator>(*cache_, run.tables, run.from_key));
    }
    if (!segments_->empty()) {
      layers.push_back(std::make_unique<RunIterator>(*cache_, segments_, ""));
    }
  }

 private:
  uint64_t table_bytes() const {
    uint64_t bytes = 0;
    for (const Run& run : manifest_->runs) bytes += run.bytes();
    for (const TableRef& table : *segments_) bytes += table->bytes;
    return bytes;
  }

  uint64_t commit_number_;
  std::shared_ptr<const Memtable> memtable_;
  ManifestRef manifest_;
  TablesRef segments_;
  TableCache* cache_;
  mutable std::optional<bool> fits_into_cache_;  // as soon as somebody has asked
};

}  // namespace couchlet

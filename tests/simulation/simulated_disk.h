// SimulatedDisk: the records of one database, as IndexedDB has them: a batch is applied whole or
// not at all, one after another; the numbers of the log and the manifest come from a generator that
// takes a number back with a batch that is not applied, and never gives one twice.
//
// The contexts of one run share it, each through a SimulatedMedium. It can get full, and it fails
// the run that breaks the store's word on what it writes: a record is small enough, is written once
// under its number and never changed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "simulated_run.h"
#include "store/medium.h"

namespace couchlet {

class SimulatedDisk {
 public:
  explicit SimulatedDisk(SimulatedRun& run) : run_(run) {}

  std::vector<Record> read(Area area, uint64_t first, uint64_t last, size_t limit) const;
  std::optional<std::string> read_blob(const std::string& key, uint64_t offset,
                                       uint64_t length) const;

  // 507 where the batch doesn't fit: what it deletes doesn't help it.
  Result<CommitOutcome> apply(const MediumBatch& batch);
  void clear();

  // What is stored; blobs apart.
  uint64_t bytes() const { return bytes_; }
  uint64_t blob_bytes() const { return blob_bytes_; }
  // Of the records that belong to nothing but tables: not to the log, nor to the manifest.
  uint64_t table_bytes() const;
  std::vector<std::string> blob_keys() const;

  // How much may be stored in all, blobs included.
  void set_capacity(uint64_t capacity) { capacity_ = capacity; }
  uint64_t used() const { return bytes_ + blob_bytes_; }

  // Who merges; null: nobody.
  const void* merger = nullptr;

  // Where the contexts that have the database open hear of commits.
  struct Inbox {
    std::function<void(uint64_t log_number)> listener;
  };
  std::vector<std::weak_ptr<Inbox>> inboxes;

 private:
  using Records = std::map<uint64_t, std::string>;

  Records& records(Area area) { return areas_[static_cast<size_t>(area)]; }
  const Records& records(Area area) const { return areas_[static_cast<size_t>(area)]; }
  void check(const MediumBatch& batch);
  void check_size(const std::string& bytes);
  void put(Area area, uint64_t number, const std::string& bytes);
  void erase(const MediumBatch::Delete& range);
  void erase_blob(const std::string& key);

  SimulatedRun& run_;
  std::array<Records, kAreaCount> areas_;
  std::array<uint64_t, kAreaCount> last_numbers_ = {};
  std::map<std::string, std::string> blobs_;
  uint64_t bytes_ = 0;
  uint64_t blob_bytes_ = 0;
  uint64_t capacity_ = std::numeric_limits<uint64_t>::max();
};

}  // namespace couchlet

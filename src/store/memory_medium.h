// MemoryMedium: a medium in memory, for `adapter: 'memory'`, for realms without IndexedDB and for
// tests.
//
// The records are in a MemoryMediumData, which several media may open: the contexts of one database
// in one process. Calls complete at once. As in IndexedDB, a record that is void elsewhere is
// written under whatever number comes next. Other contexts hear of a commit before it is answered,
// from inside the commit() call.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/medium.h"

namespace couchlet {

class MemoryMedium;

// The records of one database. Gone with the last reference; after destroy() every call on a medium
// that has it open fails, and a new database needs a new one.
class MemoryMediumData {
 public:
  using Records = std::map<uint64_t, std::string>;

  Records& records(Area area) { return areas_[static_cast<size_t>(area)]; }
  size_t blob_count() const { return blobs_.size(); }

 private:
  friend class MemoryMedium;

  std::array<Records, kAreaCount> areas_;
  std::array<uint64_t, kAreaCount> last_numbers_ = {};  // that were given; of the numbered areas
  std::map<std::string, std::string, std::less<>> blobs_;
  std::vector<MemoryMedium*> opened_by_;
  const MemoryMedium* merges_ = nullptr;  // the one that was granted to
  bool is_destroyed_ = false;
};

class MemoryMedium final : public Medium {
 public:
  explicit MemoryMedium(std::shared_ptr<MemoryMediumData> data);
  ~MemoryMedium() override;

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override;
  Task<Result<CommitOutcome>> commit(MediumBatch batch) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<bool> begin_merging() override;
  void end_merging() override;
  void on_foreign_commit(std::function<void(uint64_t)> listener) override;
  void close() override;
  Task<Result<void>> destroy() override;

 private:
  Result<void> check_open() const;
  void tell_others(uint64_t log_number);

  std::shared_ptr<MemoryMediumData> data_;
  std::function<void(uint64_t)> listener_;
  bool is_closed_ = false;
};

}  // namespace couchlet

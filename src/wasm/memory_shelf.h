// The attachments of a database in memory: kept by JavaScript, so that they neither go through the
// module's memory nor make it grow.
//
// A shelf belongs to a MemoryMediumData; ShelfMedium is a MemoryMedium whose blobs are on a shelf.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/memory_medium.h"

namespace couchlet {

class MemoryShelf {
 public:
  MemoryShelf();
  ~MemoryShelf();
  MemoryShelf(const MemoryShelf&) = delete;
  MemoryShelf& operator=(const MemoryShelf&) = delete;

  // Whether it was not there before.
  bool put(const BlobPut& blob);
  void erase(const std::string& key);
  Task<Result<std::optional<std::string>>> read(std::string key, uint64_t offset, uint64_t length);
};

class ShelfMedium final : public Medium {
 public:
  ShelfMedium(std::shared_ptr<MemoryMediumData> data, std::shared_ptr<MemoryShelf> shelf);
  ~ShelfMedium() override;

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override {
    return medium_.read(area, first, last, limit);
  }
  Task<Result<CommitOutcome>> commit(MediumBatch batch) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override {
    return shelf_->read(std::move(key), offset, length);
  }
  Task<bool> begin_merging() override { return medium_.begin_merging(); }
  void end_merging() override { medium_.end_merging(); }
  void on_foreign_commit(std::function<void(uint64_t)> listener) override {
    medium_.on_foreign_commit(std::move(listener));
  }
  void close() override { medium_.close(); }
  Task<Result<void>> destroy() override { return medium_.destroy(); }

 private:
  MemoryMedium medium_;
  std::shared_ptr<MemoryShelf> shelf_;
};

}  // namespace couchlet

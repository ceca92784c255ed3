// A medium that notes how many bytes are written into each of its areas.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/medium.h"

namespace couchlet::bench {

using WrittenBytes = std::array<uint64_t, kAreaCount>;  // by Area

class CountingMedium final : public Medium {
 public:
  // `written` must outlive the medium.
  CountingMedium(std::unique_ptr<Medium> medium, WrittenBytes& written)
      : medium_(std::move(medium)), written_(written) {}

  Task<Result<CommitOutcome>> commit(MediumBatch batch) override {
    if (batch.numbered) count(batch.numbered->area, batch.numbered->bytes);
    for (const auto& put : batch.puts) count(put.area, put.bytes);
    return medium_->commit(std::move(batch));
  }

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override {
    return medium_->read(area, first, last, limit);
  }
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override {
    return medium_->read_blob(std::move(key), offset, length);
  }
  Task<bool> begin_merging() override { return medium_->begin_merging(); }
  void end_merging() override { medium_->end_merging(); }
  void on_foreign_commit(std::function<void(uint64_t)> listener) override {
    medium_->on_foreign_commit(std::move(listener));
  }
  void close() override { medium_->close(); }
  Task<Result<void>> destroy() override { return medium_->destroy(); }

 private:
  void count(Area area, const std::string& bytes) {
    written_[static_cast<size_t>(area)] += bytes.size();
  }

  std::unique_ptr<Medium> medium_;
  WrittenBytes& written_;
};

}  // namespace couchlet::bench

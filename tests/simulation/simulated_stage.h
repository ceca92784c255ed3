// SimulatedStage: an AttachmentStage in the memory of a context, for its SimulatedMedia to commit
// from.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "replicate/attachment_stage.h"
#include "simulated_medium.h"

namespace couchlet {

class SimulatedStage final : public AttachmentStage {
 public:
  explicit SimulatedStage(std::shared_ptr<StagedPieces> staged) : staged_(std::move(staged)) {}

  uint32_t begin() override {
    const uint32_t number = ++staged_->last_number;
    staged_->by_number[number];
    return number;
  }
  void append(uint32_t number, std::string_view bytes) override {
    staged_->by_number[number].append(bytes);
  }
  void release(uint32_t number) override { staged_->by_number.erase(number); }

 private:
  const std::shared_ptr<StagedPieces> staged_;
};

}  // namespace couchlet

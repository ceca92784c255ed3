// SimulatedStage: an AttachmentStage in the memory of a context, for the SimulatedMedium of the
// same connection to commit from.
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
  explicit SimulatedStage(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  uint32_t begin() override {
    const uint32_t number = ++connection_->last_staged;
    connection_->staged[number];
    return number;
  }
  void append(uint32_t number, std::string_view bytes) override {
    connection_->staged[number].append(bytes);
  }
  void release(uint32_t number) override { connection_->staged.erase(number); }

 private:
  const std::shared_ptr<Connection> connection_;
};

}  // namespace couchlet

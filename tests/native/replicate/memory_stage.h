// An AttachmentStage in memory, that tells what it holds and has held.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "replicate/attachment_stage.h"

namespace couchlet {

class MemoryStage : public AttachmentStage {
 public:
  uint32_t begin() override {
    staged_[++last_number_];
    return last_number_;
  }
  void append(uint32_t number, std::string_view bytes) override { staged_[number].append(bytes); }
  void release(uint32_t number) override { staged_.erase(number); }

  std::optional<std::string> find(uint32_t number) const {
    const auto found = staged_.find(number);
    return found == staged_.end() ? std::nullopt : std::optional(found->second);
  }
  size_t size() const { return staged_.size(); }
  uint32_t count() const { return last_number_; }  // of all that there have been

 private:
  std::map<uint32_t, std::string> staged_;
  uint32_t last_number_ = 0;
};

}  // namespace couchlet

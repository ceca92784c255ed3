// A changes feed by a function of JavaScript's, and which filter a call asks for.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/change_filter.h"

namespace couchlet {

class ScriptFilter final : public ChangeFilter {
 public:
  // `number`: what js/engine.js keeps it under.
  explicit ScriptFilter(uint32_t number) : number_(number) {}

  Result<std::vector<bool>> passing(const std::vector<std::string_view>& documents) override;
  bool has_failed() const override { return has_failed_; }

 private:
  const uint32_t number_;
  bool has_failed_ = false;
};

// The filter that a call's options ask for, in JSON: by "filter_function", a number, or else by
// "selector". Null where they have neither. Errors: as Selector::parse().
Result<std::shared_ptr<ChangeFilter>> filter_of(std::string_view options);

}  // namespace couchlet

// A changes feed by selector: filter=_selector.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "document/change_filter.h"
#include "query/selector.h"

namespace couchlet {

class SelectorFilter final : public ChangeFilter {
 public:
  explicit SelectorFilter(Selector selector) : selector_(std::move(selector)) {}

  // Errors: as Selector::parse().
  static Result<std::shared_ptr<ChangeFilter>> parse(std::string_view selector_json,
                                                     RegexMatcher& regexes);

  Result<std::vector<bool>> passing(const std::vector<std::string_view>& documents) override;

 private:
  const Selector selector_;
};

}  // namespace couchlet

// $regex of selectors, by JavaScript's RegExp.
#pragma once

#include "query/regex_matcher.h"

namespace couchlet {

class ScriptRegexMatcher final : public RegexMatcher {
 public:
  Result<std::shared_ptr<const Regex>> compile(std::string_view pattern) override;
};

}  // namespace couchlet

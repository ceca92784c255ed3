// Regular expressions, which the engine leaves to whoever has them: JavaScript in a browser.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace couchlet {

class Regex {
 public:
  virtual ~Regex() = default;
  // Whether it is found anywhere in the text.
  virtual bool matches(std::string_view utf8) const = 0;
};

class RegexMatcher {
 public:
  virtual ~RegexMatcher() = default;
  // The error says what is wrong with the pattern.
  virtual Result<std::shared_ptr<const Regex>> compile(std::string_view pattern) = 0;
};

}  // namespace couchlet

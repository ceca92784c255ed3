// A double of JavaScript's RegExp: literal characters, '.', '*' after one of these, '^' and '$'
// (Kernighan's matcher). A pattern that begins with '*' is an error.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "query/regex_matcher.h"

namespace couchlet {

class PlainRegex final : public Regex {
 public:
  explicit PlainRegex(std::string_view pattern) : pattern_(pattern) {}

  bool matches(std::string_view text) const override {
    const std::string_view pattern = pattern_;
    if (pattern.starts_with('^')) return matches_here(pattern.substr(1), text);
    for (size_t i = 0; i <= text.size(); ++i) {
      if (matches_here(pattern, text.substr(i))) return true;
    }
    return false;
  }

 private:
  static bool matches_here(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return true;
    if (pattern.size() > 1 && pattern[1] == '*') {
      for (size_t i = 0;; ++i) {
        if (matches_here(pattern.substr(2), text.substr(i))) return true;
        if (i == text.size() || !is_one(pattern[0], text[i])) return false;
      }
    }
    if (pattern == "$") return text.empty();
    return !text.empty() && is_one(pattern[0], text[0]) &&
           matches_here(pattern.substr(1), text.substr(1));
  }
  static bool is_one(char pattern, char character) {
    return pattern == '.' || pattern == character;
  }

  std::string pattern_;
};

class PlainRegexMatcher final : public RegexMatcher {
 public:
  Result<std::shared_ptr<const Regex>> compile(std::string_view pattern) override {
    if (pattern.starts_with('*')) return errors::bad_request("nothing to repeat");
    return std::shared_ptr<const Regex>(std::make_shared<PlainRegex>(pattern));
  }
};

}  // namespace couchlet

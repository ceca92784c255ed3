#include "query/selector_filter.h"

#include <utility>

namespace couchlet {

Result<std::shared_ptr<ChangeFilter>> SelectorFilter::parse(std::string_view selector_json,
                                                            RegexMatcher& regexes) {
  TRY_ASSIGN(Selector selector, Selector::parse(selector_json, regexes));
  return std::shared_ptr<ChangeFilter>(std::make_shared<SelectorFilter>(std::move(selector)));
}

Result<std::vector<bool>> SelectorFilter::passing(const std::vector<std::string_view>& documents) {
  std::vector<bool> passes;
  passes.reserve(documents.size());
  for (const std::string_view document : documents) {
    TRY_ASSIGN(const JsonValue value, parse_json_value(document));
    passes.push_back(selector_.matches(value));
  }
  return passes;
}

}  // namespace couchlet

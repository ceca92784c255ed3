// A selector and, on the lines after it, a document. Any bytes may be refused, none may crash; and
// what is not not so is so, alone and among others.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz_target.h"
#include "query/plain_regex.h"
#include "query/selector.h"

namespace couchlet {
namespace {

bool matches(const std::string& selector, const JsonValue& document) {
  PlainRegexMatcher regexes;
  const auto parsed = Selector::parse(selector, regexes);
  require(parsed.ok(), "a selector is one within another");
  return parsed->matches(document);
}

void compare(std::string_view text, std::string_view document_text) {
  PlainRegexMatcher regexes;
  const auto selector = Selector::parse(text, regexes);
  if (!selector.ok()) {
    require(selector.error().status == 400 && !selector.error().reason.empty(), "an error of 400");
    return;
  }
  const auto document = parse_json_value(document_text);
  if (!document.ok()) return;
  const bool is_match = selector->matches(*document);
  const std::string inner(text);
  if (inner.size() > 400) return;  // may be as deep as a text can be
  require(matches("{\"$not\":{\"$not\":" + inner + "}}", *document) == is_match, "not not");
  require(matches("{\"$and\":[{}," + inner + "]}", *document) == is_match, "and");
  require(matches("{\"$nor\":[{\"$not\":" + inner + "}]}", *document) == is_match, "nor not");
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = couchlet::view_of(data, size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  couchlet::compare(input.substr(0, line), input.substr(line + 1));
  return 0;
}

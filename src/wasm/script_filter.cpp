#include "wasm/script_filter.h"

#include <string>

#include "json/json_reader.h"
#include "query/selector_filter.h"
#include "wasm/script_regex.h"
#include "wasm/text_from_js.h"

extern "C" {
// script_filter.library.js. Writes 1 or 0 for each document of the array; answers 0, or with the
// number of a text that tells why it could not.
uint32_t couchlet_filter(uint32_t filter, const char* documents, size_t length, uint8_t* passes);
}

namespace couchlet {

Result<std::vector<bool>> ScriptFilter::passing(const std::vector<std::string_view>& documents) {
  std::string text = "[";
  for (const std::string_view document : documents) {
    if (text.size() > 1) text.push_back(',');
    text.append(document);
  }
  text.push_back(']');
  std::vector<uint8_t> passes(documents.size());
  const uint32_t problem = couchlet_filter(number_, text.data(), text.size(), passes.data());
  has_failed_ = problem != 0;
  if (has_failed_) return errors::bad_request(take_text(problem));
  return std::vector<bool>(passes.begin(), passes.end());
}

Result<std::shared_ptr<ChangeFilter>> filter_of(std::string_view options) {
  uint64_t function = 0;
  std::string_view selector;
  if (options.empty()) return std::shared_ptr<ChangeFilter>();
  JsonReader reader(options);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    const bool is_given = reader.peek() != JsonReader::Type::kNull;
    if (name == "filter_function" && is_given) {
      reader.read_uint64(function);
    } else if (name == "selector" && is_given) {
      reader.read_raw(selector);
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end()) return reader.error();
  if (function != 0) {
    return std::shared_ptr<ChangeFilter>(
        std::make_shared<ScriptFilter>(static_cast<uint32_t>(function)));
  }
  if (selector.empty()) return std::shared_ptr<ChangeFilter>();
  ScriptRegexMatcher regexes;
  return SelectorFilter::parse(selector, regexes);
}

}  // namespace couchlet

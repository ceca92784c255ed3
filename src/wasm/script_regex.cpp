#include "wasm/script_regex.h"

#include <cstdint>

#include "wasm/text_from_js.h"

extern "C" {
// script_regex.library.js. The first answers with the regular expression's number, or with that of
// a text that tells what is wrong with it, negated.
int32_t couchlet_regex_compile(const char* pattern, size_t length);
int couchlet_regex_test(int32_t regex, const char* text, size_t length);
void couchlet_regex_forget(int32_t regex);
}

namespace couchlet {
namespace {

class ScriptRegex final : public Regex {
 public:
  explicit ScriptRegex(int32_t number) : number_(number) {}
  ScriptRegex(const ScriptRegex&) = delete;
  ScriptRegex& operator=(const ScriptRegex&) = delete;
  ~ScriptRegex() override { couchlet_regex_forget(number_); }

  bool matches(std::string_view utf8) const override {
    return couchlet_regex_test(number_, utf8.data(), utf8.size()) != 0;
  }

 private:
  const int32_t number_;
};

}  // namespace

Result<std::shared_ptr<const Regex>> ScriptRegexMatcher::compile(std::string_view pattern) {
  const int32_t number = couchlet_regex_compile(pattern.data(), pattern.size());
  if (number < 0) return errors::bad_request(take_text(static_cast<uint32_t>(-number)));
  return std::shared_ptr<const Regex>(std::make_shared<ScriptRegex>(number));
}

}  // namespace couchlet

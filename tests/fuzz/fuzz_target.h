// What every fuzz target is made of: libFuzzer's entry, a check that can't be compiled away, and a
// reader that makes numbers and texts of whatever bytes there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace couchlet {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "Not so: %s\n", what);
  std::abort();
}

inline std::string_view view_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

class FuzzInput {
 public:
  explicit FuzzInput(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  // 0 at the end.
  uint8_t take_byte() {
    const auto text = take(1);
    return text.empty() ? 0 : static_cast<uint8_t>(text.front());
  }
  // Fewer at the end.
  std::string_view take(size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  // With a byte of length before it.
  std::string_view take_text() { return take(take_byte()); }
  std::string_view take_rest() { return take(bytes_.size()); }

 private:
  std::string_view bytes_;
};

}  // namespace couchlet

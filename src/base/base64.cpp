#include "base/base64.h"

#include <array>
#include <cstdint>

namespace couchlet {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kForeign = 64;  // the value of a character that isn't in the alphabet
constexpr uint32_t kForeignGroup = 1 << 24;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kForeign);
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  return values;
}

constexpr std::array<uint8_t, 256> kValues = make_values();

// Four characters as 24 bits, or kForeignGroup.
uint32_t group_of(const char* four) {
  uint32_t group = 0;
  uint32_t all = 0;
  for (int i = 0; i < 4; ++i) {
    const uint32_t value = kValues[static_cast<uint8_t>(four[i])];
    group = group << 6 | value;
    all |= value;
  }
  return all >= kForeign ? kForeignGroup : group;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  const auto byte = [&bytes](size_t i) -> uint32_t { return static_cast<uint8_t>(bytes[i]); };
  const auto write = [&out](uint32_t group, int characters) {
    for (int i = 0; i < characters; ++i) *out++ = kAlphabet[group >> (18 - 6 * i) & 63];
  };
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) write(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2), 4);
  if (bytes.size() - i == 2) write(byte(i) << 16 | byte(i + 1) << 8, 3);
  if (bytes.size() - i == 1) write(byte(i) << 16, 2);
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes(text.size() / 4 * 3 - padding, '\0');
  const auto write = [](char* out, uint32_t group, size_t count) {
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<char>(group >> (16 - 8 * i));
  };

  const size_t whole = text.size() / 4 - (padding > 0 ? 1 : 0);
  for (size_t i = 0; i < whole; ++i) {
    const uint32_t group = group_of(text.data() + 4 * i);
    if (group == kForeignGroup) return std::nullopt;
    write(bytes.data() + 3 * i, group, 3);
  }
  if (padding > 0) {
    char last[4] = {'A', 'A', 'A', 'A'};
    text.copy(last, 4 - padding, 4 * whole);
    const uint32_t group = group_of(last);
    const uint32_t left_over = padding == 1 ? 0xff : 0xffff;
    if (group & (kForeignGroup | left_over)) return std::nullopt;
    write(bytes.data() + 3 * whole, group, 3 - padding);
  }
  return bytes;
}

}  // namespace couchlet

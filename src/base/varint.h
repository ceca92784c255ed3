// Variable-length integers: seven bits a byte, low bits first, the top bit set on all but the last
// byte (LEB128, as LevelDB and protocol buffers write them). 0..127 take one byte, 2^64 - 1 ten.
//
// A number has one spelling that put_varint writes; get_varint also reads a longer one (padded with
// zero bits) of at most ten bytes, and refuses what does not fit into 64 bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace couchlet {

void put_varint(std::string& out, uint64_t value);

// Takes a varint of more than one byte, or none, off the front of `in`.
[[nodiscard]] bool get_long_varint(std::string_view& in, uint64_t& value);

// Takes a varint off the front of `in`. False, with `in` and `value` as they were, where `in` ends
// too early or the number is too large. Most are of one byte: that case is inlined.
[[nodiscard]] inline bool get_varint(std::string_view& in, uint64_t& value) {
  if (in.empty() || static_cast<uint8_t>(in.front()) >= 0x80) return get_long_varint(in, value);
  value = static_cast<uint8_t>(in.front());
  in.remove_prefix(1);
  return true;
}

// A byte string with its length in front.
void put_length_prefixed(std::string& out, std::string_view bytes);

// `bytes` points into `in`. False, with both as they were, where `in` ends too early.
[[nodiscard]] bool get_length_prefixed(std::string_view& in, std::string_view& bytes);

}  // namespace couchlet

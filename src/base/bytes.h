// Integers of a fixed width in a byte string: little-endian for our own formats (as LevelDB),
// big-endian where the order of the bytes has to be the order of the numbers (keys) or where a
// foreign format asks for it (Erlang terms).
//
// put_* appends. get_* takes the integer off the front of `in`; where `in` is too short it
// returns false and leaves both as they were. Compilers make one load or store of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace couchlet {

// REQUIRES: sizeof(Integer) bytes at `bytes`.
template <typename Integer>
Integer load_little_endian(const char* bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(static_cast<Integer>(static_cast<uint8_t>(bytes[i])) << (8 * i));
  }
  return value;
}

template <typename Integer>
void store_little_endian(char* bytes, Integer value) {
  for (size_t i = 0; i < sizeof(Integer); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

template <typename Integer>
Integer load_big_endian(const char* bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    const size_t shift = 8 * (sizeof(Integer) - 1 - i);
    value |= static_cast<Integer>(static_cast<Integer>(static_cast<uint8_t>(bytes[i])) << shift);
  }
  return value;
}

template <typename Integer>
void store_big_endian(char* bytes, Integer value) {
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(Integer) - 1 - i)));
  }
}

namespace bytes_detail {

template <auto store, typename Integer>
void put(std::string& out, Integer value) {
  char bytes[sizeof(Integer)];
  store(bytes, value);
  out.append(bytes, sizeof(Integer));
}

template <auto load, typename Integer>
bool get(std::string_view& in, Integer& value) {
  if (in.size() < sizeof(Integer)) return false;
  value = load(in.data());
  in.remove_prefix(sizeof(Integer));
  return true;
}

}  // namespace bytes_detail

inline void put_u32le(std::string& out, uint32_t value) {
  bytes_detail::put<store_little_endian<uint32_t>>(out, value);
}
inline void put_u64le(std::string& out, uint64_t value) {
  bytes_detail::put<store_little_endian<uint64_t>>(out, value);
}
inline void put_u16be(std::string& out, uint16_t value) {
  bytes_detail::put<store_big_endian<uint16_t>>(out, value);
}
inline void put_u32be(std::string& out, uint32_t value) {
  bytes_detail::put<store_big_endian<uint32_t>>(out, value);
}
inline void put_u64be(std::string& out, uint64_t value) {
  bytes_detail::put<store_big_endian<uint64_t>>(out, value);
}

inline bool get_u32le(std::string_view& in, uint32_t& value) {
  return bytes_detail::get<load_little_endian<uint32_t>>(in, value);
}
inline bool get_u64le(std::string_view& in, uint64_t& value) {
  return bytes_detail::get<load_little_endian<uint64_t>>(in, value);
}
inline bool get_u16be(std::string_view& in, uint16_t& value) {
  return bytes_detail::get<load_big_endian<uint16_t>>(in, value);
}
inline bool get_u32be(std::string_view& in, uint32_t& value) {
  return bytes_detail::get<load_big_endian<uint32_t>>(in, value);
}
inline bool get_u64be(std::string_view& in, uint64_t& value) {
  return bytes_detail::get<load_big_endian<uint64_t>>(in, value);
}

}  // namespace couchlet

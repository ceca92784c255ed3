// Erlang's external term format, as much of it as revision ids need: what
// term_to_binary(Term, [{minor_version, 1}]) writes, without the version byte 131 in front.
//
//   integer 0..255       97 u8                      nil, the empty list   106
//   other 32-bit integer 98 i32be                   list   108 count u32be, elements, 106
//   integer, <256 bytes  110 size u8, sign u8,      list of bytes, 1..65,535 long
//                        magnitude little-endian           107 count u16be, bytes
//   larger integer       111 size u32be, …          binary 109 size u32be, bytes
//   float                70 f64be                   tuple  104 arity u8, elements
//   atom                 100 size u16be, name
//
// CouchDB's JSON: {Object} is a one-tuple of a list of {Key, Value}, an array a list, a string a
// binary, true, false and null atoms. JSON text is encoded by term_encoder.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace couchlet {

enum class ErlangTag : uint8_t {
  kFloat = 70,
  kSmallInteger = 97,
  kInteger = 98,
  kAtom = 100,
  kSmallTuple = 104,
  kNil = 106,
  kString = 107,
  kList = 108,
  kBinary = 109,
  kSmallBig = 110,
  kLargeBig = 111,
};

inline constexpr uint8_t kErlangTermVersion = 131;

void append_erlang_atom(std::string& out, std::string_view name);  // REQUIRES: at most 255 bytes
void append_erlang_integer(std::string& out, uint64_t value);
void append_erlang_binary(std::string& out, std::string_view bytes);
void append_erlang_tuple(std::string& out, uint8_t arity);  // the elements follow

// A list of `count` elements: they follow, then append_erlang_nil(). The empty list is nil alone.
// REQUIRES: count > 0, and not all elements are integers below 256.
void append_erlang_list(std::string& out, uint32_t count);
void append_erlang_nil(std::string& out);

}  // namespace couchlet

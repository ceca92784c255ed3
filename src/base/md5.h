// MD5, RFC 1321: what CouchDB makes revision ids and attachment digests of. It protects nothing.
//
// Md5 takes the bytes in pieces of any size, so that an attachment is never whole in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace couchlet {

using Md5Digest = std::array<uint8_t, 16>;

class Md5 {
 public:
  void update(std::string_view bytes);

  // The digest of all bytes so far. The object is used up.
  Md5Digest finish();

 private:
  static constexpr size_t kBlockSize = 64;
  using State = std::array<uint32_t, 4>;

  static void add_blocks(State& state, const char* blocks, size_t count);

  State state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<char, kBlockSize> pending_;  // the bytes that don't make a block yet
  uint64_t length_ = 0;                   // of all bytes; its remainder is what is pending
};

Md5Digest md5(std::string_view bytes);

}  // namespace couchlet

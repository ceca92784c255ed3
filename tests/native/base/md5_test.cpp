#include "base/md5.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace couchlet {

namespace {

std::string hex(const Md5Digest& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

// RFC 1321, appendix A.5.
TEST(Md5, hashes_the_test_suite_of_rfc_1321) {
  EXPECT_EQ(hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(md5("a")), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex(md5("abcdefghijklmnopqrstuvwxyz")), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(hex(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(hex(md5("1234567890123456789012345678901234567890"
                    "1234567890123456789012345678901234567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
}

// A million times "a": the multi-block vector that the SHA standards use, hashed by md5sum.
TEST(Md5, hashes_a_million_bytes) {
  EXPECT_EQ(hex(md5(std::string(1'000'000, 'a'))), "7707d6ae4e027c70eea2a935c2296f21");
}

TEST(Md5, pieces_of_any_size_hash_as_the_whole_around_every_block_boundary) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) bytes.push_back(static_cast<char>(i * 7));
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const std::string_view whole = std::string_view(bytes).substr(0, length);
    const Md5Digest expected = md5(whole);
    for (const size_t piece : {1u, 3u, 63u, 64u, 65u, 128u}) {
      Md5 hash;
      for (size_t at = 0; at < length; at += piece) hash.update(whole.substr(at, piece));
      hash.update("");
      EXPECT_EQ(hash.finish(), expected) << length << " bytes by " << piece;
    }
  }
}

}  // namespace couchlet

#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace couchlet {

// RFC 3720, appendix B.4; its CRCs are printed byte by byte, the first byte the lowest.
TEST(Crc32c, sums_the_vectors_of_rfc_3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending;
  std::string descending;
  for (int i = 0; i < 32; ++i) {
    ascending.push_back(static_cast<char>(i));
    descending.push_back(static_cast<char>(31 - i));
  }
  EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
  EXPECT_EQ(crc32c(descending), 0x113fdb5cu);
  const unsigned char read_command[48] = {
      0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
      0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_EQ(crc32c({reinterpret_cast<const char*>(read_command), 48}), 0xd9963a56u);
}

TEST(Crc32c, sums_the_check_value_of_the_catalogue) { EXPECT_EQ(crc32c("123456789"), 0xe3069283u); }

TEST(Crc32c, of_nothing_is_zero) { EXPECT_EQ(crc32c(""), 0u); }

TEST(Crc32c, goes_on_where_an_earlier_sum_has_ended) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 11));
  const std::string_view whole = bytes;
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))), crc32c(whole));
  }
}

TEST(Crc32c, tells_every_single_changed_bit) {
  std::string bytes(70, 'x');
  const uint32_t sum = crc32c(bytes);
  for (char& byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const char before = byte;
      byte = static_cast<char>(byte ^ 1 << bit);
      EXPECT_NE(crc32c(bytes), sum);
      byte = before;
    }
  }
}

}  // namespace couchlet

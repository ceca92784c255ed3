#include "document/revision.h"

#include <gtest/gtest.h>

#include <string>

namespace couchlet {
namespace {

constexpr const char* kHex = "825cb35de44c433bfb2df415563a19de";

Revision parsed(std::string_view text) { return Revision::parse(text).value(); }

TEST(Revision, reads_and_writes_what_couchdb_writes) {
  const Revision revision = parsed(std::string("3-") + kHex);
  EXPECT_EQ(revision.generation(), 3u);
  EXPECT_EQ(revision.hash_text(), kHex);
  EXPECT_EQ(revision.text(), std::string("3-") + kHex);
}

TEST(Revision, keeps_32_hex_digits_as_16_raw_bytes) {
  EXPECT_EQ(
      parsed("1-000102030405060708090a0b0c0d0eff").hash_bytes(),
      std::string_view("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff", 16));
}

TEST(Revision, reads_upper_case_digits_as_lower_case) {
  EXPECT_EQ(parsed("1-825CB35DE44C433BFB2DF415563A19DE").hash_text(), kHex);
}

TEST(Revision, keeps_any_other_hash_as_its_text) {
  const std::string long_hash(64, 'f');
  for (const std::string& hash : {std::string("x"), std::string("a-b"), std::string("ABC"),
                                  std::string(31, 'a'), std::string(33, 'a'), long_hash}) {
    const Revision revision = parsed("12-" + hash);
    EXPECT_EQ(revision.hash_bytes(), hash);
    EXPECT_EQ(revision.text(), "12-" + hash);
  }
}

TEST(Revision, a_hash_of_16_characters_is_the_bytes_of_32_digits_as_in_couchdb) {
  const Revision revision = parsed("1-abcdefghijklmnop");
  EXPECT_EQ(revision.text(), "1-6162636465666768696a6b6c6d6e6f70");
  EXPECT_EQ(revision, parsed("1-6162636465666768696a6b6c6d6e6f70"));
}

TEST(Revision, what_is_not_a_revision_is_a_bad_request) {
  const std::string max = std::to_string(Revision::kMaxGeneration);
  const std::string over_max = std::to_string(Revision::kMaxGeneration + 1);
  EXPECT_TRUE(Revision::parse(max + "-x").ok());
  for (const std::string& text : {std::string(),
                                  std::string("-"),
                                  std::string("1"),
                                  std::string("1-"),
                                  std::string("-x"),
                                  std::string("0-x"),
                                  std::string("-1-x"),
                                  std::string("+1-x"),
                                  std::string(" 1-x"),
                                  std::string("1 -x"),
                                  std::string("1.0-x"),
                                  std::string("x-1"),
                                  over_max + "-x",
                                  std::string("18446744073709551617-x"),
                                  "1-" + std::string(32, 'g'),
                                  std::string("1-a\"b"),
                                  std::string("1-a\\b"),
                                  std::string("1-a b"),
                                  std::string("1-a\nb"),
                                  std::string("1-\x7f"),
                                  std::string("1-\xc3\xa9"),
                                  std::string("1-a\0b", 5)}) {
    const Result<Revision> revision = Revision::parse(text);
    ASSERT_FALSE(revision.ok()) << text;
    EXPECT_EQ(revision.error(), errors::bad_request("Invalid rev format")) << text;
  }
}

TEST(Revision, is_made_of_a_generation_and_a_hash_as_they_stand_in_revisions) {
  EXPECT_EQ(Revision::from_hash(7, kHex).value(), parsed(std::string("7-") + kHex));
  EXPECT_EQ(Revision::from_hash(7, "x").value(), parsed("7-x"));
  EXPECT_FALSE(Revision::from_hash(0, kHex).ok());
  EXPECT_FALSE(Revision::from_hash(1, "").ok());
}

TEST(Revision, is_ordered_by_generation_and_then_by_the_bytes_of_its_hash) {
  EXPECT_LT(parsed("9-b"), parsed("10-a"));
  EXPECT_LT(parsed("1-a"), parsed("1-b"));
  EXPECT_LT(parsed("1-a"), parsed("1-aa"));
  // Raw bytes, unsigned: 0x80 comes after 0x7f, and 0x61 is the text "a".
  EXPECT_LT(parsed("1-7fffffffffffffffffffffffffffffff"),
            parsed("1-80000000000000000000000000000000"));
  EXPECT_LT(parsed("1-60ffffffffffffffffffffffffffffff"), parsed("1-a"));
  EXPECT_LT(parsed("1-a"), parsed("1-62000000000000000000000000000000"));
  EXPECT_NE(parsed("1-a"), parsed("2-a"));
  EXPECT_NE(parsed("1-a"), parsed("1-b"));
}

TEST(Revision, a_copy_outlives_what_it_was_copied_from) {
  Revision copy = parsed("1-short");
  {
    const Revision text = parsed("2-a-hash-that-is-neither-16-nor-32-long");
    copy = text;
  }
  EXPECT_EQ(copy.hash_bytes(), "a-hash-that-is-neither-16-nor-32-long");
  const Revision moved = std::move(copy);
  EXPECT_EQ(moved.text(), "2-a-hash-that-is-neither-16-nor-32-long");
}

}  // namespace
}  // namespace couchlet

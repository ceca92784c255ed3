#include "json/erlang_term.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace couchlet {

namespace {

std::string integer(uint64_t value) {
  std::string out;
  append_erlang_integer(out, value);
  return to_hex(out);
}

}  // namespace

// What Erlang's term_to_binary writes for these, behind its version byte.
TEST(ErlangTerm, integers_take_the_least_form_that_holds_them) {
  EXPECT_EQ(integer(0), "6100");
  EXPECT_EQ(integer(255), "61ff");
  EXPECT_EQ(integer(256), "6200000100");
  EXPECT_EQ(integer(0x7fffffff), "627fffffff");
  EXPECT_EQ(integer(0x80000000), "6e040000000080");
  EXPECT_EQ(integer(0x100000000), "6e05000000000001");
  EXPECT_EQ(integer(~0ULL), "6e0800ffffffffffffffff");
}

TEST(ErlangTerm, the_list_of_a_first_revision_of_an_empty_document) {
  std::string out;
  append_erlang_list(out, 5);
  append_erlang_atom(out, "false");
  append_erlang_integer(out, 0);
  append_erlang_integer(out, 0);
  append_erlang_tuple(out, 1);
  append_erlang_nil(out);
  append_erlang_nil(out);
  append_erlang_nil(out);
  EXPECT_EQ(to_hex(out),
            "6c00000005"
            "64000566616c7365"
            "6100"
            "6100"
            "68016a"
            "6a"
            "6a");
}

TEST(ErlangTerm, a_binary_has_its_size_in_front) {
  std::string out;
  append_erlang_binary(out, "");
  append_erlang_binary(out, "ab");
  EXPECT_EQ(to_hex(out),
            "6d00000000"
            "6d000000026162");
}

}  // namespace couchlet

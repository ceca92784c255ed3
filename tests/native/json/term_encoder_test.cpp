#include "json/term_encoder.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "json/json_value_scanner.h"

namespace couchlet {

namespace {

// The term of a value in hexadecimal, or "" where the scan fails.
std::string term(std::string_view json) {
  JsonLexer lexer(json);
  JsonNesting nesting;
  TermEncoder encoder(0);
  if (!scan_json_value(lexer, nesting, encoder) || !lexer.at_end()) return "";
  return to_hex(encoder.finish());
}

std::string binary(std::string_view text) {
  std::string out;
  append_erlang_binary(out, text);
  return to_hex(out);
}

// A member with an integer 0..255.
std::string member(std::string_view key, std::string_view value) {
  return "6802" + binary(key) + "61" + std::string(value);
}

std::string bytes_list(size_t count, std::string_view last) {
  std::string json = "[";
  for (size_t i = 1; i < count; ++i) json += "7,";
  return json + std::string(last) + "]";
}

}  // namespace

TEST(TermEncoder, literals_are_atoms) {
  EXPECT_EQ(term("true"), "64000474727565");
  EXPECT_EQ(term("false"), "64000566616c7365");
  EXPECT_EQ(term("null"), "6400046e756c6c");
}

TEST(TermEncoder, integers_take_the_least_form_that_holds_them) {
  EXPECT_EQ(term("0"), "6100");
  EXPECT_EQ(term("-0"), "6100");
  EXPECT_EQ(term("255"), "61ff");
  EXPECT_EQ(term("256"), "6200000100");
  EXPECT_EQ(term("-1"), "62ffffffff");
  EXPECT_EQ(term("2147483647"), "627fffffff");
  EXPECT_EQ(term("-2147483648"), "6280000000");
  EXPECT_EQ(term("2147483648"), "6e040000000080");
  EXPECT_EQ(term("-2147483649"), "6e040101000080");
  EXPECT_EQ(term("4294967296"), "6e05000000000001");
  EXPECT_EQ(term("999999999999999999"), "6e0800ffff63a7b3b6e00d");
  EXPECT_EQ(term("1000000000000000000"), "6e0800000064a7b3b6e00d");
  EXPECT_EQ(term("9223372036854775808"), "6e08000000000000000080");
  EXPECT_EQ(term("18446744073709551615"), "6e0800ffffffffffffffff");
  EXPECT_EQ(term("-18446744073709551616"), "6e0901000000000000000001");
}

// 2^2040 - 1 has 255 bytes, 2^2040 one more.
TEST(TermEncoder, an_integer_of_more_than_255_bytes_has_a_size_of_four_bytes) {
  const std::string digits =
      "126238304966058622268417487065116999845484776053576109500509161826268184136202698801551568"
      "013761380717534054534851164138648904527931605160527688095259563605939964364716019515983399"
      "209962459578542172100149937763938581219604072733422507180056009672540900709554109516816573"
      "779593326332288314873251559077853068444977864803391962580800682760017849589281937637993445"
      "539366428356761821065267423102149447628375691862210717202025241630303118559188678304314076"
      "943801692528246980959705901641444238894928620825482303431806955690226308773426829503900930"
      "52939518120873959196719584153605314314577530705059432888107755316820154777";
  std::string magnitude;
  for (int i = 0; i < 255; ++i) magnitude += "ff";
  EXPECT_EQ(term(digits + "5"), "6eff00" + magnitude);
  EXPECT_EQ(term("-" + digits + "5"), "6eff01" + magnitude);
  EXPECT_EQ(term(digits + "6"), "6f0000010000" + std::string(2 * 255, '0') + "01");
  EXPECT_EQ(term("-" + digits + "6"), "6f0000010001" + std::string(2 * 255, '0') + "01");
}

TEST(TermEncoder, an_integer_is_refused_only_where_it_would_take_ages) {
  EXPECT_NE(term(std::string(kMaxEncodedDigits, '9')), "");
  EXPECT_NE(term("-" + std::string(kMaxEncodedDigits, '9')), "");
  EXPECT_EQ(term(std::string(kMaxEncodedDigits + 1, '9')), "");
}

TEST(TermEncoder, numbers_with_a_fraction_or_an_exponent_are_floats) {
  EXPECT_EQ(term("1.0"), "463ff0000000000000");
  EXPECT_EQ(term("1e0"), "463ff0000000000000");
  EXPECT_EQ(term("-1.5"), "46bff8000000000000");
  EXPECT_EQ(term("0.0"), "460000000000000000");
  EXPECT_EQ(term("-0.0"), "468000000000000000");
  EXPECT_EQ(term("1e3"), "46408f400000000000");
  EXPECT_EQ(term("0.1"), "463fb999999999999a");
  EXPECT_EQ(term("5e-324"), "460000000000000001");
  EXPECT_EQ(term("1e400"), "");
  EXPECT_EQ(term("[0,-1e400]"), "");
}

TEST(TermEncoder, strings_are_binaries_of_what_they_stand_for) {
  EXPECT_EQ(term(R"("")"), binary(""));
  EXPECT_EQ(term(R"("ab")"), binary("ab"));
  EXPECT_EQ(term(R"("\u0000\n\/\u00e9\ud83d\ude00!")"),
            binary({"\0\n/\xc3\xa9\xf0\x9f\x98\x80!", 10}));
  const std::string kilobyte(1000, 'x');
  EXPECT_EQ(term('"' + kilobyte + '"'), binary(kilobyte));
  EXPECT_EQ(term("[\"" + kilobyte + "\",\"" + kilobyte + "\"]"),
            "6c00000002" + binary(kilobyte) + binary(kilobyte) + "6a");
}

TEST(TermEncoder, a_list_of_bytes_is_a_string) {
  EXPECT_EQ(term("[]"), "6a");
  EXPECT_EQ(term("[0]"), "6b000100");
  EXPECT_EQ(term("[1,2,255]"), "6b00030102ff");
  EXPECT_EQ(term("[-0]"), "6b000100");
  EXPECT_EQ(term("[[1],[2]]"),
            "6c00000002"
            "6b000101"
            "6b000102"
            "6a");
  EXPECT_EQ(term("[1,[2]]"),
            "6c00000002"
            "6101"
            "6b000102"
            "6a");
  EXPECT_EQ(term("[[2],1]"),
            "6c00000002"
            "6b000102"
            "6101"
            "6a");
}

TEST(TermEncoder, one_element_that_is_no_byte_makes_it_a_list) {
  EXPECT_EQ(term("[1,256]"),
            "6c00000002"
            "6101"
            "6200000100"
            "6a");
  EXPECT_EQ(term("[-1,1]"),
            "6c00000002"
            "62ffffffff"
            "6101"
            "6a");
  EXPECT_EQ(term("[1,1.0]"),
            "6c00000002"
            "6101"
            "463ff0000000000000"
            "6a");
  EXPECT_EQ(term("[1,\"\"]"),
            "6c00000002"
            "6101"
            "6d00000000"
            "6a");
  EXPECT_EQ(term("[1,null]"),
            "6c00000002"
            "6101"
            "6400046e756c6c"
            "6a");
  EXPECT_EQ(term("[1,[]]"),
            "6c00000002"
            "6101"
            "6a"
            "6a");
  EXPECT_EQ(term("[1,{}]"),
            "6c00000002"
            "6101"
            "68016a"
            "6a");
  EXPECT_EQ(term("[1,18446744073709551616]"),
            "6c00000002"
            "6101"
            "6e0900000000000000000001"
            "6a");
}

TEST(TermEncoder, a_string_has_at_most_65535_bytes) {
  EXPECT_EQ(term(bytes_list(65'535, "8")).substr(0, 8), "6bffff07");
  EXPECT_EQ(term(bytes_list(65'535, "8")).size(), 2 * (3 + 65'535u));
  EXPECT_EQ(term(bytes_list(65'536, "8")).substr(0, 14), "6c000100006107");
  EXPECT_EQ(term(bytes_list(65'536, "8")).size(), 2 * (5 + 2 * 65'536u + 1));
}

TEST(TermEncoder, an_object_is_a_tuple_of_a_list_of_pairs_in_their_order) {
  EXPECT_EQ(term("{}"), "68016a");
  EXPECT_EQ(term(R"({"b":1,"a":2})"),
            "68016c00000002" + member("b", "01") + member("a", "02") + "6a");
  EXPECT_EQ(term(R"({"o":{}})"),
            "68016c00000001"
            "6802" +
                binary("o") + "68016a" + "6a");
}

TEST(TermEncoder, of_equal_keys_the_last_one_counts_at_its_place) {
  EXPECT_EQ(term(R"({"a":1,"a":2})"), "68016c00000001" + member("a", "02") + "6a");
  EXPECT_EQ(term(R"({"a":1,"b":2,"a":3})"),
            "68016c00000002" + member("b", "02") + member("a", "03") + "6a");
  EXPECT_EQ(term(R"({"a":1,"b":2,"a":3,"b":4,"c":5})"),
            "68016c00000003" + member("a", "03") + member("b", "04") + member("c", "05") + "6a");
  EXPECT_EQ(term(R"({"a":[1,{"x":null}],"a":{"b":1,"b":2},"a":7})"),
            "68016c00000001" + member("a", "07") + "6a");
}

TEST(TermEncoder, keys_are_equal_by_what_they_stand_for) {
  EXPECT_EQ(term(R"({"a":1,"\u0061":2})"), "68016c00000001" + member("a", "02") + "6a");
  EXPECT_EQ(term("{\"\\u00e9\":1,\"\xc3\xa9\":2}"),
            "68016c00000001" + member("\xc3\xa9", "02") + "6a");
  EXPECT_EQ(term(R"({"":1,"\u0000":2,"":3})"),
            "68016c00000002" + member({"\0", 1}, "02") + member("", "03") + "6a");
}

TEST(TermEncoder, duplicates_are_removed_at_every_depth_and_only_among_siblings) {
  EXPECT_EQ(term(R"({"a":{"a":{"a":1,"a":2}}})"),
            "68016c00000001"
            "6802" +
                binary("a") +  //
                "68016c00000001"
                "6802" +
                binary("a") +  //
                "68016c00000001" + member("a", "02") +
                "6a"
                "6a"
                "6a");
  EXPECT_EQ(term(R"([{"k":1,"k":2},{"k":3}])"),
            "6c00000002"
            "68016c00000001" +
                member("k", "02") + "6a" + "68016c00000001" + member("k", "03") +
                "6a"
                "6a");
}

// More members than are compared one by one, and some keys many times.
TEST(TermEncoder, duplicates_are_removed_from_an_object_of_any_size) {
  for (const int count : {30, 33, 40, 300, 5000}) {
    std::string json = "{";
    std::string members;
    int distinct = 0;
    for (int i = 0; i < count; ++i) {
      const std::string key = "a long key with a number " + std::to_string(i % (count - 10));
      json += (i > 0 ? ",\"" : "\"") + key + "\":" + (i < 10 ? "1" : "2");
      if (i < 10) continue;  // the first ten keys come again at the end
      members += member(key, "02");
      ++distinct;
    }
    std::string head = "68016c";
    for (int shift = 24; shift >= 0; shift -= 8)
      head += to_hex(std::string(1, static_cast<char>(distinct >> shift)));
    EXPECT_EQ(term(json + "}"), head + members + "6a") << count;
  }
}

TEST(TermEncoder, one_key_a_thousand_times_counts_once) {
  std::string json = "{\"k\":0";
  for (int i = 1; i < 1000; ++i) json += ",\"k\":" + std::to_string(i % 256);
  EXPECT_EQ(term(json + "}"), "68016c00000001" + member("k", "e7") + "6a");
}

}  // namespace couchlet

#include "replicate/url.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

TEST(Url, all_but_the_unreserved_characters_are_percent_encoded) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" !\"#$%&'()*+,/:;=?@[]"),
            "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D");
  EXPECT_EQ(percent_encode(std::string_view("\0\x1f\x7f\xc3\xbc", 5)), "%00%1F%7F%C3%BC");
}

TEST(Url, an_id_is_one_segment_of_the_path_but_for_its_prefix) {
  EXPECT_EQ(document_path("a/b"), "a%2Fb");
  EXPECT_EQ(document_path("_design/a/b"), "_design/a%2Fb");
  EXPECT_EQ(document_path("_local/0123"), "_local/0123");
  EXPECT_EQ(document_path("x_design/a"), "x_design%2Fa");
}

TEST(Url, credentials_are_taken_out) {
  EXPECT_EQ(without_credentials("https://bob:p%40ss@host:5984/db"), "https://host:5984/db");
  EXPECT_EQ(without_credentials("https://bob:odd@pass@host/db"), "https://host/db");
  EXPECT_EQ(without_credentials("http://bob@host"), "http://host");
  EXPECT_EQ(without_credentials("http://host/a@b?c=d@e"), "http://host/a@b?c=d@e");
  EXPECT_EQ(without_credentials("no url @ all"), "no url @ all");
}

}  // namespace
}  // namespace couchlet

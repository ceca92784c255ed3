#include "replicate/calendar.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

TEST(Calendar, writes_dates_as_iso_8601_and_as_http_does) {
  EXPECT_EQ(iso_date(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110's example
  EXPECT_EQ(iso_date(1'709'208'000'250), "2024-02-29T12:00:00.250Z");
  EXPECT_EQ(http_date(1'709'208'000'250), "Thu, 29 Feb 2024 12:00:00 GMT");
}

TEST(Calendar, reads_a_date_in_the_three_ways_of_http) {
  EXPECT_EQ(parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT"), 1'445'412'480'000);
  EXPECT_EQ(parse_http_date("Wednesday, 21-Oct-15 07:28:00 GMT"), 1'445'412'480'000);
  EXPECT_EQ(parse_http_date("Wed Oct 21 07:28:00 2015"), 1'445'412'480'000);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), 784'111'777'000);
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 12:00:00 GMT"), 1'709'208'000'000);
}

TEST(Calendar, what_is_no_date_is_none) {
  for (const std::string_view text :
       {"", "17", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT and more", "Sun, 31 Feb 2024 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:61:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994 GMT"}) {
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
  }
}

TEST(Calendar, a_clock_before_1970_is_no_harm) {
  EXPECT_EQ(iso_date(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace couchlet

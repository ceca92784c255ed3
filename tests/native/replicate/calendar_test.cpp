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

TEST(Calendar, a_clock_before_1970_is_no_harm) {
  EXPECT_EQ(iso_date(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace couchlet

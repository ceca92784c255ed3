#include "replicate/calendar.h"

#include <chrono>
#include <string_view>

namespace couchlet {

namespace {

struct Moment {
  int year, month, day, weekday, hour, minute, second, millisecond;
};

Moment moment_of(int64_t milliseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(milliseconds)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(weekday(day).c_encoding()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

// Not printf, which would come into the module for this alone.
std::string digits(int number, size_t width) {
  const std::string text = std::to_string(number);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

std::string time_of_day(const Moment& m) {
  return digits(m.hour, 2) + ":" + digits(m.minute, 2) + ":" + digits(m.second, 2);
}

}  // namespace

std::string iso_date(int64_t milliseconds) {
  const Moment m = moment_of(milliseconds);
  return digits(m.year, 4) + "-" + digits(m.month, 2) + "-" + digits(m.day, 2) + "T" +
         time_of_day(m) + "." + digits(m.millisecond, 3) + "Z";
}

std::string http_date(int64_t milliseconds) {
  static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto third = [](std::string_view names, int index) {
    return std::string(names.substr(static_cast<size_t>(index) * 3, 3));
  };
  const Moment m = moment_of(milliseconds);
  return third(kDays, m.weekday) + ", " + digits(m.day, 2) + " " + third(kMonths, m.month - 1) +
         " " + digits(m.year, 4) + " " + time_of_day(m) + " GMT";
}

}  // namespace couchlet

#include "replicate/calendar.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace couchlet {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

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

// Takes a date apart from its beginning. What isn't as expected makes it fail, once for all.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool has(std::string_view text) const { return rest_.starts_with(text); }
  bool has_read_all() const { return !has_failed_ && rest_.empty(); }

  void pass(std::string_view text) {
    if (has(text)) {
      rest_.remove_prefix(text.size());
    } else {
      has_failed_ = true;
    }
  }

  void pass_letters() {
    while (!rest_.empty() && std::isalpha(static_cast<unsigned char>(rest_.front())) != 0) {
      rest_.remove_prefix(1);
    }
  }

  int number(size_t width) {
    int value = 0;
    for (size_t i = 0; i < width; ++i) {
      const char c = i < rest_.size() ? rest_[i] : ' ';
      has_failed_ = has_failed_ || c < '0' || c > '9';
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(std::min(width, rest_.size()));
    return has_failed_ ? 0 : value;
  }

  int month() {
    const size_t at = rest_.size() < 3 ? kMonths.npos : kMonths.find(rest_.substr(0, 3));
    if (at == kMonths.npos || at % 3 != 0) {
      has_failed_ = true;
      return 0;
    }
    rest_.remove_prefix(3);
    return static_cast<int>(at / 3) + 1;
  }

  void time_of_day(Moment& m) {
    m.hour = number(2);
    pass(":");
    m.minute = number(2);
    pass(":");
    m.second = number(2);
  }

 private:
  std::string_view rest_;
  bool has_failed_ = false;
};

Moment read_http_date(DateReader& reader) {
  Moment m{};
  reader.pass_letters();
  if (reader.has(" ")) {  // "Sun Nov  6 08:49:37 1994", as C's asctime() writes it
    reader.pass(" ");
    m.month = reader.month();
    reader.pass(" ");
    const bool is_padded = reader.has(" ");
    if (is_padded) reader.pass(" ");
    m.day = reader.number(is_padded ? 1 : 2);
    reader.pass(" ");
    reader.time_of_day(m);
    reader.pass(" ");
    m.year = reader.number(4);
    return m;
  }
  reader.pass(", ");
  m.day = reader.number(2);
  const bool is_short = reader.has("-");  // "Sunday, 06-Nov-94 08:49:37 GMT"
  const std::string_view between = is_short ? "-" : " ";
  reader.pass(between);
  m.month = reader.month();
  reader.pass(between);
  m.year = is_short ? 2000 + reader.number(2) : reader.number(4);
  reader.pass(" ");
  reader.time_of_day(m);
  reader.pass(" GMT");
  return m;
}

std::optional<int64_t> milliseconds_of(const Moment& m) {
  using namespace std::chrono;
  const year_month_day date{year(m.year), month(static_cast<unsigned>(m.month)),
                            day(static_cast<unsigned>(m.day))};
  // A second of 60 is a leap second.
  if (!date.ok() || m.hour > 23 || m.minute > 59 || m.second > 60) return std::nullopt;
  const auto time = sys_days(date) + hours(m.hour) + minutes(m.minute) + seconds(m.second);
  return duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::optional<int64_t> parse_http_date(std::string_view text) {
  DateReader reader(text);
  const Moment moment = read_http_date(reader);
  if (!reader.has_read_all()) return std::nullopt;
  return milliseconds_of(moment);
}

std::string iso_date(int64_t milliseconds) {
  const Moment m = moment_of(milliseconds);
  return digits(m.year, 4) + "-" + digits(m.month, 2) + "-" + digits(m.day, 2) + "T" +
         time_of_day(m) + "." + digits(m.millisecond, 3) + "Z";
}

std::string http_date(int64_t milliseconds) {
  static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  const auto third = [](std::string_view names, int index) {
    return std::string(names.substr(static_cast<size_t>(index) * 3, 3));
  };
  const Moment m = moment_of(milliseconds);
  return third(kDays, m.weekday) + ", " + digits(m.day, 2) + " " + third(kMonths, m.month - 1) +
         " " + digits(m.year, 4) + " " + time_of_day(m) + " GMT";
}

}  // namespace couchlet

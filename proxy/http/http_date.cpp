#include "proxy/http/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

namespace chrono = std::chrono;
using chrono::sys_days;
using chrono::sys_seconds;

constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr sys_seconds kEarliest = sys_days(chrono::year(0) / 1 / 1);
constexpr sys_seconds kLatest = sys_days(chrono::year(10000) / 1 / 1) - chrono::seconds(1);
constexpr int kYearsAheadMax = 50;  // RFC 9110 §5.6.7

constexpr std::string_view short_day(std::string_view day) {
  return day.substr(0, 3);
}

// Reads the parts of a date from the front; after the first mismatch everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void expect(std::string_view text) {
    is_good_ = is_good_ && rest_.starts_with(text);
    if (is_good_) rest_.remove_prefix(text.size());
  }

  // Exactly so many digits.
  int number(std::size_t digits) {
    const std::string_view text = rest_.substr(0, digits);
    is_good_ = is_good_ && text.size() == digits && std::ranges::all_of(text, is_digit);
    if (!is_good_) return 0;
    int value = 0;
    for (const char c : text) value = 10 * value + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }

  // RFC 9110 §5.6.7: date3 has a blank in place of a leading zero.
  int number_with_blank() {
    if (!rest_.starts_with(' ')) return number(2);
    expect(" ");
    return number(1);
  }

  unsigned month() {
    const auto found = std::ranges::find(kMonths, rest_.substr(0, 3));
    is_good_ = is_good_ && found != kMonths.end();
    if (!is_good_) return 0;
    rest_.remove_prefix(3);
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
  }

  // hour ":" minute ":" second
  chrono::seconds clock() {
    const int hour = number(2);
    expect(":");
    const int minute = number(2);
    expect(":");
    const int second = number(2);
    is_good_ = is_good_ && hour < 24 && minute < 60 && second <= 60;
    return chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
  }

  bool is_at_end() const { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

// What a date was read as; the parts may still be no date.
struct Parts {
  int year = 0;
  unsigned month = 0;
  int day = 0;
  chrono::seconds clock{};
  bool has_short_year = false;
};

// Behind the comma: ` 06 Nov 1994 08:49:37 GMT`.
Parts read_fixdate(Scanner& scanner) {
  Parts parts;
  scanner.expect(" ");
  parts.day = scanner.number(2);
  scanner.expect(" ");
  parts.month = scanner.month();
  scanner.expect(" ");
  parts.year = scanner.number(4);
  scanner.expect(" ");
  parts.clock = scanner.clock();
  scanner.expect(" GMT");
  return parts;
}

// Behind the comma: ` 06-Nov-94 08:49:37 GMT`.
Parts read_rfc850(Scanner& scanner) {
  Parts parts;
  scanner.expect(" ");
  parts.day = scanner.number(2);
  scanner.expect("-");
  parts.month = scanner.month();
  scanner.expect("-");
  parts.year = scanner.number(2);
  parts.has_short_year = true;
  scanner.expect(" ");
  parts.clock = scanner.clock();
  scanner.expect(" GMT");
  return parts;
}

// Behind the day: ` Nov  6 08:49:37 1994`.
Parts read_asctime(Scanner& scanner) {
  Parts parts;
  scanner.expect(" ");
  parts.month = scanner.month();
  scanner.expect(" ");
  parts.day = scanner.number_with_blank();
  scanner.expect(" ");
  parts.clock = scanner.clock();
  scanner.expect(" ");
  parts.year = scanner.number(4);
  return parts;
}

std::optional<sys_seconds> time_of(const Parts& parts) {
  const chrono::year_month_day date(chrono::year(parts.year), chrono::month(parts.month),
                                    chrono::day(static_cast<unsigned>(parts.day)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + parts.clock;
}

// RFC 9110 §5.6.7: more than 50 years ahead means the most recent year with these two digits.
std::optional<sys_seconds> time_of_short_year(Parts parts, sys_seconds now) {
  now = std::clamp(now, kEarliest, kLatest);
  const chrono::year_month_day today(chrono::floor<chrono::days>(now));
  const sys_seconds month_begin = sys_days(today.year() / today.month() / 1);
  const chrono::year latest = today.year() + chrono::years(kYearsAheadMax);
  const sys_seconds limit = sys_days(latest / today.month() / 1) + (now - month_begin);
  parts.year += static_cast<int>(latest) / 100 * 100;
  if (parts.year > static_cast<int>(latest)) parts.year -= 100;
  const auto time = time_of(parts);
  if (!time || *time <= limit) return time;
  parts.year -= 100;
  return time_of(parts);
}

}  // namespace

std::string format_http_date(sys_seconds time) {
  time = std::clamp(time, kEarliest, kLatest);
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  const std::string_view weekday = short_day(kDays[chrono::weekday(day).c_encoding()]);
  const std::string_view month = kMonths[unsigned(date.month()) - 1];
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT", weekday.data(),
                unsigned(date.day()), month.data(), int(date.year()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  return text.data();
}

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  const auto* day = std::ranges::find_if(
      kDays, [&](std::string_view name) { return text.starts_with(short_day(name)); });
  if (day == kDays.end()) return std::nullopt;
  // The long name and its comma belong to RFC 850, the short one with a comma to IMF-fixdate.
  const bool has_long_day = text.starts_with(*day);
  text.remove_prefix(has_long_day ? day->size() : 3);
  const bool has_comma = text.starts_with(',');
  if (has_comma) text.remove_prefix(1);
  if (has_long_day && !has_comma) return std::nullopt;
  Scanner scanner(text);
  const Parts parts = has_long_day ? read_rfc850(scanner)
                      : has_comma  ? read_fixdate(scanner)
                                   : read_asctime(scanner);
  if (!scanner.is_at_end()) return std::nullopt;
  return parts.has_short_year ? time_of_short_year(parts, now) : time_of(parts);
}

}  // namespace bellhop::http

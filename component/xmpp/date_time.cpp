#include "component/xmpp/date_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

namespace chrono = std::chrono;
using chrono::hours;
using chrono::milliseconds;
using chrono::minutes;
using chrono::sys_days;

// Reads the parts of a date from the front; after the first mismatch everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly `digits` decimal digits with a value from `low` to `high`.
  int number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = 10 * value + digit();
    if (value < low || value > high) is_good_ = false;
    return value;
  }

  void expect(char c) {
    if (!accept(c)) is_good_ = false;
  }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // XEP-0082 §3.2: any number of digits; milliseconds are kept.
  milliseconds fraction() {
    if (!accept('.')) return milliseconds(0);
    int value = 0;
    int scale = 100;
    do {
      value += scale * digit();
      scale /= 10;
    } while (is_good_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9');
    return milliseconds(value);
  }

  // `Z` or (+|-)hh:mm; positive is ahead of UTC.
  minutes offset() {
    if (accept('Z')) return minutes(0);
    const bool is_behind = accept('-');
    if (!is_behind) expect('+');
    // XML Schema Part 2 §3.2.7.3: up to 14 hours.
    const int hour = number(2, 0, 14);
    expect(':');
    const int minute = number(2, 0, hour == 14 ? 0 : 59);
    const minutes offset = hours(hour) + minutes(minute);
    return is_behind ? -offset : offset;
  }

  bool is_at_end() const { return is_good_ && rest_.empty(); }

 private:
  int digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
      is_good_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

constexpr Timestamp kEarliest = sys_days(chrono::year(0) / 1 / 1);
constexpr Timestamp kLatest = sys_days(chrono::year(9999) / 12 / 31) + hours(24) - milliseconds(1);

}  // namespace

std::string format_date_time(Timestamp time) {
  time = std::clamp(time, kEarliest, kLatest);
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  const auto millis = static_cast<int>(clock.subseconds().count());
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  std::string out(text.data());
  if (millis != 0) {
    std::snprintf(text.data(), text.size(), ".%03d", millis);
    out += text.data();
  }
  return out + 'Z';
}

base::Result<Timestamp> parse_date_time(std::string_view text) {
  Scanner scanner(text);
  const int y = scanner.number(4, 0, 9999);
  scanner.expect('-');
  const int m = scanner.number(2, 1, 12);
  scanner.expect('-');
  const int d = scanner.number(2, 1, 31);
  scanner.expect('T');
  const int hour = scanner.number(2, 0, 23);
  scanner.expect(':');
  const int minute = scanner.number(2, 0, 59);
  scanner.expect(':');
  const int second = scanner.number(2, 0, 59);
  const milliseconds fraction = scanner.fraction();
  const minutes offset = scanner.offset();
  const chrono::year_month_day date(chrono::year(y), chrono::month(static_cast<unsigned>(m)),
                                    chrono::day(static_cast<unsigned>(d)));
  if (!scanner.is_at_end() || !date.ok()) {
    return base::Error(errors::bad_request, "not a date and time");
  }
  return sys_days(date) + hours(hour) + minutes(minute) + chrono::seconds(second) + fraction -
         offset;
}

Element make_delay(const Jid& from, Timestamp stamp) {
  Element delay("delay", ns::kDelay);
  delay.set("from", from.text()).set("stamp", format_date_time(stamp));
  return delay;
}

}  // namespace bellhop::xmpp

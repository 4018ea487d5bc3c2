#include "api/ctl/units.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>

#include "api/ctl/errors.hpp"

namespace bellhop::ctl {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kArgumentBytesMax = 64;  // longer is no number that anybody typed

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

base::Error wrong(std::string_view text, std::string_view allowed) {
  std::string detail = "\"";
  detail += text.substr(0, kArgumentBytesMax);
  detail += "\" is no ";
  detail += allowed;
  return {errors::bad_argument, detail};
}

// A decimal number with up to nine places, exactly: `1.5` is whole 1 and billionths 500'000'000.
struct Decimal {
  std::uint64_t whole = 0;
  std::uint64_t billionths = 0;
};

// Takes digits from the front of `text`; nothing if there are none or they overflow.
std::optional<std::uint64_t> take_whole(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t value = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (__builtin_mul_overflow(value, 10U, &value)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(text.front() - '0');
    if (__builtin_add_overflow(value, digit, &value)) return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

std::optional<Decimal> take_decimal(std::string_view& text) {
  const auto whole = take_whole(text);
  if (!whole) return std::nullopt;
  Decimal decimal{.whole = *whole, .billionths = 0};
  if (text.empty() || text.front() != '.') return decimal;
  text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t place = 100'000'000;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    decimal.billionths += static_cast<std::uint64_t>(text.front() - '0') * place;
    place /= 10;
  }
  return decimal;
}

// The product, rounded down; nothing if it does not fit.
std::optional<std::uint64_t> times(const Decimal& decimal, std::uint64_t factor) {
  std::uint64_t value = 0;
  if (__builtin_mul_overflow(decimal.whole, factor, &value)) return std::nullopt;
  // Dividing first loses less than a byte: every factor above 1e9 is far above the places kept.
  __extension__ using Wide = unsigned __int128;
  const auto part = static_cast<Wide>(decimal.billionths) * factor / 1'000'000'000U;
  if (__builtin_add_overflow(value, static_cast<std::uint64_t>(part), &value)) return std::nullopt;
  return value;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

// `k`, `Mi`, `GiB`, `B`, nothing.
std::optional<std::uint64_t> size_factor(std::string_view suffix) {
  if (!suffix.empty() && (suffix.back() == 'B' || suffix.back() == 'b')) suffix.remove_suffix(1);
  if (suffix.empty()) return 1;
  constexpr std::string_view kLetters = "kmgtp";
  const auto letter = static_cast<char>(std::tolower(static_cast<unsigned char>(suffix.front())));
  const auto power = kLetters.find(letter);
  suffix.remove_prefix(1);
  if (power == std::string_view::npos || (!suffix.empty() && suffix != "i")) return std::nullopt;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= suffix.empty() ? 1000U : 1024U;
  return factor;
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  if (text.size() > kArgumentBytesMax) return std::nullopt;
  const auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  skip_blanks(text);
  const auto factor = size_factor(text);
  if (!factor) return std::nullopt;
  return times(*decimal, *factor);
}

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<DurationUnit, 6> kDurationUnits{{{"ms", 1},
                                                      {"s", 1'000},
                                                      {"m", 60'000},
                                                      {"h", 3'600'000},
                                                      {"d", 86'400'000},
                                                      {"w", 604'800'000}}};

std::optional<std::int64_t> take_unit(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  for (const DurationUnit& unit : kDurationUnits) {
    if (name == unit.name) return unit.milliseconds;
  }
  return std::nullopt;
}

std::optional<milliseconds> read_duration(std::string_view text) {
  if (text.empty() || text.size() > kArgumentBytesMax) return std::nullopt;
  milliseconds sum{0};
  const bool is_number_alone = text.find_first_not_of("0123456789.") == std::string_view::npos;
  while (!text.empty()) {
    const auto decimal = take_decimal(text);
    if (!decimal) return std::nullopt;
    const auto unit = is_number_alone ? std::optional<std::int64_t>(1'000) : take_unit(text);
    if (!unit) return std::nullopt;
    const auto part = times(*decimal, static_cast<std::uint64_t>(*unit));
    constexpr auto kMax = milliseconds(kDurationMax);
    if (!part || *part > static_cast<std::uint64_t>(kMax.count())) return std::nullopt;
    sum += milliseconds(static_cast<std::int64_t>(*part));
    if (sum > kMax) return std::nullopt;
    skip_blanks(text);
  }
  return sum;
}

// Whether `text` has a digit wherever `form` has 0, and the same character everywhere else.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return false;
  }
  return true;
}

int digits_at(std::string_view text, std::size_t begin, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(begin, count)) value = value * 10 + (c - '0');
  return value;
}

// RFC 3339 §5.6, UTC only: a date, or a date with a time.
std::optional<Moment> read_date(std::string_view text) {
  const bool has_time = has_form(text, "0000-00-00T00:00:00Z");
  if (!has_time && !has_form(text, "0000-00-00")) return std::nullopt;
  const std::chrono::year_month_day day{
      std::chrono::year(digits_at(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(digits_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(digits_at(text, 8, 2)))};
  // Before 1970 there is nothing to ask for; after 2100 differences would not fit 64 bits any more.
  if (!day.ok() || int(day.year()) < 1970 || int(day.year()) > 2100) return std::nullopt;
  const Moment midnight = std::chrono::sys_days(day);
  if (!has_time) return midnight;
  const int hours = digits_at(text, 11, 2);
  const int minutes = digits_at(text, 14, 2);
  const int seconds = digits_at(text, 17, 2);
  if (hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  return midnight + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

std::optional<Moment> read_fixed_moment(std::string_view text, Moment now) {
  if (text.size() > kArgumentBytesMax) return std::nullopt;
  if (text == "now") return now;
  return read_date(text);
}

constexpr std::string_view kMomentAllowed =
    "moment: now, a duration like 2h, or 2026-03-01T12:00:00Z";

struct Unit {
  std::int64_t seconds;
  std::string_view name;
};
constexpr std::array<Unit, 4> kShownUnits{{{86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}}};

std::string strftime_local(Moment moment, const char* format) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 64> buffer{};
  ::localtime_r(&time, &parts);
  const std::size_t n = std::strftime(buffer.data(), buffer.size(), format, &parts);
  return {buffer.data(), n};
}

}  // namespace

base::Result<std::uint64_t> parse_size(std::string_view text) {
  const auto size = read_size(text);
  if (!size) return wrong(text, "size: a number of bytes, 500k, 10M, 1.5G, 512Ki, 1Gi");
  return *size;
}

base::Result<std::uint64_t> parse_size_limit(std::string_view text) {
  if (text == "none") return std::numeric_limits<std::uint64_t>::max();
  const auto size = read_size(text);
  if (!size || *size == 0) return wrong(text, "limit: a size like 500M, 2Gi, or none");
  return *size;
}

base::Result<std::uint32_t> parse_count_limit(std::string_view text) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (text == "none") return kMost;
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0) {
    return wrong(text, "limit: a number above 0, or none");
  }
  return count;
}

base::Result<std::uint64_t> parse_rate(std::string_view text) {
  std::string_view size_text = text;
  if (size_text.ends_with("/s")) size_text.remove_suffix(2);
  const auto size = read_size(size_text);
  if (!size) return wrong(text, "rate in bytes per second: 500k, 10M, 1Gi, 2MiB/s");
  return *size;
}

base::Result<milliseconds> parse_duration(std::string_view text) {
  const auto duration = read_duration(text);
  if (!duration) return wrong(text, "duration: 90s, 10m, 2h, 1d, 1h30m");
  return *duration;
}

base::Result<Moment> parse_moment(std::string_view text, Moment now) {
  if (const auto fixed = read_fixed_moment(text, now)) return *fixed;
  if (const auto ago = read_duration(text)) return now - *ago;
  return wrong(text, kMomentAllowed);
}

base::Result<Moment> parse_future(std::string_view text, Moment now) {
  if (const auto fixed = read_fixed_moment(text, now)) return *fixed;
  if (const auto ahead = read_duration(text)) return now + *ahead;
  return wrong(text, kMomentAllowed);
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.95 would be printed as 1000.0, which is wider than any other figure.
  while (unit + 1 < kUnits.size() && value >= (unit == 0 ? 1000.0 : 999.95)) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), unit == 0 ? "%.0f " : "%.1f ", value);
  std::string text(buffer.data(), static_cast<std::size_t>(n));
  text += kUnits[unit];
  return text;
}

std::string format_rate(std::uint64_t bytes_per_second) {
  return bytes_per_second == 0 ? "-" : format_bytes(bytes_per_second) + "/s";
}

std::string format_duration(std::chrono::nanoseconds duration) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds <= 0) return "0s";
  std::string text;
  int shown = 0;
  for (const Unit& unit : kShownUnits) {
    const auto count = seconds / unit.seconds;
    seconds %= unit.seconds;
    if (count != 0) text += (text.empty() ? "" : " ") + std::to_string(count).append(unit.name);
    if (!text.empty() && ++shown == 2) break;
  }
  return text;
}

std::string format_age(std::chrono::nanoseconds duration) {
  const std::string text = format_duration(duration);
  return text.substr(0, text.find(' '));
}

std::string format_moment(Moment moment) {
  if (moment == Moment{}) return "-";
  return strftime_local(moment, "%Y-%m-%d %H:%M:%S");
}

std::string format_time_of_day(Moment moment) {
  return strftime_local(moment, "%H:%M:%S");
}

}  // namespace bellhop::ctl

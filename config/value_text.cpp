#include "config/value_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "config/host_text.hpp"

namespace bellhop::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: that is the order in which a printed value looks for its unit.
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 5> kByteUnits = {{{"TiB", 1ULL << 40U},
                                             {"GiB", 1ULL << 30U},
                                             {"MiB", 1ULL << 20U},
                                             {"KiB", 1ULL << 10U},
                                             {"B", 1}}};
// Values are kept in signed 64 bit numbers by std::chrono and by TOML.
constexpr std::uint64_t kNumberMax =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A number and one of the units, as a multiple of the smallest unit.
template <std::size_t n>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, n>& units,
                                             std::string_view bare_unit) {
  text = without_blanks(text);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_integer(text.substr(0, digits));
  if (!number) return std::nullopt;
  std::string_view name = without_blanks(text.substr(digits));
  if (name.empty()) name = bare_unit;
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& candidate) { return candidate.name == name; });
  if (unit == units.end()) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(*number);
  if (count > kNumberMax / unit->factor) return std::nullopt;
  return count * unit->factor;
}

template <std::size_t n>
const Unit& largest_unit(std::uint64_t value, const std::array<Unit, n>& units) {
  return *std::find_if(units.begin(), units.end(),
                       [&](const Unit& unit) { return value % unit.factor == 0; });
}

// Length of the well-formed UTF-8 sequence at the start (RFC 3629 §4), 0 if there is none.
std::size_t code_point_bytes(std::string_view text, char32_t& code_point) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  code_point = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return 0;
    code_point = (code_point << 6U) | (next & 0x3FU);
  }
  const bool overlong =
      (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return overlong || surrogate || code_point > 0x10FFFF ? 0 : length;
}

bool is_harmless(char32_t c) {
  if (c == '\t') return true;
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;  // would steer a terminal
  // Line and paragraph separators and bidirectional controls: would reorder what is shown.
  return !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069) && c != 0xFEFF;
}

std::string escaped(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7F) return {c};
  return std::string("\\u00") + kHex[byte >> 4U] + kHex[byte & 0xFU];
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto count = parse_with_unit(text, kDurationUnits, "s");
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  if (count == 0) return "0s";
  const Unit& unit = largest_unit(count, kDurationUnits);
  return std::to_string(count / unit.factor) + std::string(unit.name);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  return parse_with_unit(text, kByteUnits, "B");
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  return parse_bytes(text);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes == 0) return "0 B";
  const Unit& unit = largest_unit(bytes, kByteUnits);
  return std::to_string(bytes / unit.factor) + ' ' + std::string(unit.name);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  // `::1:80` could mean two things, `[name]:80` means nothing.
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string host_port_text(const HostPort& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  const std::string host = brackets ? '[' + address.host + ']' : address.host;
  return host + ':' + std::to_string(address.port);
}

std::optional<HostPort> covering(const HostPort& address, const std::vector<HostPort>& listen) {
  const HostPort all{is_ipv6_literal(address.host) ? "::" : "0.0.0.0", address.port};
  if (address == all || std::find(listen.begin(), listen.end(), all) == listen.end()) return {};
  return all;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    char32_t code_point = 0;
    const std::size_t length = code_point_bytes(text, code_point);
    if (length > 0 && is_harmless(code_point)) {
      result += text.substr(0, length);
    } else {
      result += '?';
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShownBytesMax = 80;
  if (text.size() <= kShownBytesMax) return '"' + printable(text) + '"';
  std::size_t cut = kShownBytesMax;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return '"' + printable(text.substr(0, cut)) + "...\"";
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) result += escaped(c);
  return result + '"';
}

}  // namespace bellhop::config

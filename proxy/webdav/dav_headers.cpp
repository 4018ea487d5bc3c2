#include "proxy/webdav/dav_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "component/xmpp/element.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

struct DepthName {
  std::string_view name;
  Depth depth;
};

constexpr std::array kDepthNames{
    DepthName{"0", Depth::zero},
    DepthName{"1", Depth::one},
    DepthName{"infinity", Depth::infinity},
};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// RFC 5234 §2.3: literal text in ABNF has no case.
bool equals_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_allowed(Depth depth, DepthRule rule) {
  if (depth == Depth::zero) return rule != DepthRule::infinity_only;
  if (depth == Depth::one) return rule == DepthRule::any;
  return true;
}

// The seconds of one TimeType; none: it is malformed. RFC 4918 §10.7 ends at 2^32 - 1; what is
// beyond is as good as infinite.
std::optional<std::chrono::seconds> parse_time_type(std::string_view text) {
  constexpr std::chrono::seconds kForever(std::numeric_limits<std::uint32_t>::max());
  constexpr std::string_view kPrefix = "Second-";
  if (equals_without_case(text, "Infinite")) return kForever;
  if (!equals_without_case(text.substr(0, kPrefix.size()), kPrefix)) return std::nullopt;
  const std::string_view digits = text.substr(kPrefix.size());
  const bool is_number =
      !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  return parsed.ec == std::errc() ? std::chrono::seconds(seconds) : kForever;
}

bool may_stand_in_token(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && c != '<' && c != '>';
}

}  // namespace

std::string_view to_string(Depth depth) {
  for (const DepthName& row : kDepthNames) {
    if (row.depth == depth) return row.name;
  }
  return {};
}

base::Result<Depth> parse_depth(std::optional<std::string_view> header, DepthRule rule) {
  if (!header) return Depth::infinity;
  const std::string_view text = xmpp::trim(*header);
  for (const DepthName& row : kDepthNames) {
    if (equals_without_case(text, row.name) && is_allowed(row.depth, rule)) return row.depth;
  }
  return base::Error(errors::bad_depth);
}

base::Result<Overwrite> parse_overwrite(std::optional<std::string_view> header) {
  if (!header) return Overwrite::yes;
  const std::string_view text = xmpp::trim(*header);
  if (equals_without_case(text, "T")) return Overwrite::yes;
  if (equals_without_case(text, "F")) return Overwrite::no;
  return base::Error(errors::bad_overwrite);
}

std::chrono::seconds grant_timeout(std::optional<std::string_view> header,
                                   const TimeoutPolicy& policy) {
  std::string_view rest = header.value_or(std::string_view());
  for (std::size_t wish = 0; wish < kTimeoutWishesMax && !rest.empty(); ++wish) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const auto wanted = parse_time_type(xmpp::trim(rest.substr(0, comma)));
    if (wanted) return std::min(std::max(*wanted, policy.min), policy.max);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return std::min(policy.by_default, policy.max);
}

std::string format_timeout(std::chrono::seconds timeout) {
  return "Second-" + std::to_string(timeout.count());
}

base::Result<std::string> parse_lock_token(std::optional<std::string_view> header) {
  if (!header) return base::Error(errors::bad_lock_token, "absent");
  std::string_view text = xmpp::trim(*header);
  if (!text.starts_with('<') || !text.ends_with('>') || text.size() < 3 ||
      text.size() > kStateTokenBytesMax + 2) {
    return base::Error(errors::bad_lock_token, "not in brackets");
  }
  text = text.substr(1, text.size() - 2);
  if (!std::ranges::all_of(text, may_stand_in_token)) {
    return base::Error(errors::bad_lock_token, "characters");
  }
  return std::string(text);
}

}  // namespace bellhop::webdav

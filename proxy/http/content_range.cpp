#include "proxy/http/content_range.hpp"

#include "proxy/http/errors.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

base::Error malformed(const char* detail) {
  return {errors::bad_content_range, detail};
}

std::optional<ByteRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_number(text.substr(0, dash));
  const auto last = parse_number(text.substr(dash + 1));
  if (!first || !last || *last < *first || *last == kFileBytesMax) return std::nullopt;
  return ByteRange{*first, *last};
}

}  // namespace

std::string ContentRange::text() const {
  std::string text = "bytes ";
  text += range ? std::to_string(range->first) + '-' + std::to_string(range->last) : "*";
  text += '/';
  text += size ? std::to_string(*size) : "*";
  return text;
}

base::Result<ContentRange> parse_content_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  value = trim(value);
  // RFC 9110 §14.1: the names of units know no case.
  if (!equals_ignoring_case(value.substr(0, kUnit.size()), kUnit)) return malformed("no bytes");
  value.remove_prefix(kUnit.size());
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return malformed("no size");
  const std::string_view range = value.substr(0, slash);
  const std::string_view size = value.substr(slash + 1);
  ContentRange parsed;
  if (range != "*") {
    parsed.range = parse_range(range);
    if (!parsed.range) return malformed("no range");
  }
  if (size != "*") {
    parsed.size = parse_number(size);
    if (!parsed.size) return malformed("no number as size");
  }
  if (!parsed.range && !parsed.size) return malformed("neither range nor size");
  // RFC 9110 §14.4: a size that does not lie behind the last byte makes it invalid.
  if (parsed.range && parsed.size && *parsed.size <= parsed.range->last) {
    return malformed("ends behind the file");
  }
  return parsed;
}

}  // namespace bellhop::http

#include "proxy/http/request_target.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/utf8.hpp"
#include "config/host_text.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/percent.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

base::Error malformed(const char* detail) {
  return {errors::bad_target, detail};
}

// Bytes of other encodings than escapes are let through if they are UTF-8; clients send them.
bool is_path_character(char c) {
  return (is_visible(c) || static_cast<unsigned char>(c) >= 0x80) && c != '\\' && c != '#';
}

bool is_query_character(char c) {
  return is_visible(c) && c != '#';
}

// Dots and nothing but dots, however often they were encoded: whoever stands behind or before us
// and decodes once more must not climb.
bool is_dot_segment(std::string_view segment) {
  std::string layer(segment);
  for (;;) {
    if (layer == "." || layer == "..") return true;
    std::string next = decode_percent_leniently(layer);
    if (next.size() == layer.size()) return false;
    layer = std::move(next);
  }
}

// DEL and the C1 characters too: no name holds them, and terminals obey them.
bool is_text(std::string_view segment) {
  while (!segment.empty()) {
    const xmpp::Utf8Character next = xmpp::decode_utf8(segment);
    const bool is_control =
        next.code_point < 0x20 || (next.code_point >= 0x7F && next.code_point < 0xA0);
    if (!next.is_valid || is_control) return false;
    segment.remove_prefix(next.bytes);
  }
  return true;
}

base::Result<std::string> decode_segment(std::string_view raw) {
  auto segment = decode_percent(raw);
  if (!segment) return malformed("bad escape");
  if (segment->size() > kSegmentBytesMax) return malformed("segment too long");
  if (segment->find_first_of("/\\") != std::string::npos) return malformed("encoded separator");
  if (!is_text(*segment)) return malformed("control character or no UTF-8");
  if (is_dot_segment(*segment)) return malformed("dot segment");
  return std::move(*segment);
}

// `text` is empty or begins with a slash.
base::Result<Path> parse_path(std::string_view text) {
  if (!std::ranges::all_of(text, is_path_character)) return malformed("bad character in path");
  Path path{.has_trailing_slash = text.empty() || text.ends_with('/')};
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view raw = text.substr(0, text.find('/'));
    text.remove_prefix(raw.size());
    if (raw.empty()) continue;
    if (path.segments.size() == kSegmentsMax) return malformed("too many segments");
    auto segment = decode_segment(raw);
    if (!segment) return segment.error();
    path.segments.push_back(std::move(*segment));
  }
  return path;
}

// Fills in path and query from what stands behind the authority.
base::Result<RequestTarget> finish(RequestTarget target, std::string_view rest) {
  const std::size_t mark = rest.find('?');
  auto path = parse_path(rest.substr(0, mark));
  if (!path) return path.error();
  target.path = std::move(*path);
  if (mark == std::string_view::npos) return target;
  const std::string_view query = rest.substr(mark + 1);
  if (!std::ranges::all_of(query, is_query_character)) return malformed("bad character in query");
  target.query = query;
  return target;
}

// RFC 3986 §3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

base::Result<RequestTarget> parse_absolute(std::string_view text) {
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos || !is_scheme(text.substr(0, separator))) {
    return malformed("neither a path nor a URL");
  }
  RequestTarget target{.form = TargetForm::absolute};
  target.scheme = config::ascii_lower(text.substr(0, separator));
  text.remove_prefix(separator + 3);
  // RFC 3986 §3.2: an authority ends at the path, the query or the fragment.
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = Authority::parse(text.substr(0, end), default_port(target.scheme));
  if (!authority) return authority.error();
  target.authority = std::move(*authority);
  return finish(std::move(target), text.substr(end));
}

}  // namespace

base::Result<RequestTarget> parse_request_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) return base::Error(errors::target_too_long);
  if (target == "*") return RequestTarget{.form = TargetForm::asterisk};
  if (target.starts_with('/')) return finish({}, target);
  auto parsed = parse_absolute(target);
  // RFC 9110 §4.2: the schemes of HTTP; for others nobody but a proxy would be asked.
  if (parsed && default_port(parsed->scheme) == 0) return malformed("another scheme");
  return parsed;
}

base::Result<RequestTarget> parse_destination(std::string_view value) {
  value = trim(value);
  if (value.size() > kTargetBytesMax) return base::Error(errors::target_too_long);
  if (value.starts_with("//")) return malformed("a host, or an empty segment");
  return value.starts_with('/') ? finish({}, value) : parse_absolute(value);
}

std::string encode_segment(std::string_view segment) {
  // RFC 3986 §3.3 allows more delimiters; those that are kept mean nothing to shells, to XML and to
  // readers of links in text. A colon is harmless: our paths begin with a slash.
  return encode_percent(segment, "-._~!$+,=:@");
}

std::string make_path(const Path& path) {
  std::string text;
  for (const std::string& segment : path.segments) text += '/' + encode_segment(segment);
  if (text.empty() || path.has_trailing_slash) text += '/';
  return text;
}

}  // namespace bellhop::http

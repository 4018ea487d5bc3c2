#include "component/xmpp/media_type.hpp"

#include <algorithm>

#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {
namespace {

// RFC 9110 §5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// RFC 9110 §5.6.4: the bytes of the quoted string at the front of `text`, quotes included; 0 if
// there is none.
std::size_t quoted_bytes(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
    if (i >= text.size() || text[i] < 0x20 || text[i] == 0x7F) return 0;  // printable ASCII only
  }
  return 0;
}

// Takes `name=value` from the front of `text`; what is left begins with ';' or is empty.
std::optional<std::string> take_parameter(std::string_view& text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
  std::string parameter = lower(text.substr(0, equals + 1));
  text.remove_prefix(equals + 1);
  std::size_t size = quoted_bytes(text);
  if (size == 0) {
    size = std::min(text.find_first_of("; \t"), text.size());
    if (!is_token(text.substr(0, size))) return std::nullopt;
  }
  parameter += text.substr(0, size);
  text = trim(text.substr(size));
  if (!text.empty() && text.front() != ';') return std::nullopt;
  return parameter;
}

}  // namespace

std::optional<std::string> normalise_media_type(std::string_view text) {
  if (text.size() > kMediaTypeBytesMax) return std::nullopt;
  const auto semicolon = std::min(text.find(';'), text.size());
  const std::string_view essence = trim(text.substr(0, semicolon));
  const auto slash = essence.find('/');
  if (slash == std::string_view::npos || !is_token(essence.substr(0, slash)) ||
      !is_token(essence.substr(slash + 1))) {
    return std::nullopt;
  }
  std::string normal = lower(essence);
  text.remove_prefix(semicolon);
  while (!text.empty()) {
    text = trim(text.substr(1));                        // the ';'
    if (text.empty() || text.front() == ';') continue;  // RFC 9110 §5.6.6 allows empty ones
    const auto parameter = take_parameter(text);
    if (!parameter) return std::nullopt;
    normal += "; " + *parameter;
  }
  if (normal.size() > kMediaTypeBytesMax) return std::nullopt;
  return normal;
}

}  // namespace bellhop::xmpp

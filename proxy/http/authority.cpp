#include "proxy/http/authority.hpp"

#include <algorithm>
#include <optional>

#include "config/host_text.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

base::Error malformed(const char* detail) {
  return {errors::bad_authority, detail};
}

struct HostAndPort {
  std::string_view host;  // without brackets
  std::string_view port;  // with its colon; empty if there is none
  bool is_bracketed = false;
};

std::optional<HostAndPort> divide(std::string_view text) {
  if (!text.starts_with('[')) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    return HostAndPort{text.substr(0, colon), text.substr(colon), false};
  }
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return HostAndPort{text.substr(1, end - 1), text.substr(end + 1), true};
}

// RFC 3986 §3.2.3: a colon alone is allowed and means the port of the scheme.
std::optional<std::uint16_t> parse_port(std::string_view text, std::uint16_t default_port) {
  if (text.empty() || text == ":") return default_port;
  if (!text.starts_with(':')) return std::nullopt;
  const auto port = parse_number(text.substr(1));
  if (!port || *port == 0 || *port > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

base::Result<Authority> Authority::parse(std::string_view text, std::uint16_t default_port) {
  if (text.size() > kAuthorityBytesMax) return malformed("too long");
  auto divided = divide(text);
  if (!divided) return malformed("no closing bracket");
  // A dot at the end roots a name and changes nothing about it (RFC 1034 §3.1).
  if (!divided->is_bracketed && divided->host.ends_with('.')) divided->host.remove_suffix(1);
  const bool is_host = divided->is_bracketed ? config::is_ipv6_literal(divided->host)
                                             : config::is_host(divided->host);
  if (!is_host) return malformed("no host");
  const auto port = parse_port(divided->port, default_port);
  if (!port) return malformed("no port");
  return Authority{.host = config::canonical_host(divided->host), .port = *port};
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 0;
}

}  // namespace bellhop::http

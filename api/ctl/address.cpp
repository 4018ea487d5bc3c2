#include "api/ctl/address.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "api/ctl/errors.hpp"
#include "component/base/unique_fd.hpp"

namespace bellhop::ctl {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kHostBytesMax = 255;  // RFC 1035 §2.3.4
constexpr unsigned kPortMax = 65535;

base::Error wrong(std::string_view text, std::string_view what) {
  std::string detail = "\"";
  detail.append(text).append("\" is no address: ").append(what);
  return {errors::bad_argument, detail};
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  unsigned port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port > 0 && port <= kPortMax;
}

bool is_ip6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') return false;
  }
  return true;
}

base::Result<Address> parse_unix(std::string_view text) {
  std::string_view path = text.substr(kUnixPrefix.size());
  if (path.starts_with("//")) path.remove_prefix(2);  // unix:///run/… as others write it
  if (path.empty()) return wrong(text, "the path of the socket is missing");
  if (path.size() > kSocketPathBytesMax) return wrong(text, "the path has more than 107 bytes");
  if (path.find('\0') != std::string_view::npos) return wrong(text, "the path holds a zero byte");
  return Address{.path = std::string(path), .host = {}, .port = {}};
}

base::Result<Address> parse_host(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) {
    return wrong(text, "use unix:PATH or HOST:PORT");
  }
  Address address{.path = {},
                  .host = std::string(text.substr(0, colon)),
                  .port = std::string(text.substr(colon + 1))};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
    if (!is_ip6(address.host)) return wrong(text, "what stands in brackets is no IPv6 address");
  } else if (!is_host(address.host)) {
    return wrong(text, "use unix:PATH, HOST:PORT or [IPV6]:PORT");
  }
  return address;
}

}  // namespace

bool Address::is_loopback() const {
  if (is_unix() || host == "localhost" || host == "::1") return true;
  in_addr ip4{};
  return ::inet_pton(AF_INET, host.c_str(), &ip4) == 1 && (ntohl(ip4.s_addr) >> 24U) == 127;
}

std::string Address::grpc_target() const {
  return is_unix() ? std::string(kUnixPrefix) + path : "dns:///" + text();
}

std::string Address::text() const {
  if (is_unix()) return path;
  const bool is_bracketed = host.find(':') != std::string::npos;
  return (is_bracketed ? "[" + host + "]" : host) + ":" + port;
}

base::Result<Address> parse_address(std::string_view text) {
  return text.starts_with(kUnixPrefix) ? parse_unix(text) : parse_host(text);
}

Obstacle probe(const Address& address) {
  if (!address.is_unix() || address.path.size() > kSocketPathBytesMax) return Obstacle::unknown;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.data(), address.path.size());
  const base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) {
    return Obstacle::none;
  }
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return Obstacle::socket_missing;
    case EACCES:
    case EPERM:
      return Obstacle::socket_denied;
    case ECONNREFUSED:
      return Obstacle::refused;
    case EAGAIN:  // unix(7): the backlog is full, so somebody listens
      return Obstacle::none;
    default:
      return Obstacle::unknown;
  }
}

}  // namespace bellhop::ctl

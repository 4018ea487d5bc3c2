// An IpEndpoint as the kernel wants it, and back.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "component/base/ip_address.hpp"

namespace bellhop::net {

/// sockaddr_in or sockaddr_in6, as the family of the socket wants it.
struct SocketAddress {
  union {
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  SocketAddress() : v6{} {}
  explicit SocketAddress(const base::IpEndpoint& endpoint) : v6{} {
    const auto& bytes = endpoint.address.bytes();
    if (endpoint.address.is_v4()) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(endpoint.port);
      std::memcpy(&v4.sin_addr, &bytes[12], 4);
      size = sizeof v4;
    } else {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(endpoint.port);
      std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
      size = sizeof v6;
    }
  }

  [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&v6); }
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&v6); }

  [[nodiscard]] base::IpEndpoint endpoint() const {
    if (raw()->sa_family == AF_INET) {
      return {base::IpAddress::from_v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
    }
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return {base::IpAddress::from_v6(bytes), ntohs(v6.sin6_port)};
  }

  friend bool operator==(const SocketAddress& a, const SocketAddress& b) {
    return a.size == b.size && std::memcmp(&a.v6, &b.v6, a.size) == 0;
  }
};

}  // namespace bellhop::net

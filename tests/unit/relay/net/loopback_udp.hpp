// UDP sockets on loopback for tests.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <string_view>

#include "relay/net/ingress.hpp"
#include "relay/net/udp_socket.hpp"

namespace bellhop::net {

inline base::IpEndpoint loopback(std::uint16_t port = 0) {
  return {base::IpAddress::from_v4(0x7F000001), port};
}

inline base::UniqueFd open_loopback(const UdpOptions& options = {},
                                    const base::IpEndpoint& local = loopback()) {
  auto opened = open_udp(local, options);
  EXPECT_TRUE(std::holds_alternative<base::UniqueFd>(opened));
  return std::move(std::get<base::UniqueFd>(opened));
}

/// Whether something can be read within a while.
inline bool is_readable(int fd, int patience_ms = 5000) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, patience_ms) == 1;
}

inline std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace bellhop::net

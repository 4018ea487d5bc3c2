// A party of a channel on this machine: a UDP socket that the test reads and writes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "relay/net/udp_socket.hpp"
#include "relay/nodes/datagram_batch.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::nodes::test {

inline base::IpAddress ip(std::string_view text) {
  return base::IpAddress::parse(text).value();
}

/// The port that a bound socket has.
inline std::uint16_t port_of(int fd) {
  const std::uint16_t port = net::bound_to(fd).port;
  EXPECT_NE(port, 0);
  return port;
}

class UdpPeer {
 public:
  explicit UdpPeer(std::string_view address = "127.0.0.1", std::uint16_t port = 0)
      : fd_(bind_datagram_socket({ip(address), port})) {
    EXPECT_TRUE(static_cast<bool>(fd_)) << address;
  }

  [[nodiscard]] int fd() const { return fd_.value(); }
  [[nodiscard]] std::uint16_t port() const { return port_of(fd_.value()); }

  /// Sends one datagram to a port of 127.0.0.1. False: the machine did not take it whole.
  bool send(std::uint16_t to, std::string_view bytes) const {
    const net::SocketAddress name({ip("127.0.0.1"), to});
    const auto sent = ::sendto(fd_.value(), bytes.data(), bytes.size(), 0, name.raw(), name.size);
    return sent == static_cast<ssize_t>(bytes.size());
  }

  /// The next datagram that has come; "nothing" if none has.
  [[nodiscard]] std::string take() {
    std::string bytes(65536, '\0');
    net::SocketAddress name;
    name.size = sizeof name.v6;
    const ssize_t n =
        ::recvfrom(fd_.value(), bytes.data(), bytes.size(), 0, name.raw(), &name.size);
    if (n < 0) return "nothing";
    last_from_ = name.endpoint().port;
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
  }
  /// The next datagram, running `context` until it comes; "nothing" and a failure if none does.
  [[nodiscard]] std::string receive(boost::asio::io_context& context) {
    std::string bytes = "nothing";
    EXPECT_TRUE(runtime::test::run_until(context, [&] {
      bytes = take();
      return bytes != "nothing";
    }));
    return bytes;
  }
  /// The port that the last datagram came from.
  [[nodiscard]] std::uint16_t last_from() const { return last_from_; }

 private:
  base::UniqueFd fd_;
  std::uint16_t last_from_ = 0;
};

}  // namespace bellhop::nodes::test

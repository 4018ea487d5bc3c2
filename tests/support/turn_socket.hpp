// The way to a TURN server for tests: UDP, TCP or TLS, by blocking calls that each have a deadline.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/ip_address.hpp"
#include "component/base/unique_fd.hpp"
#include "relay/stun/bytes.hpp"
#include "tests/support/loopback.hpp"

namespace bellhop::test {

using Octets = std::vector<std::uint8_t>;

/// An address as text and a port. Throws Missed for what is no address.
[[nodiscard]] base::IpEndpoint endpoint_of(std::string_view address, std::uint16_t port);

enum class TurnTransport { udp, tcp, tls };

/// A socket that talks to one server only. Throws Missed where nothing else is said.
class TurnSocket {
 public:
  /// Connected, over TLS with the handshake done; whose certificate it is does not matter. `source`
  /// is where from; port 0: any; nothing: as the system likes.
  TurnSocket(const base::IpEndpoint& server, TurnTransport transport,
             const std::optional<base::IpEndpoint>& source = std::nullopt);

  /// The bytes as they are: one datagram, or the next ones of the stream.
  void send(stun::Bytes bytes);
  /// One datagram, or one frame of the stream (ChannelData without padding); nothing: none came in
  /// time. Missed when the stream has ended or holds something else.
  [[nodiscard]] std::optional<Octets> receive(std::chrono::milliseconds wait = kPatience);
  /// What comes next, framed or not; empty: the stream has ended. Missed when nothing comes.
  [[nodiscard]] Octets receive_some();
  /// Whether the server ends the stream, whatever comes before.
  [[nodiscard]] bool is_ended();

  [[nodiscard]] TurnTransport transport() const { return transport_; }
  /// Where the server sees us, if nothing between changes it.
  [[nodiscard]] base::IpEndpoint local() const;
  [[nodiscard]] int fd() const { return fd_.value(); }
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  struct FreeTls {
    void operator()(SSL* tls) const;
  };

  void start_tls();
  // Bytes, nothing at the deadline, or an empty vector at the end.
  [[nodiscard]] std::optional<Octets> read(Clock::time_point deadline);
  [[nodiscard]] std::optional<Octets> read_tls(Clock::time_point deadline);
  [[nodiscard]] std::optional<Octets> take_frame();

  TurnTransport transport_;
  base::UniqueFd fd_;
  std::unique_ptr<SSL, FreeTls> tls_;
  Octets buffer_;  // of the stream: what has come and is not a whole frame yet
};

/// The far side of an allocation: a UDP socket on a free port.
class UdpPeer {
 public:
  struct Datagram {
    base::IpEndpoint from;
    std::string data;
  };

  explicit UdpPeer(std::string_view address = "127.0.0.1");

  [[nodiscard]] base::IpEndpoint local() const;
  void send(const base::IpEndpoint& to, std::string_view data);
  /// The next one; Missed when none comes.
  [[nodiscard]] Datagram receive();
  [[nodiscard]] bool has_input() const;

 private:
  base::UniqueFd fd_;
};

}  // namespace bellhop::test

// Sends what a batch of receptions has made, flow by flow: datagrams of one size to one address
// become a train (UDP_SEGMENT), trains and datagrams of one socket leave together (sendmmsg(2)).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "component/base/ip_address.hpp"
#include "relay/net/socket_address.hpp"

namespace bellhop::net {

/// Where datagrams of one flow go. Owned by whoever the flow belongs to, and alive until the flush.
struct Route {
  int fd = -1;
  SocketAddress to;
  /// The local address they leave from, where the socket is bound to all; unspecified: the
  /// socket's.
  base::IpAddress from;
  bool has_from = false;
};

/// How much of a flow left, and what the kernel did not take.
struct SendCount {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t dropped_packets = 0;
  std::uint64_t dropped_bytes = 0;
};

/// One shard. No allocation after the constructor. Order is kept within a flow. Nothing waits: what
/// the kernel does not take at once is dropped and counted, as UDP wants it.
class Egress {
 public:
  static constexpr std::size_t kDatagramsMax = 1024;
  /// Safe on every kernel that has trains (UDP_MAX_SEGMENTS of 4.18).
  static constexpr std::size_t kTrainMax = 64;

  Egress();
  ~Egress();
  Egress(const Egress&) = delete;
  Egress& operator=(const Egress&) = delete;

  /// A datagram of up to four bytes of head and a body, of which `payload` bytes are counted.
  /// `route`, `body` and `count` live until flush(), which happens by itself when there is no room.
  void add(const Route& route, std::span<const std::uint8_t> head,
           std::span<const std::uint8_t> body, std::size_t payload, SendCount& count);
  void flush();
  [[nodiscard]] bool is_empty() const { return size_ == 0; }

 private:
  struct Datagram;
  struct Calls;

  [[nodiscard]] std::uint16_t find_last(const Route& route, std::size_t bucket) const;
  std::size_t pack(std::uint16_t first, std::size_t index);
  void send(int fd, std::size_t count);
  void resend_singly(std::size_t index);
  void settle(std::size_t index, bool is_sent);

  static constexpr std::size_t kBuckets = 256;
  static constexpr std::uint16_t kNone = 0xFFFF;

  std::unique_ptr<Datagram[]> datagrams_;
  std::unique_ptr<Calls> calls_;
  std::array<std::uint16_t, kBuckets>
      last_{};  // of the flows that fall into it, the newest datagram
  std::size_t size_ = 0;
  bool has_trains_ = true;
};

}  // namespace bellhop::net

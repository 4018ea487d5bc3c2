// Receives the packets of the TURN load program, many with one system call, whole trains at once.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/bench/turn_message.hpp"
#include "tests/bench/turn_paths.hpp"

namespace bellhop::bench {

/// What a receiver asks of the kernel, for each of its sockets.
struct ReceiveOptions {
  bool trains = false;  ///< packets of one train in one piece (UDP_GRO)
  bool stamps = false;  ///< when each packet came to the socket (SO_TIMESTAMPNS)
};

class PacketReceiver {
 public:
  explicit PacketReceiver(const ReceiveOptions& options);
  PacketReceiver(const PacketReceiver&) = delete;  // messages_ point into the other members
  PacketReceiver& operator=(const PacketReceiver&) = delete;

  /// Once for each socket that is received from. Throws std::system_error.
  void prepare(int fd) const;

  /// One batch of what is there. Calls `visit(payload, stamp)` for each packet; the stamp is in
  /// nanoseconds of CLOCK_REALTIME, 0 without stamps. Returns how many packets were not channel
  /// data where they should have been.
  template <typename Visit>
  std::size_t receive(const PathSocket& socket, Visit visit) {
    std::size_t strange = 0;
    const std::size_t count = fill(socket.fd.get());
    for (std::size_t i = 0; i < count; ++i) {
      const Arrival arrival = look_at(i);
      std::span<const std::uint8_t> rest = arrival.bytes;
      while (!rest.empty()) {
        const auto packet = rest.first(std::min(arrival.packet_bytes, rest.size()));
        rest = rest.subspan(packet.size());
        if (socket.channel == 0) {
          visit(packet, arrival.stamp);
        } else if (const auto data = read_channel_data(packet, socket.channel)) {
          visit(*data, arrival.stamp);
        } else {
          ++strange;
        }
      }
    }
    return strange;
  }

 private:
  struct Arrival {
    std::span<const std::uint8_t> bytes;
    std::size_t packet_bytes = 0;
    std::uint64_t stamp = 0;
  };
  using Control = std::array<char, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(timespec))>;
  struct Details {
    iovec piece{};
    alignas(cmsghdr) Control control{};
  };

  [[nodiscard]] std::size_t fill(int fd);
  [[nodiscard]] Arrival look_at(std::size_t index);

  ReceiveOptions options_;
  std::size_t slot_bytes_;
  std::vector<std::uint8_t> slots_;
  std::vector<Details> details_;
  std::vector<mmsghdr> messages_;
};

}  // namespace bellhop::bench

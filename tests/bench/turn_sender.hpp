// Sends the packets of the TURN load program: as few system calls as the shape of the load allows.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/bench/turn_message.hpp"
#include "tests/bench/turn_packet.hpp"
#include "tests/bench/turn_paths.hpp"

namespace bellhop::bench {

/// What is sent of a flow at a time.
struct BurstShape {
  std::size_t payload_bytes = 172;  ///< of each packet
  std::size_t packets = 1;
  bool train = false;  ///< all of them in one piece (UDP_SEGMENT), which the kernel cuts

  /// The largest number of packets that one send may be cut into.
  static constexpr std::size_t train_packets_max = 64;
};

class PacketSender {
 public:
  /// @param lose every so many packets, 2 or more, one is counted as sent and not sent; 0: none
  PacketSender(const BurstShape& shape, std::uint64_t lose);
  PacketSender(const PacketSender&) = delete;  // messages_ point into the other members
  PacketSender& operator=(const PacketSender&) = delete;

  /// Adds one burst; its first packet has that label, the following ones the sequences after it.
  /// Sends by itself what has been added before when the socket is another one, and when it is
  /// full.
  void add(const PathSocket& from, const Flow& flow, const PacketLabel& label);
  void flush();

  /// Packets that the kernel took, or was not given on purpose.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Packets that the kernel refused; they count as never sent.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  static constexpr std::size_t packets_max = 512;
  static constexpr std::size_t head_bytes = channel_header_bytes + PacketLabel::bytes;

  struct Message {
    sockaddr_in to{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  };

  [[nodiscard]] bool is_to_be_lost();
  void begin_message(const Flow& flow, std::uint16_t channel);
  void add_packet(std::uint16_t channel, const PacketLabel& label);

  BurstShape shape_;
  std::uint64_t lose_;
  std::uint64_t until_lost_;
  std::vector<std::uint8_t> filling_;  // zeros behind each label
  std::vector<std::array<std::uint8_t, head_bytes>> heads_;
  std::vector<iovec> pieces_;
  std::vector<Message> details_;
  std::vector<mmsghdr> messages_;
  std::size_t packets_ = 0;        // used of heads_
  std::size_t message_count_ = 0;  // used of messages_
  int fd_ = -1;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace bellhop::bench

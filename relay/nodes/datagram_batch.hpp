// Datagrams received and sent by the batch: recvmmsg(2), sendmmsg(2).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "component/base/ip_address.hpp"
#include "component/base/unique_fd.hpp"
#include "relay/net/socket_address.hpp"

namespace bellhop::nodes {

/// Room for one batch; a shard has one and lends it to whichever socket has its turn. Nothing is
/// allocated after the constructor.
class DatagramBatch {
 public:
  /// A burst of video is eight packets or so; more per call gains nothing.
  static constexpr std::size_t kDatagramsMax = 32;
  /// Media have at most one MTU of 1,500 bytes, or 4,096 on a network of ours. What is longer is
  /// not relayed in part (RFC 8656 §14).
  static constexpr std::size_t kDatagramBytesMax = 4096;

  DatagramBatch();
  DatagramBatch(const DatagramBatch&) = delete;
  DatagramBatch& operator=(const DatagramBatch&) = delete;

  /// Takes what waits at `fd`, which does not block. How many came; 0: nothing, or an error.
  [[nodiscard]] std::size_t receive(int fd);

  /// Of the last batch.
  [[nodiscard]] std::size_t bytes(std::size_t index) const { return heads_[index].msg_len; }
  [[nodiscard]] bool is_cut(std::size_t index) const {
    return (heads_[index].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }
  [[nodiscard]] base::IpEndpoint source(std::size_t index) const;

  /// Marks a datagram of the last batch to be sent with the others.
  void forward(std::size_t index);
  /// What became of those that were marked.
  struct Sent {
    std::size_t packets = 0;
    std::uint64_t bytes = 0;
    std::size_t packets_left = 0;  ///< which the kernel did not take
    std::uint64_t bytes_left = 0;
  };
  /// Sends those that were marked from `fd` to `destination`. What the kernel does not take at once
  /// is lost, never kept.
  [[nodiscard]] Sent send(int fd, const base::IpEndpoint& destination);

 private:
  using Buffer = std::array<std::byte, kDatagramBytesMax>;

  std::unique_ptr<std::array<Buffer, kDatagramsMax>> buffers_;
  std::array<mmsghdr, kDatagramsMax> heads_{};
  std::array<iovec, kDatagramsMax> parts_{};
  std::array<net::SocketAddress, kDatagramsMax> names_;
  std::array<mmsghdr, kDatagramsMax> outgoing_{};
  std::array<iovec, kDatagramsMax> outgoing_parts_{};
  std::size_t marked_ = 0;
};

/// A UDP socket bound to `local`, non-blocking, that takes no trains as those of net::open_udp()
/// do: a batch has room for single datagrams. An IPv6 one takes no IPv4. None if the machine
/// refuses it, errno says why.
[[nodiscard]] base::UniqueFd bind_datagram_socket(const base::IpEndpoint& local);

}  // namespace bellhop::nodes

// Receives datagrams in batches, trains unopened (recvmmsg(2), UDP_GRO).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "component/base/ip_address.hpp"
#include "relay/net/socket_address.hpp"

namespace bellhop::net {

/// The memory that received datagrams lie in until the sends made of them are flushed. One shard.
/// Nothing is freed one by one: each batch takes what is next, and reset() takes all back.
class Arena {
 public:
  /// The longest datagram or train, and a stagger so that windows do not fall into one cache set.
  static constexpr std::size_t kWindow = 65536 + 320;

  explicit Arena(std::size_t bytes) : memory_(new std::uint8_t[bytes]), bytes_(bytes) {}

  [[nodiscard]] std::size_t room() const { return bytes_ - used_; }
  [[nodiscard]] std::uint8_t* next() { return memory_.get() + used_; }
  /// Of next(); kept until reset().
  void use(std::size_t bytes) { used_ += bytes; }
  void reset() { used_ = 0; }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t bytes_;
  std::size_t used_ = 0;
};

/// One datagram, or several of one source that came as a train.
struct Received {
  std::span<const std::uint8_t> bytes;
  std::size_t segment;  ///< bytes of each datagram but the last; that of the only one
  const SocketAddress* from;
  /// The address it was sent to; unspecified when the socket does not tell.
  base::IpAddress to;

  /// Calls `take(bytes)` for each datagram.
  template <typename Take>
  void for_each(Take take) const {
    if (bytes.empty()) return take(bytes);
    for (std::size_t at = 0; at < bytes.size(); at += segment) {
      take(bytes.subspan(at, std::min(segment, bytes.size() - at)));
    }
  }
};

/// Reads sockets of one shard.
class Ingress {
 public:
  static constexpr std::size_t kBatchMax = 16;

  explicit Ingress(Arena& arena);

  /// What waits on `fd`, at most `count` receptions; they are valid until the next call, their
  /// bytes until the arena is reset, which has room for `count` windows. is_drained(): nothing
  /// waits any more.
  [[nodiscard]] std::span<const Received> read(int fd, std::size_t count);
  [[nodiscard]] bool is_drained() const { return is_drained_; }
  /// Datagrams that the kernel has dropped on the socket read last since it was opened, as far as
  /// it told; 0: none, or nothing new.
  [[nodiscard]] std::uint32_t kernel_drops() const { return kernel_drops_; }

 private:
  static constexpr std::size_t kControlBytes = 128;

  void prepare(std::size_t count);
  [[nodiscard]] Received describe(std::size_t index);

  Arena& arena_;
  std::array<mmsghdr, kBatchMax> headers_{};
  std::array<iovec, kBatchMax> buffers_{};
  std::array<SocketAddress, kBatchMax> sources_;
  struct alignas(cmsghdr) Control {
    std::array<char, kControlBytes> bytes;
  };
  std::array<Control, kBatchMax> controls_{};
  std::array<Received, kBatchMax> received_{};
  bool is_drained_ = false;
  std::uint32_t kernel_drops_ = 0;
};

}  // namespace bellhop::net

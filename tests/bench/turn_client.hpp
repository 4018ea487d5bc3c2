// The TURN client of the load program: makes, keeps and gives back allocations.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "tests/bench/net.hpp"
#include "tests/bench/turn_message.hpp"

namespace bellhop::bench {

[[nodiscard]] inline const sockaddr* generic_address(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // how sockets(7) wants it
}

/// The address 127.0.0.0 + `host`, port 0.
[[nodiscard]] sockaddr_in loopback_address(std::uint32_t host);

/// Where clients come from: each address and port once, because a server may remember a five-tuple
/// for longer than its allocation lives. Begins at random, so that a later run has others.
class SourceSequence {
 public:
  SourceSequence();
  [[nodiscard]] sockaddr_in next();

 private:
  static constexpr std::uint16_t port_min = 10'000;
  static constexpr std::uint16_t port_max = 59'999;
  std::uint32_t host_;  // in 127.64.0.0/10
  std::uint16_t port_ = port_min;
};

/// A non-blocking UDP socket on that address, with buffers of that size as far as the kernel grants
/// them (0: as they are). Throws std::system_error.
[[nodiscard]] UniqueFd udp_socket(const sockaddr_in& from, int buffer_bytes = 0);
/// The same, connected.
[[nodiscard]] UniqueFd udp_socket(const sockaddr_in& from, const sockaddr_in& to,
                                  int buffer_bytes = 0);
[[nodiscard]] sockaddr_in local_address(int fd);

/// Whom to ask, and who asks: long-term credentials.
struct TurnAccount {
  sockaddr_in server{};
  std::string user, password;
};

/// One allocation; its socket is connected to the server.
struct Allocation {
  UniqueFd fd;
  sockaddr_in relayed{};
  std::string nonce;
};

/// One request after the other, each until its answer. Throws std::runtime_error, with the error
/// code, when one is refused, and when none comes however often it is asked. Every answer must be
/// signed as RFC 8489 §9.2.5 wants it.
class TurnClient {
 public:
  /// The first Allocate is filled up to this, so that a server that answers strangers with no more
  /// than they sent answers this one.
  static constexpr std::size_t first_request_bytes = 200;

  explicit TurnClient(TurnAccount account);

  [[nodiscard]] Allocation allocate(const sockaddr_in& from, int buffer_bytes = 0);
  void create_permission(Allocation& allocation, const sockaddr_in& peer);
  void bind_channel(Allocation& allocation, std::uint16_t channel, const sockaddr_in& peer);
  /// @param seconds 0 gives the allocation back
  void refresh(Allocation& allocation, std::uint32_t seconds);

  /// For who asks many at a time: the requests of a cycle, made as the above make them.
  [[nodiscard]] StunRequest first_allocate(const TransactionId& id) const;
  [[nodiscard]] StunRequest signed_allocate(const TransactionId& id, const StunAnswer& refusal);
  [[nodiscard]] StunRequest signed_refresh(const TransactionId& id, const std::string& nonce,
                                           std::uint32_t seconds);
  [[nodiscard]] TransactionId next_id();
  /// The realm of the first answer counts for all.
  void learn_realm(std::string_view realm);

 private:
  void authenticate(StunRequest& request, std::string_view nonce);
  [[nodiscard]] StunAnswer exchange(int fd, const StunRequest& request, const TransactionId& id);
  template <typename Make>
  [[nodiscard]] StunAnswer ask(Allocation& allocation, const char* what, Make make);

  TurnAccount account_;
  std::string realm_;
  std::optional<StunSigner> signer_;
  std::mt19937_64 random_;
  std::array<std::uint8_t, 2048> input_{};
};

}  // namespace bellhop::bench

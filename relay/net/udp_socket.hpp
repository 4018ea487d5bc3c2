// UDP sockets as the packet path needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "component/base/ip_address.hpp"
#include "component/base/unique_fd.hpp"

namespace bellhop::net {

/// How a socket is set up; all are non-blocking, and of one family.
struct UdpOptions {
  /// Bytes of the receive buffer; as root beyond net.core.rmem_max.
  int receive_buffer = 0;
  /// Shared among shards: the kernel spreads clients by their address.
  bool is_port_shared = false;
  /// Which local address a datagram came to is told: the socket is bound to all.
  bool tells_local_address = false;
  /// Errors that peers or routers report by ICMP come by the error queue.
  bool tells_icmp_errors = false;
};

/// A bound socket, or errno. What was asked for and the kernel lacks (trains, error queue) is left
/// out without a word: the path does without.
[[nodiscard]] std::variant<base::UniqueFd, int> open_udp(const base::IpEndpoint& local,
                                                         const UdpOptions& options);

/// Whether a socket bound to it takes what comes to any address of the machine.
[[nodiscard]] bool is_wildcard(const base::IpAddress& local);

/// What a socket is bound to; port 0: nothing.
[[nodiscard]] base::IpEndpoint bound_to(int fd);

}  // namespace bellhop::net

#include "relay/net/udp_socket.hpp"

#include <netinet/udp.h>

#include <cerrno>

#include "relay/net/socket_address.hpp"

namespace bellhop::net {
namespace {

bool set(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

}  // namespace

std::variant<base::UniqueFd, int> open_udp(const base::IpEndpoint& local,
                                           const UdpOptions& options) {
  const bool is_v4 = local.address.is_v4();
  base::UniqueFd socket(
      ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return errno;
  const int fd = socket.value();
  if (!is_v4 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return errno;
  if (options.is_port_shared && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return errno;
  if (options.receive_buffer > 0 && !set(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer)) {
    (void)set(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  }
  if (options.tells_local_address) {
    const bool is_set =
        is_v4 ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    if (!is_set) return errno;
  }
  if (options.tells_icmp_errors) {
    (void)(is_v4 ? set(fd, IPPROTO_IP, IP_RECVERR, 1) : set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
  }
  // RFC 8656 §15: the DF bit is clear unless the client asks.
  (void)(is_v4 ? set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
               : set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT));
  (void)set(fd, IPPROTO_UDP, UDP_GRO, 1);
  (void)set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
  const SocketAddress address(local);
  if (::bind(fd, address.raw(), address.size) != 0) return errno;
  return socket;
}

bool is_wildcard(const base::IpAddress& local) {
  return local == base::IpAddress::from_v4(0) || local == base::IpAddress::from_v6({});
}

base::IpEndpoint bound_to(int fd) {
  SocketAddress address;
  address.size = sizeof address.v6;
  if (::getsockname(fd, address.raw(), &address.size) != 0) return {};
  return address.endpoint();
}

}  // namespace bellhop::net

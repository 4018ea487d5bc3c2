#include "relay/net/tcp_socket.hpp"

#include <netinet/tcp.h>

#include <cerrno>

#include "relay/net/socket_address.hpp"

namespace bellhop::net {
namespace {

// Peers are few, and each was permitted or it is closed at once.
constexpr int kBacklog = 64;

bool set(int fd, int level, int name) {
  const int on = 1;
  return ::setsockopt(fd, level, name, &on, sizeof on) == 0;
}

// Bound; what was closed on the same port a moment ago is no hindrance.
std::variant<base::UniqueFd, int> open_bound(const base::IpEndpoint& local, bool is_port_shared) {
  const bool is_v4 = local.address.is_v4();
  base::UniqueFd socket(
      ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return errno;
  const int fd = socket.value();
  const SocketAddress address(local);
  const bool is_bound =
      (is_v4 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY)) && set(fd, SOL_SOCKET, SO_REUSEADDR) &&
      (!is_port_shared || set(fd, SOL_SOCKET, SO_REUSEPORT)) && set(fd, IPPROTO_TCP, TCP_NODELAY) &&
      ::bind(fd, address.raw(), address.size) == 0;
  if (!is_bound) return errno;
  return socket;
}

}  // namespace

std::variant<base::UniqueFd, int> listen_tcp(const base::IpEndpoint& local) {
  auto opened = open_bound(local, false);
  if (std::holds_alternative<int>(opened)) return opened;
  const int fd = std::get<base::UniqueFd>(opened).value();
  // Shared only now that it is bound: a port that somebody else listens on stays his.
  if (!set(fd, SOL_SOCKET, SO_REUSEPORT) || ::listen(fd, kBacklog) != 0) return errno;
  return opened;
}

std::variant<base::UniqueFd, int> connect_tcp(const base::IpEndpoint& local,
                                              const base::IpEndpoint& to) {
  auto opened = open_bound(local, true);
  if (std::holds_alternative<int>(opened)) return opened;
  const int fd = std::get<base::UniqueFd>(opened).value();
  const SocketAddress address(to);
  if (::connect(fd, address.raw(), address.size) != 0 && errno != EINPROGRESS) return errno;
  return opened;
}

int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

std::optional<AcceptedPeer> accept_tcp(int listener) {
  for (;;) {
    SocketAddress from;
    from.size = sizeof from.v6;
    const int fd = ::accept4(listener, from.raw(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) return AcceptedPeer{base::UniqueFd(fd), from.endpoint()};
    if (errno != ECONNABORTED && errno != EINTR) return std::nullopt;
  }
}

}  // namespace bellhop::net

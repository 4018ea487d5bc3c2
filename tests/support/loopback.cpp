#include "tests/support/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace bellhop::test {
namespace {

using Clock = std::chrono::steady_clock;

bool is_ready(int fd, short events, std::chrono::milliseconds wait) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  const auto deadline = Clock::now() + wait;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int n = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (n > 0) return true;
    if (n == 0) return false;
  }
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

template <typename Address>
sockaddr* generic(Address& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

void set_option(int fd, int level, int name, int value) {
  (void)::setsockopt(fd, level, name, &value, sizeof value);
}

base::UniqueFd open_socket() {
  base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw Missed(std::string("no socket: ") + std::strerror(errno));
  return fd;
}

}  // namespace

bool eventually(const std::function<bool()>& is_true) {
  const auto deadline = Clock::now() + kPatience;
  while (!is_true()) {
    if (Clock::now() >= deadline) return false;
    (void)::poll(nullptr, 0, 2);
  }
  return true;
}

Peer::Peer(std::uint16_t port) : fd_(open_socket()) {
  sockaddr_in address = loopback(port);
  if (::connect(fd_.value(), generic(address), sizeof address) != 0) {
    throw Missed(std::string("cannot connect: ") + std::strerror(errno));
  }
  set_option(fd_.value(), IPPROTO_TCP, TCP_NODELAY, 1);
}

void Peer::send(std::string_view bytes) {
  if (send_until_full(bytes, kPatience) != bytes.size()) {
    throw Missed("the other side did not take what was sent");
  }
}

std::size_t Peer::send_until_full(std::string_view bytes, std::chrono::milliseconds wait) {
  std::size_t sent = 0;
  while (sent < bytes.size() && is_ready(fd(), POLLOUT, wait)) {
    const ssize_t n =
        ::send(fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) break;
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  return sent;
}

std::string Peer::receive(std::size_t n) {
  std::string bytes;
  while (bytes.size() < n) {
    const std::string more = receive_some(n - bytes.size());
    if (more.empty()) {
      throw Missed("the connection ended after " + std::to_string(bytes.size()) + " of " +
                   std::to_string(n) + " bytes");
    }
    bytes += more;
  }
  return bytes;
}

std::string Peer::receive_some(std::size_t n_max) {
  if (!is_ready(fd(), POLLIN, kPatience)) throw Missed("nothing came");
  std::array<char, 16 * 1024> buffer;
  const ssize_t n = ::recv(fd(), buffer.data(), std::min(n_max, buffer.size()), 0);
  return std::string(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
}

std::string Peer::receive_all() {
  std::string bytes;
  for (;;) {
    const std::string more = receive_some();
    if (more.empty()) return bytes;
    bytes += more;
  }
}

bool Peer::has_input() const {
  return is_ready(fd(), POLLIN, 0ms);
}

void Peer::shutdown_send() {
  (void)::shutdown(fd(), SHUT_WR);
}

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Acceptor::Acceptor(int receive_buffer) : fd_(open_socket()) {
  if (receive_buffer > 0) set_option(fd_.value(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool is_listening = ::bind(fd_.value(), generic(address), length) == 0 &&
                            ::listen(fd_.value(), SOMAXCONN) == 0 &&
                            ::getsockname(fd_.value(), generic(address), &length) == 0;
  if (!is_listening) throw Missed(std::string("cannot listen: ") + std::strerror(errno));
  port_ = ntohs(address.sin_port);
}

base::UniqueFd Acceptor::accept() const {
  if (!is_ready(fd(), POLLIN, kPatience)) throw Missed("nobody connected");
  base::UniqueFd accepted(::accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted) throw Missed(std::string("cannot accept: ") + std::strerror(errno));
  set_option(accepted.value(), IPPROTO_TCP, TCP_NODELAY, 1);
  return accepted;
}

bool Acceptor::has_caller() const {
  return is_ready(fd(), POLLIN, 0ms);
}

}  // namespace bellhop::test

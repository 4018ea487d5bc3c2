#include "tests/bench/net.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace bellhop::bench {
namespace {

constexpr std::size_t max_events = 512;  // per wait; only a batch size

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // how sockets(7) wants it
}

void set_option(int fd, int level, int name) {
  const int on = 1;
  if (setsockopt(fd, level, name, &on, sizeof on) != 0) throw_errno("setsockopt");
}

UniqueFd make_socket() {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno("socket");
  return fd;
}

bool ready_within(int fd, short events, std::chrono::milliseconds time) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  return poll(&entry, 1, static_cast<int>(time.count())) == 1;
}

}  // namespace

void UniqueFd::reset() noexcept {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in parse_address(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  }
  if (port == 0 || inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    throw std::invalid_argument("not an address like 127.0.0.1:7777: " + text);
  }
  address.sin_port = htons(port);
  return address;
}

UniqueFd Sources::connect(const sockaddr_in& to) {
  UniqueFd fd = make_socket();
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (count_ > 0) {
    // The port is chosen at connect(2), where the whole five-tuple counts and not only our half.
    set_option(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1U + next_);
    next_ = static_cast<std::uint8_t>((next_ + 1) % count_);
    if (bind(fd.get(), generic(from), sizeof from) != 0) throw_errno("bind");
  }
  if (::connect(fd.get(), generic(to), sizeof to) != 0 && errno != EINPROGRESS) {
    throw_errno("connect");
  }
  return fd;
}

UniqueFd listen_on(const sockaddr_in& address) {
  UniqueFd fd = make_socket();
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (bind(fd.get(), generic(address), sizeof address) != 0) throw_errno("bind");
  if (listen(fd.get(), SOMAXCONN) != 0) throw_errno("listen");
  return fd;
}

UniqueFd accept_within(int listener, std::chrono::milliseconds time) {
  if (!ready_within(listener, POLLIN, time)) throw std::runtime_error("no connection to accept");
  UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) throw_errno("accept4");
  return fd;
}

void await_connected(int fd, std::chrono::milliseconds time) {
  if (!ready_within(fd, POLLOUT, time)) throw std::runtime_error("connect: no answer");
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) throw_errno("getsockopt");
  if (error != 0) throw std::system_error(error, std::generic_category(), "connect");
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("setrlimit");
  return limit.rlim_cur;
}

Epoll::Epoll() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_) throw_errno("epoll_create1");
}

void Epoll::add(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl");
}

void Epoll::remove(int fd) {
  if (epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr) != 0) throw_errno("epoll_ctl");
}

const std::vector<epoll_event>& Epoll::wait(int timeout_ms) {
  events_.resize(max_events);
  const int count = epoll_wait(fd_.get(), events_.data(), static_cast<int>(max_events), timeout_ms);
  if (count < 0 && errno != EINTR) throw_errno("epoll_wait");
  events_.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return events_;
}

}  // namespace bellhop::bench

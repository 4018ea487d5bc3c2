// Sockets for the load program and the floor: plain POSIX, IPv4, nothing of Bellhop's.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellhop::bench {

/// Owns one descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// Throws std::system_error with the calling thread's errno.
[[noreturn]] void throw_errno(const std::string& what);

/// Reads `127.0.0.1:5347`: a numeric IPv4 address and a port. Throws std::invalid_argument.
[[nodiscard]] sockaddr_in parse_address(const std::string& text);

/// The addresses that connections come from. One address has some 28,000 free ports towards one
/// listener, so tens of thousands of connections on loopback need several.
class Sources {
 public:
  /// @param count 127.0.0.2, 127.0.0.3, …; 0: the kernel chooses (the only choice off loopback)
  explicit Sources(std::uint8_t count) : count_(count) {}

  /// Starts a non-blocking connection; it may still be under way when this returns. Throws
  /// std::system_error when the kernel refuses at once (no descriptor, no port).
  [[nodiscard]] UniqueFd connect(const sockaddr_in& to);

 private:
  std::uint8_t count_;
  std::uint8_t next_ = 0;
};

/// A listening, non-blocking socket. Throws std::system_error.
[[nodiscard]] UniqueFd listen_on(const sockaddr_in& address);

/// Accepts one connection (non-blocking) within the time; throws std::runtime_error if none comes.
[[nodiscard]] UniqueFd accept_within(int listener, std::chrono::milliseconds time);

/// Waits until a connection made by Sources::connect stands; throws if it fails or takes longer.
void await_connected(int fd, std::chrono::milliseconds time);

/// Sets the soft limit of open files to the hard one and returns it.
std::size_t raise_file_limit();

/// Events of many descriptors; each carries a number chosen by the owner.
class Epoll {
 public:
  Epoll();
  void add(int fd, std::uint32_t events, std::uint64_t token);
  void remove(int fd);
  /// @param timeout_ms as in epoll_wait(2); the result is valid until the next call
  [[nodiscard]] const std::vector<epoll_event>& wait(int timeout_ms);

 private:
  UniqueFd fd_;
  std::vector<epoll_event> events_;
};

}  // namespace bellhop::bench

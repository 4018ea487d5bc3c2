// TCP on the loopback interface for tests: plain blocking calls, each with a deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "component/base/unique_fd.hpp"

namespace bellhop::test {

using namespace std::chrono_literals;

/// How long a test waits for what has to come. Only a failing test waits that long.
inline constexpr std::chrono::milliseconds kPatience = 20s;

/// What had to come did not: ends the test with this sentence.
class Missed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Asks every few milliseconds until `is_true`; false after kPatience.
[[nodiscard]] bool eventually(const std::function<bool()>& is_true);

/// One TCP connection. All waits throw Missed after kPatience.
class Peer {
 public:
  /// Connects to 127.0.0.1. Throws Missed when refused.
  explicit Peer(std::uint16_t port);
  /// Takes an accepted connection.
  explicit Peer(base::UniqueFd fd) : fd_(std::move(fd)) {}

  void send(std::string_view bytes);
  /// Sends what can be sent before `wait` passes without progress; the number of bytes.
  [[nodiscard]] std::size_t send_until_full(std::string_view bytes, std::chrono::milliseconds wait);
  /// Exactly `n` bytes. Missed also when the connection ends before.
  [[nodiscard]] std::string receive(std::size_t n);
  /// One byte at least; empty: the other side has sent its end, or has reset the connection.
  [[nodiscard]] std::string receive_some(std::size_t n_max = 16 * 1024);
  /// All bytes until the connection ends, by a FIN or by a reset.
  [[nodiscard]] std::string receive_all();
  /// Whether bytes, or the end, can be read now.
  [[nodiscard]] bool has_input() const;

  void shutdown_send();
  /// Closes with a reset.
  void reset();
  void close() { fd_.reset(); }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }

  [[nodiscard]] int fd() const { return fd_.value(); }

 private:
  base::UniqueFd fd_;
};

/// Listens on a free port of 127.0.0.1.
class Acceptor {
 public:
  /// `receive_buffer`: SO_RCVBUF of what is accepted; 0: the system's.
  explicit Acceptor(int receive_buffer = 0);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The next connection; throws Missed after kPatience.
  [[nodiscard]] base::UniqueFd accept() const;
  /// Whether somebody waits to be accepted.
  [[nodiscard]] bool has_caller() const;
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.value(); }

 private:
  base::UniqueFd fd_;
  std::uint16_t port_ = 0;
};

}  // namespace bellhop::test

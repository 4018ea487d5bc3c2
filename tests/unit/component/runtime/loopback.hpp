// Coroutines and loopback sockets for tests: the context runs on the test's own thread, the far
// ends are plain non-blocking descriptors that the test reads and writes between its turns.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "component/base/clock.hpp"
#include "component/base/log.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime::test {

/// Long enough for a loaded machine under a sanitizer; reached only by a failing test.
inline constexpr auto kPatience = std::chrono::seconds(30);

/// Runs `context` until `is_done()`; false when patience is at its end.
template <typename Done>
[[nodiscard]] bool run_until(asio::io_context& context, Done is_done) {
  const auto deadline = base::Deadline::after(kPatience);
  while (!is_done()) {
    if (deadline.has_passed(base::Clock::now())) return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// How one coroutine went.
struct Ending {
  bool is_done = false;
  std::exception_ptr error;
};

/// Starts `task` on `context`; its ending can be read from what is returned.
inline std::shared_ptr<Ending> start(asio::io_context& context, Task<> task) {
  auto ending = std::make_shared<Ending>();
  asio::co_spawn(context.get_executor(), std::move(task), [ending](std::exception_ptr error) {
    ending->is_done = true;
    ending->error = std::move(error);
  });
  return ending;
}

/// Runs `task` to its end and returns what it returned; a test failure and T{} if it hangs or
/// throws.
template <typename T>
T run(asio::io_context& context, Task<T> task) {
  auto value = std::make_shared<std::optional<T>>();
  auto is_done = std::make_shared<bool>(false);
  asio::co_spawn(context.get_executor(), std::move(task),
                 [value, is_done](std::exception_ptr error, T result) {
                   *is_done = true;
                   if (!error) value->emplace(std::move(result));
                 });
  EXPECT_TRUE(run_until(context, [&] { return *is_done; })) << "the coroutine hangs";
  EXPECT_TRUE(value->has_value()) << "the coroutine threw";
  return value->has_value() ? std::move(**value) : T{};
}

inline void run(asio::io_context& context, Task<> task) {
  const auto ending = start(context, std::move(task));
  EXPECT_TRUE(run_until(context, [&] { return ending->is_done; })) << "the coroutine hangs";
  EXPECT_FALSE(ending->error) << "the coroutine threw";
}

/// A client of this machine, never blocking.
class Peer {
 public:
  explicit Peer(base::UniqueFd fd) : fd_(std::move(fd)) {
    const int flags = ::fcntl(fd_.value(), F_GETFL);
    EXPECT_EQ(::fcntl(fd_.value(), F_SETFL, flags | O_NONBLOCK), 0);
  }

  [[nodiscard]] static Peer connect(std::uint16_t port) {
    base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return Peer(std::move(fd));
  }

  /// Sends all of `bytes`, running `context` while the kernel takes no more.
  void send(asio::io_context& context, std::string_view bytes) {
    const bool is_sent = run_until(context, [&] {
      bytes.remove_prefix(send_some(bytes));
      return bytes.empty();
    });
    EXPECT_TRUE(is_sent) << bytes.size() << " bytes are left";
  }
  /// As much as the kernel takes now.
  std::size_t send_some(std::string_view bytes) {
    const ssize_t n = ::send(fd_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }

  /// What has come, at most `wanted` bytes; notes the end of the stream.
  std::string receive_some(std::size_t wanted = 65536) {
    std::string bytes(wanted, '\0');
    const ssize_t n = ::recv(fd_.value(), bytes.data(), bytes.size(), 0);
    if (n == 0) has_ended_ = true;
    if (n < 0 && errno != EAGAIN) was_reset_ = true;
    bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return bytes;
  }
  /// Exactly `wanted` bytes, fewer only if the stream ends before.
  std::string receive(asio::io_context& context, std::size_t wanted) {
    std::string bytes;
    const bool is_done = run_until(context, [&] {
      bytes += receive_some(wanted - bytes.size());
      return bytes.size() == wanted || has_ended_ || was_reset_;
    });
    EXPECT_TRUE(is_done) << "only " << bytes.size() << " of " << wanted << " bytes came";
    return bytes;
  }
  /// Everything up to the end of the stream.
  std::string receive_rest(asio::io_context& context) {
    std::string bytes;
    const bool is_done = run_until(context, [&] {
      bytes += receive_some();
      return has_ended_ || was_reset_;
    });
    EXPECT_TRUE(is_done) << "the stream does not end";
    return bytes;
  }

  void shutdown_send() { EXPECT_EQ(::shutdown(fd_.value(), SHUT_WR), 0); }
  void close() { fd_.reset(); }
  /// Ends the connection with a reset instead of an end of file.
  void reset() {
    const linger at_once{1, 0};
    EXPECT_EQ(::setsockopt(fd_.value(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    fd_.reset();
  }

  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool was_reset() const { return was_reset_; }
  [[nodiscard]] std::uint16_t own_port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(fd_.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
  }

 private:
  base::UniqueFd fd_;
  bool has_ended_ = false;
  bool was_reset_ = false;
};

/// A listener on a free port of loopback.
struct Listening {
  base::UniqueFd fd;
  std::uint16_t port = 0;
};

/// `flags` are those of socket(2), such as SOCK_NONBLOCK.
inline Listening listening(int flags = 0) {
  Listening listener{base::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener.fd.value(), generic, size), 0);
  EXPECT_EQ(::listen(listener.fd.value(), 1), 0);
  EXPECT_EQ(::getsockname(listener.fd.value(), generic, &size), 0);
  listener.port = ntohs(address.sin_port);
  return listener;
}

/// Both ends of one TCP connection over loopback.
struct Connected {
  Peer peer;
  base::UniqueFd served;  ///< what a server would have accepted, non-blocking
};

inline Connected connected() {
  const Listening listener = listening();
  Peer peer = Peer::connect(listener.port);
  base::UniqueFd served(
      ::accept4(listener.fd.value(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  EXPECT_TRUE(served);
  return {std::move(peer), std::move(served)};
}

/// As the program does at its start: writing to a client that has gone is an error, not a signal.
inline void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

/// A log in a file of its own, which goes away with it.
class TempLog {
 public:
  explicit TempLog(base::Severity level = base::Severity::trace)
      : folder_(make_folder()), log_({level, base::LogPrivacy::full, folder_ / "log"}) {}
  ~TempLog() { std::filesystem::remove_all(folder_); }
  TempLog(const TempLog&) = delete;
  TempLog& operator=(const TempLog&) = delete;

  [[nodiscard]] base::Log& log() { return log_; }
  [[nodiscard]] std::string text() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has(std::string_view words) const {
    return text().find(words) != std::string::npos;
  }

 private:
  static std::filesystem::path make_folder() {
    std::string pattern = ::testing::TempDir() + "bellhop_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    return pattern;
  }

  std::filesystem::path folder_;
  base::Log log_;
};

/// How many descriptors this process has open.
inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += entry.is_symlink() ? 1 : 0;
  }
  return count;
}

}  // namespace bellhop::runtime::test

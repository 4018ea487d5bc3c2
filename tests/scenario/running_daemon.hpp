// The real Daemon on a thread of the test's process, with its log in a file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "tests/support/loopback.hpp"

namespace bellhop::test {

/// Runs from construction to destruction. What waits throws Missed after kPatience.
class RunningDaemon {
 public:
  /// Admin sockets and the state folder that stand at their defaults are left out: tests run beside
  /// each other and beside an installed daemon.
  explicit RunningDaemon(config::Settings settings);
  /// Stops, without waiting for running sessions. The log of a failed test goes to standard error.
  ~RunningDaemon();
  RunningDaemon(const RunningDaemon&) = delete;
  RunningDaemon& operator=(const RunningDaemon&) = delete;

  /// Of the first listener.
  [[nodiscard]] std::uint16_t port() const;

  void request_stop();
  [[nodiscard]] bool has_ended() const;
  void expect_end();

  [[nodiscard]] std::string log() const;
  /// All lines so far of that event, oldest first.
  [[nodiscard]] std::vector<std::string> lines(std::string_view event) const;
  /// Waits for line number `count` of that event and returns it.
  [[nodiscard]] std::string line(std::string_view event, std::size_t count = 1) const;
  /// The sum of a counter over its reasons, or with `reason` of that one.
  [[nodiscard]] std::uint64_t counter(std::string_view metric, std::string_view reason = {}) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The value behind ` key=` in a line of the log, quotes taken off; empty: there is none.
[[nodiscard]] std::string field(std::string_view line, std::string_view key);
/// The same as a number; -1: there is none.
[[nodiscard]] std::int64_t number(std::string_view line, std::string_view key);

}  // namespace bellhop::test

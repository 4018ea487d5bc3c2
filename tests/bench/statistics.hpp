// What the load program measures with: percentiles, the CPU and memory of other processes, and the
// JSON lines that report it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// A set of waiting times.
class Latencies {
 public:
  void add(Clock::duration time) { times_.push_back(time); }
  [[nodiscard]] bool empty() const { return times_.empty(); }
  /// @param share 0.5 is the median; the nearest rank is taken. In microseconds; 0 when empty.
  [[nodiscard]] double percentile_us(double share) const;

 private:
  std::vector<Clock::duration> times_;
};

/// CPU seconds (user and system, all threads) that these processes have used so far; in steps of
/// a clock tick, 10 ms. A process that is gone counts as 0.
[[nodiscard]] double cpu_seconds(const std::vector<pid_t>& pids);

/// Resident anonymous memory of these processes in KiB: heap and stacks, no shared libraries.
[[nodiscard]] std::int64_t anonymous_kib(const std::vector<pid_t>& pids);

/// One line of JSON, made field by field; printed with a newline and flushed by print().
class JsonLine {
 public:
  JsonLine& text(std::string_view key, std::string_view value);
  JsonLine& number(std::string_view key, double value);
  JsonLine& count(std::string_view key, std::uint64_t value);
  JsonLine& flag(std::string_view key, bool value);
  /// `KEY_p50_us` and `KEY_p99_us`; left out when nothing was measured.
  JsonLine& latencies(std::string_view key, const Latencies& value);
  JsonLine& counts(std::string_view key, const std::map<std::string, std::uint64_t>& value);
  void print() const;

 private:
  JsonLine& raw(std::string_view key, std::string_view value);
  std::string line_;
};

}  // namespace bellhop::bench

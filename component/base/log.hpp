// Structured events: one line each, `event=name key=value …`. Names are stable; folders list
// theirs.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "component/base/clock.hpp"

namespace bellhop::base {

/// How much a line matters: `error` an operator must act, `warn` something degraded, `info` a line
/// for each session, `debug` decisions, `trace` the rest.
enum class Severity : std::uint8_t { trace, debug, info, warn, error };

/// One `key=value`. The value is quoted when it needs to be; control characters are escaped.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}

  std::string_view key;  // a literal
  std::string value;
};

/// `event=name key=value …` without time and level. Pure; values are cut at 1,024 bytes.
[[nodiscard]] std::string format_event(std::string_view name,
                                       std::initializer_list<LogField> fields);

/// How addresses of people and machines are written.
enum class LogPrivacy : std::uint8_t { full, masked };

/// Where events go. Thread-safe; made by main and passed by reference to all.
class Log {
 public:
  struct Options {
    Severity level = Severity::info;
    LogPrivacy privacy = LogPrivacy::full;
    std::string file;  ///< empty: standard error
  };

  /// Throws std::runtime_error when the file cannot be opened (start-up only).
  explicit Log(const Options& options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool is_on(Severity severity) const;
  void set_level(Severity severity);
  void set_privacy(LogPrivacy privacy) { privacy_.store(privacy, std::memory_order_relaxed); }

  void write(Severity severity, std::string_view event, std::initializer_list<LogField> fields);

  /// For lines that a stranger can trigger: at most one a second for each event name; the next one
  /// says how many were left out (`suppressed=N`). `event` must be a literal.
  void write_limited(Severity severity, std::string_view event,
                     std::initializer_list<LogField> fields);

  /// A JID as the privacy setting wants it: masked, only its domain is left.
  [[nodiscard]] std::string shown_jid(std::string_view jid) const;
  /// An IP address or endpoint likewise: masked, the last number of an IPv4 address or the last 64
  /// bits of an IPv6 address become `*`.
  [[nodiscard]] std::string shown_address(std::string_view address) const;

 private:
  struct Sink;
  struct Limit {
    TimePoint next{};
    std::uint64_t suppressed = 0;
  };

  std::unique_ptr<Sink> sink_;
  std::atomic<LogPrivacy> privacy_;
  std::mutex limits_mutex_;  // every shard thread may log a limited event
  std::unordered_map<std::string_view, Limit> limits_;
};

}  // namespace bellhop::base

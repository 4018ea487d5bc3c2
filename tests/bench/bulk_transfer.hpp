// Pushes bytes through sessions as fast as they go, and measures.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/bench/session_source.hpp"
#include "tests/bench/statistics.hpp"

namespace bellhop::bench {

/// What one stretch of time has shown.
struct BulkSample {
  double seconds = 0;
  double gib = 0;
  double cpu_seconds = 0;  ///< of the watched processes

  [[nodiscard]] double gib_per_second() const { return seconds > 0 ? gib / seconds : 0; }
  [[nodiscard]] double cpu_seconds_per_gib() const { return gib > 0 ? cpu_seconds / gib : 0; }
};

/// Bytes from every requester to its target, by one sending and one receiving thread, from
/// construction to finish().
class BulkTransfer {
 public:
  /// @param verify true: the receiver reads and compares every byte. False: it lets the kernel
  ///        throw the bytes away unread (MSG_TRUNC), which costs the load program least.
  BulkTransfer(std::vector<Session> sessions, bool verify);
  ~BulkTransfer();
  BulkTransfer(const BulkTransfer&) = delete;
  BulkTransfer& operator=(const BulkTransfer&) = delete;

  /// Blocks for that time and counts what the targets receive in it.
  [[nodiscard]] BulkSample measure(Clock::duration time, const std::vector<pid_t>& watched) const;

  /// Stops sending, half-closes, and receives the rest for at most 30 s. True if every byte sent
  /// was received and, when verifying, was the right one.
  [[nodiscard]] bool finish();

 private:
  void send_all();
  void receive_all();
  /// False when the stream has ended.
  bool receive_some(std::size_t session, std::vector<char>& buffer);

  std::vector<Session> sessions_;
  const bool verify_;
  std::vector<std::uint64_t> positions_;  // of each stream, bytes received; the receiver's
  std::atomic<bool> stop_sending_ = false;
  std::atomic<bool> stop_receiving_ = false;
  std::atomic<bool> sound_ = true;  // no reset, no wrong byte
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<std::uint64_t> received_ = 0;
  std::atomic<std::size_t> streams_open_;
  std::thread sender_;
  std::thread receiver_;
};

}  // namespace bellhop::bench

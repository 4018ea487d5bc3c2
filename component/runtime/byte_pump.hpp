// Two-way splice(2) between two TCP sockets: half-close, rate limits, counters. No protocol.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "component/base/clock.hpp"
#include "component/base/token_bucket.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/pipe_pool.hpp"
#include "component/runtime/session.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// The limits a pump obeys; both directions together draw from each. Buckets belong to the shard
/// and outlive the pump. None set: the pump never asks for the time on their account.
struct PumpLimits {
  std::array<base::TokenBucket*, 3> buckets{};  ///< session, JID, total; null: no limit

  [[nodiscard]] bool any() const { return buckets[0] || buckets[1] || buckets[2]; }
  /// How many bytes may move now; `wanted` when there is no limit.
  [[nodiscard]] std::uint64_t allowance(std::uint64_t wanted, base::TimePoint now) const;
  void spend(std::uint64_t bytes) const;
  /// When asking again is worth it.
  [[nodiscard]] base::TimePoint next_grant() const;
};

/// Moves bytes between two sockets, both ways at once, as they come, without copying them.
///
/// Each direction is a coroutine: wait until the source is readable, splice into a borrowed pipe,
/// splice out, waiting for the sink where it is full, give the pipe back. End of file is passed on as
/// a half-close; the other direction goes on. An error on either socket ends both directions, after
/// what was read has been delivered where that is possible. Lives on one shard.
class BytePump {
 public:
  enum class Side : std::uint8_t { first, second };

  /// Takes the sockets (non-blocking mode is set here). `pipes` and the buckets must outlive it.
  BytePump(PipePool& pipes, TcpSocket first, TcpSocket second, PumpLimits limits);
  BytePump(const BytePump&) = delete;
  BytePump& operator=(const BytePump&) = delete;

  /// Moves bytes until both directions have ended. Call once. Ends early through end() only:
  /// cancelling the coroutine has no effect.
  [[nodiscard]] Task<EndReason> run();

  /// Closes both sockets. The first reason stays.
  void end(EndReason reason);

  /// Bytes delivered to the other side so far, counted when the kernel took them.
  [[nodiscard]] std::uint64_t bytes_from(Side side) const {
    return directions_[static_cast<std::size_t>(side)].delivered;
  }
  /// Bytes taken from one side that the other did not take any more.
  [[nodiscard]] std::uint64_t bytes_dropped() const;
  [[nodiscard]] base::TimePoint last_progress() const { return last_progress_; }

 private:
  struct Direction {
    TcpSocket& source;
    TcpSocket& sink;
    std::optional<Pipe> pipe{};
    std::size_t in_pipe = 0;  // bytes
    std::uint64_t delivered = 0;
    std::unique_ptr<Timer> throttle{};  // only where a limit is set
    bool is_done = false;
  };
  enum class Next : std::uint8_t { readable, writable, allowed, turn, end_of_file, failed };

  Task<> run_direction(Direction& direction);
  Next move(Direction& direction);
  std::optional<Next> fill(Direction& direction);
  std::optional<Next> flush(Direction& direction);
  void return_pipe(Direction& direction);

  PipePool& pipes_;
  TcpSocket first_;
  TcpSocket second_;
  PumpLimits limits_;
  std::array<Direction, 2> directions_;
  Event direction_done_;
  base::TimePoint last_progress_;
  EndReason reason_ = EndReason::none;
};

}  // namespace bellhop::runtime

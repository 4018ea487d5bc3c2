// Two-way splice(2) between two TCP sockets: half-close, rate limits, counters. No protocol.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "component/base/clock.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/pipe_pool.hpp"
#include "component/runtime/poller.hpp"
#include "component/runtime/session.hpp"
#include "component/runtime/session_limits.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Moves bytes between two sockets, both ways at once, as they come, without copying them.
///
/// Each direction: when its source is readable, splice into a borrowed pipe, splice out, wait for
/// the sink where it is full, give the pipe back when it is empty. End of file is passed on as a
/// half-close; the other direction goes on. An error on either socket ends both directions.
///
/// A state per direction instead of a coroutine: two frames and two pending operations for each of
/// 20,000 idle sessions would be half of what a session costs. Lives on one shard.
class BytePump {
 public:
  enum class Side : std::uint8_t { first, second };

  /// Takes the sockets, which must be in non-blocking mode. All else outlives the pump. `owner` is
  /// told of each progress; null: nobody is.
  BytePump(Executor executor, Poller& poller, PipePool& pipes, base::UniqueFd first,
           base::UniqueFd second, SessionLimits limits, Session* owner = nullptr);
  ~BytePump();
  BytePump(const BytePump&) = delete;
  BytePump& operator=(const BytePump&) = delete;

  /// Moves bytes until both directions have ended. Call once. Ends early through end() only:
  /// cancelling the coroutine has no effect.
  [[nodiscard]] Task<EndReason> run();

  /// Closes both sockets. The first reason stays.
  void end(EndReason reason);

  /// Other limits from now on; a direction that waits for an allowance asks again.
  void set_limits(SessionLimits limits);
  [[nodiscard]] const SessionLimits& limits() const { return limits_; }

  /// Bytes delivered to the other side so far, counted when the kernel took them.
  [[nodiscard]] std::uint64_t bytes_from(Side side) const {
    return directions_[static_cast<std::size_t>(side)].delivered;
  }
  [[nodiscard]] bool has_ended() const { return reason_ != EndReason::none; }
  /// Bytes taken from one side that the other did not take any more; before the end, not yet.
  [[nodiscard]] std::uint64_t bytes_dropped() const;
  [[nodiscard]] base::TimePoint last_progress() const { return last_progress_; }

 private:
  // What a direction waits for.
  enum class Wait : std::uint8_t { source, sink, allowance, turn, nothing };

  // From the socket it watches to the other one.
  struct Direction final : Poller::Watch {
    Direction(BytePump& owner, base::UniqueFd fd) : pump(owner), socket(std::move(fd)) {}
    void on_ready(std::uint32_t events) override { pump.on_ready(*this, events); }
    void on_turn() override { pump.advance(*this); }

    BytePump& pump;
    base::UniqueFd socket;  // the source
    std::optional<Pipe> pipe;
    std::size_t in_pipe = 0;  // bytes
    std::uint64_t delivered = 0;
    std::unique_ptr<Timer> throttle;  // only where a limit was met
    Wait wait = Wait::source;         // fresh connections have rarely sent anything
    bool has_ended_input = false;     // the peer has shut down its sending side
    bool has_spent = false;           // had a share of the allowance since it last waited for one
    bool is_drained = false;          // the splice just made has emptied the source
  };

  [[nodiscard]] Direction& opposite(const Direction& direction);
  void on_ready(Direction& watched, std::uint32_t events);
  void advance(Direction& direction);
  [[nodiscard]] std::optional<Wait> move(Direction& direction);
  [[nodiscard]] std::optional<Wait> fill(Direction& direction);
  [[nodiscard]] std::optional<Wait> flush(Direction& direction);
  void wait_for_allowance(Direction& direction);
  void finish(Direction& direction);
  void return_pipe(Direction& direction);
  [[nodiscard]] bool is_over() const;

  Executor executor_;
  Poller& poller_;
  PipePool& pipes_;
  SessionLimits limits_;
  Session* owner_;
  std::array<Direction, 2> directions_;
  Event over_;
  base::TimePoint last_progress_;
  std::uint32_t timers_ = 0;  // waits of throttles under way: they refer to this object
  EndReason reason_ = EndReason::none;
};

}  // namespace bellhop::runtime

// Something done again and again until its coroutine is cancelled.
#pragma once

#include "component/base/clock.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Calls `action(now)` every `interval` (measured from the end of the last call, so a slow action
/// never piles up). Ends by cancellation.
template <typename Action>
[[nodiscard]] Task<> run_every(Executor executor, base::Duration interval, Action action) {
  Timer timer(executor);
  for (;;) {
    timer.expires_after(interval);
    const auto [ec] = co_await timer.async_wait(kTuple);
    if (ec) co_return;
    action(base::Clock::now());
  }
}

/// Waits; false when it was cut short by cancellation.
[[nodiscard]] inline Task<bool> sleep_for(Executor executor, base::Duration wait) {
  Timer timer(executor, wait);
  const auto [ec] = co_await timer.async_wait(kTuple);
  co_return !ec;
}

}  // namespace bellhop::runtime

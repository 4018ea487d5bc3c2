// A deadline on a composed operation. Boost 1.81 has no cancel_after.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <variant>

#include "component/base/clock.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Runs `task` until it ends or the deadline passes; empty: it passed, and the task was cancelled
/// and has ended. `task` must not throw but for cancellation: `||` would swallow it until the
/// deadline. For rare waits (connecting, closing): per-connection deadlines of the data path are
/// swept.
template <typename T>
[[nodiscard]] Task<std::optional<T>> with_deadline(Task<T> task, base::Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, deadline.at());
  auto first = co_await (std::move(task) || timer.async_wait(asio::as_tuple(kAwait)));
  if (first.index() == 1) co_return std::nullopt;
  co_return std::optional<T>(std::get<0>(std::move(first)));
}

}  // namespace bellhop::runtime

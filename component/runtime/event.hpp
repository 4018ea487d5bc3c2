// A thing that happens and one coroutine that waits for it, both on one shard.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "component/base/error.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Auto-reset event: set() wakes the waiter, or is remembered for the next wait().
/// At most one waiter. wait() also ends when its coroutine is cancelled. Not thread-safe.
class Event {
 public:
  explicit Event(Executor executor) : executor_(executor) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void set() {
    if (!waiter_) {
      is_set_ = true;
      return;
    }
    resume();
  }

  /// `co_await event.wait()`
  [[nodiscard]] auto wait() {
    return asio::async_initiate<const asio::deferred_t&, void()>(
        [this](auto handler) { start_wait(std::move(handler)); }, asio::deferred);
  }

 private:
  template <typename Handler>
  void start_wait(Handler handler) {
    BELLHOP_ASSERT(!waiter_);
    // swap(): in Boost 1.81 the move assignment of any_completion_handler calls itself for ever.
    asio::any_completion_handler<void()>(std::move(handler)).swap(waiter_);
    // The slot is asked of waiter_, which has just put a slot of its own into the handler's.
    auto slot = asio::get_associated_cancellation_slot(waiter_);
    if (slot.is_connected()) {
      slot.assign([this](asio::cancellation_type) {
        if (waiter_) resume();
      });
    }
    if (std::exchange(is_set_, false)) resume();
  }

  // Posted, never called in place: the caller of set() goes on undisturbed.
  void resume() {
    auto slot = asio::get_associated_cancellation_slot(waiter_);
    if (slot.is_connected()) slot.clear();
    asio::post(executor_, [waiter = std::move(waiter_)]() mutable { std::move(waiter)(); });
  }

  Executor executor_;
  asio::any_completion_handler<void()> waiter_;
  bool is_set_ = false;
};

}  // namespace bellhop::runtime

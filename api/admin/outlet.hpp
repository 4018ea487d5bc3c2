// The bounded queue between a watch and its slow or fast reader.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "component/base/clock.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::admin {

/// Messages that wait for one reader at most.
inline constexpr std::size_t kOutletMax = 512;

/// What a watch writes into and a transport takes out of, both on the admin thread. Nothing here
/// ever waits for the reader but the watch itself, and it only where it wants to.
template <typename Message>
class Outlet {
 public:
  /// `on_news` is called when a message may be taken.
  Outlet(runtime::Executor executor, std::function<void()> on_news)
      : wake_(executor), on_news_(std::move(on_news)) {}
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  /// Queues a message, or drops it and counts it as lost when the reader is too far behind.
  void push(Message message) {
    if (is_closed_) return;
    if (queue_.size() >= kOutletMax) {
      ++lost_;
      return;
    }
    queue_.push_back(std::move(message));
    on_news_();
  }
  [[nodiscard]] std::size_t room() const { return kOutletMax - queue_.size(); }
  /// Messages dropped since it was last asked, once there is room to say so; else 0.
  [[nodiscard]] std::uint64_t take_lost() { return room() == 0 ? 0 : std::exchange(lost_, 0); }
  [[nodiscard]] bool is_closed() const { return is_closed_; }

  /// Waits so long, or until wake(). False: the reader has gone. One caller at a time.
  [[nodiscard]] runtime::Task<bool> wait(base::Duration time) {
    if (is_closed_) co_return false;
    if (!std::exchange(is_woken_, false)) {
      wake_.expires_after(time);
      (void)co_await wake_.async_wait(runtime::kTuple);
      is_woken_ = false;
    }
    co_return !is_closed_;
  }
  /// Waits until the next multiple of `interval` on the clock, or until wake(). All watches of one
  /// interval beat together: the process wakes once for all of them. False: the reader has gone.
  [[nodiscard]] runtime::Task<bool> wait_for_beat(base::Duration interval) {
    return wait(interval - base::Clock::now().time_since_epoch() % interval);
  }
  /// Waits until half of the queue is free. False: the reader has gone.
  [[nodiscard]] runtime::Task<bool> wait_for_room() {
    while (!is_closed_ && room() < kOutletMax / 2) co_await wait(std::chrono::seconds(1));
    co_return !is_closed_;
  }
  void wake() {
    is_woken_ = true;
    wake_.cancel();
  }

  // For the transport.
  [[nodiscard]] std::optional<Message> take() {
    if (queue_.empty()) return std::nullopt;
    std::optional<Message> message(std::move(queue_.front()));
    queue_.pop_front();
    if (queue_.size() == kOutletMax / 2) wake();
    return message;
  }
  /// The reader has gone; what waits is dropped.
  void close() {
    is_closed_ = true;
    queue_.clear();
    wake();
  }

 private:
  std::deque<Message> queue_;
  std::uint64_t lost_ = 0;
  runtime::Timer wake_;
  std::function<void()> on_news_;
  bool is_closed_ = false;
  bool is_woken_ = false;
};

}  // namespace bellhop::admin

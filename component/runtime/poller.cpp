#include "component/runtime/poller.hpp"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "component/base/clock.hpp"

namespace bellhop::runtime {
namespace {

// How often the io_context is asked while packets come.
constexpr std::chrono::milliseconds kContextInterval{1};

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

Poller::Poller(Executor executor) : epoll_(executor, make_epoll()) {}

bool Poller::add(int fd, Watch& watch, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watch;
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::forget(Watch& watch) {
  if (watch.is_linked()) watch.unlink();
  for (std::size_t i = batch_at_; i < batch_end_; ++i) {
    if (batch_[i].data.ptr == &watch) batch_[i].data.ptr = nullptr;
  }
}

void Poller::remove(int fd, Watch& watch) {
  (void)::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watch);
}

Task<> Poller::run(Patience patience) {
  for (;;) {
    if (again_.empty()) {
      const auto [ec] = co_await epoll_.async_wait(epoll_.wait_read, kTuple);
      if (ec) co_return;
    } else {
      co_await asio::post(epoll_.get_executor(), asio::deferred);
    }
    if (patience == Patience::packets) {
      poll_while_busy();
    } else {
      (void)poll_once(0);
    }
  }
}

// Asio's wait costs two more system calls than epoll_wait(2). What was posted to the shard, and its
// timers, wait for kContextInterval at the most.
void Poller::poll_while_busy() {
  const base::TimePoint until = base::Clock::now() + kContextInterval;
  bool is_busy = poll_once(0);
  while (is_busy && base::Clock::now() < until) is_busy = poll_once(again_.empty() ? 1 : 0);
}

bool Poller::poll_once(int timeout_ms) {
  List turns;
  turns.swap(again_);  // who asks again from now on waits for the next round
  const int n = ::epoll_wait(epoll_.native_handle(), batch_.data(), static_cast<int>(batch_.size()),
                             timeout_ms);
  batch_end_ = n > 0 ? static_cast<std::size_t>(n) : 0;
  for (batch_at_ = 0; batch_at_ < batch_end_;) {
    const epoll_event event = batch_[batch_at_++];
    if (event.data.ptr != nullptr) static_cast<Watch*>(event.data.ptr)->on_ready(event.events);
  }
  const bool has_found = batch_end_ > 0 || !turns.empty();
  while (!turns.empty()) {
    Watch& watch = turns.front();
    turns.pop_front();
    watch.on_turn();
  }
  if (has_found && after_rounds_ != nullptr) after_rounds_->on_turn();
  return has_found;
}

}  // namespace bellhop::runtime

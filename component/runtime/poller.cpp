#include "component/runtime/poller.hpp"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

namespace bellhop::runtime {
namespace {

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

Task<> Poller::run() {
  for (;;) {
    if (again_.empty()) {
      const auto [ec] = co_await epoll_.async_wait(epoll_.wait_read, kTuple);
      if (ec) co_return;
    } else {
      co_await asio::post(epoll_.get_executor(), asio::deferred);
    }
    poll_once();
  }
}

void Poller::poll_once() {
  List turns;
  turns.swap(again_);  // who asks again from now on waits for the next round
  const int n =
      ::epoll_wait(epoll_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
  batch_end_ = n > 0 ? static_cast<std::size_t>(n) : 0;
  for (batch_at_ = 0; batch_at_ < batch_end_;) {
    const epoll_event event = batch_[batch_at_++];
    if (event.data.ptr != nullptr) static_cast<Watch*>(event.data.ptr)->on_ready(event.events);
  }
  while (!turns.empty()) {
    Watch& watch = turns.front();
    turns.pop_front();
    watch.on_turn();
  }
  if (after_rounds_ != nullptr) after_rounds_->on_turn();
}

}  // namespace bellhop::runtime

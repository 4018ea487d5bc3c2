#include "component/runtime/byte_pump.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>

namespace bellhop::runtime {
namespace {

// How much one direction moves before the shard's other work gets its turn: about a third of a
// millisecond on a slow core, so that a SOCKS5 reply beside bulk streams stays below one.
constexpr std::size_t kTurnBytes = 1024 * 1024;

}  // namespace

std::uint64_t PumpLimits::allowance(std::uint64_t wanted, base::TimePoint now) const {
  for (base::TokenBucket* bucket : buckets) {
    if (bucket != nullptr) wanted = std::min(wanted, bucket->available(now));
  }
  return wanted;
}

void PumpLimits::spend(std::uint64_t bytes) const {
  for (base::TokenBucket* bucket : buckets) {
    if (bucket != nullptr) bucket->spend(bytes);
  }
}

base::TimePoint PumpLimits::next_grant() const {
  base::TimePoint at{};
  for (const base::TokenBucket* bucket : buckets) {
    if (bucket != nullptr) at = std::max(at, bucket->next_grant());
  }
  return at;
}

BytePump::BytePump(PipePool& pipes, TcpSocket first, TcpSocket second, PumpLimits limits)
    : pipes_(pipes),
      first_(std::move(first)),
      second_(std::move(second)),
      limits_(limits),
      directions_{Direction{first_, second_}, Direction{second_, first_}},
      direction_done_(first_.get_executor()),
      last_progress_(base::Clock::now()) {
  error_code ignored;  // a socket that refuses will fail its first splice
  first_.native_non_blocking(true, ignored);
  second_.native_non_blocking(true, ignored);
  if (!limits_.any()) return;
  for (Direction& direction : directions_) {
    direction.throttle = std::make_unique<Timer>(first_.get_executor());
  }
}

std::uint64_t BytePump::bytes_dropped() const {
  return directions_[0].in_pipe + directions_[1].in_pipe;
}

Task<EndReason> BytePump::run() {
  // The second direction refers to this object, so nothing may cut the wait for it short.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  asio::co_spawn(first_.get_executor(), run_direction(directions_[1]),
                 [this](std::exception_ptr error) {
                   if (error) end(EndReason::failed);
                   directions_[1].is_done = true;
                   direction_done_.set();
                 });
  co_await run_direction(directions_[0]);
  while (!directions_[1].is_done) co_await direction_done_.wait();
  if (reason_ == EndReason::none) reason_ = EndReason::completed;
  error_code ignored;
  first_.close(ignored);
  second_.close(ignored);
  co_return reason_;
}

void BytePump::end(EndReason reason) {
  if (reason_ == EndReason::none) reason_ = reason;
  error_code ignored;
  first_.close(ignored);
  second_.close(ignored);
  for (Direction& direction : directions_) {
    if (direction.throttle) direction.throttle->cancel();
  }
}

Task<> BytePump::run_direction(Direction& direction) {
  for (;;) {
    error_code ec;
    switch (move(direction)) {
      case Next::readable:
        std::tie(ec) = co_await direction.source.async_wait(TcpSocket::wait_read, kTuple);
        break;
      case Next::writable:
        std::tie(ec) = co_await direction.sink.async_wait(TcpSocket::wait_write, kTuple);
        break;
      case Next::allowed:
        direction.throttle->expires_at(limits_.next_grant());
        std::tie(ec) = co_await direction.throttle->async_wait(kTuple);
        break;
      case Next::turn: co_await asio::post(first_.get_executor(), asio::deferred); break;
      case Next::end_of_file:
        // Half-close: the reader learns that no more comes, its own bytes still pass.
        direction.sink.shutdown(TcpSocket::shutdown_send, ec);
        co_return;
      case Next::failed: end(EndReason::reset); co_return;
    }
    if (ec || reason_ != EndReason::none) co_return;
  }
}

// Moves until something has to be waited for.
BytePump::Next BytePump::move(Direction& direction) {
  std::size_t moved = 0;
  for (;;) {
    moved += direction.in_pipe;
    if (const auto next = flush(direction)) return *next;
    if (moved >= kTurnBytes) return Next::turn;
    if (const auto next = fill(direction)) {
      return_pipe(direction);
      return *next;
    }
  }
}

// Source -> pipe; empty: some bytes came.
std::optional<BytePump::Next> BytePump::fill(Direction& direction) {
  if (!direction.pipe) direction.pipe = pipes_.borrow();
  if (!direction.pipe) {
    end(EndReason::failed);
    return Next::failed;
  }
  std::uint64_t wanted = direction.pipe->capacity;
  if (direction.throttle) {
    wanted = limits_.allowance(wanted, base::Clock::now());
    if (wanted == 0) return Next::allowed;
  }
  const ssize_t n = ::splice(direction.source.native_handle(), nullptr,
                             direction.pipe->write_end.value(), nullptr, wanted,
                             SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n == 0) return Next::end_of_file;
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Next::readable : Next::failed;
  direction.in_pipe = static_cast<std::size_t>(n);
  if (direction.throttle) limits_.spend(direction.in_pipe);
  return std::nullopt;
}

// Pipe -> sink; empty: the pipe is.
std::optional<BytePump::Next> BytePump::flush(Direction& direction) {
  while (direction.in_pipe > 0) {
    // No SPLICE_F_MORE: it would hold the last bytes back while the sender keeps its side open.
    const ssize_t n = ::splice(direction.pipe->read_end.value(), nullptr,
                               direction.sink.native_handle(), nullptr, direction.in_pipe,
                               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? Next::writable : Next::failed;
    direction.in_pipe -= static_cast<std::size_t>(n);
    direction.delivered += static_cast<std::uint64_t>(n);
    last_progress_ = base::Clock::now();
  }
  return std::nullopt;
}

void BytePump::return_pipe(Direction& direction) {
  if (direction.pipe && direction.in_pipe == 0) pipes_.give_back(std::move(*direction.pipe));
  direction.pipe.reset();
}

}  // namespace bellhop::runtime

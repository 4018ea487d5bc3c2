#include "component/runtime/byte_pump.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cerrno>

namespace bellhop::runtime {
namespace {

// How much one direction moves before the shard's other work gets its turn: about a third of a
// millisecond on a slow core, so that a SOCKS5 reply beside bulk streams stays below one.
constexpr std::size_t kTurnBytes = 1024 * 1024;

// How much longer a direction waits that has had its share of an allowance: those that wait for the
// same one and had nothing come first.
constexpr base::Duration kCourtesy = std::chrono::milliseconds(1);

// A pipe has a slot for each page, and a splice uses a slot for each piece of a packet. With fewer
// bytes than slots it cannot have stopped for want of a slot: the socket is empty.
std::size_t slots_of(const Pipe& pipe) {
  return pipe.capacity / 4096;
}

}  // namespace

BytePump::BytePump(Executor executor, Poller& poller, PipePool& pipes, base::UniqueFd first,
                   base::UniqueFd second, SessionLimits limits, Session* owner)
    : executor_(executor),
      poller_(poller),
      pipes_(pipes),
      limits_(std::move(limits)),
      owner_(owner),
      directions_{Direction(*this, std::move(first)), Direction(*this, std::move(second))},
      over_(executor),
      last_progress_(base::Clock::now()) {}

BytePump::~BytePump() {
  BELLHOP_ASSERT(timers_ == 0);
  for (Direction& direction : directions_) {
    direction.socket.reset();
    poller_.forget(direction);
  }
}

std::uint64_t BytePump::bytes_dropped() const {
  return directions_[0].in_pipe + directions_[1].in_pipe;
}

Task<EndReason> BytePump::run() {
  // Timers refer to this object, so nothing may cut the wait for them short.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  for (Direction& direction : directions_) {
    // Reports what is ready already: early bytes of a client that did not wait for the activation.
    if (direction.socket && !poller_.add(direction.socket.value(), direction)) {
      end(EndReason::failed);
    }
  }
  while (!is_over()) co_await over_.wait();
  end(EndReason::completed);
  co_return reason_;
}

void BytePump::end(EndReason reason) {
  if (reason_ == EndReason::none) reason_ = reason;
  for (Direction& direction : directions_) {
    direction.wait = Wait::nothing;
    direction.socket.reset();
    poller_.forget(direction);
    if (direction.throttle) direction.throttle->cancel();
  }
  over_.set();
}

void BytePump::set_limits(SessionLimits limits) {
  limits_ = std::move(limits);
  for (Direction& direction : directions_) {
    if (direction.wait == Wait::allowance) direction.throttle->cancel();
  }
}

bool BytePump::is_over() const {
  return timers_ == 0 && directions_[0].wait == Wait::nothing &&
         directions_[1].wait == Wait::nothing;
}

BytePump::Direction& BytePump::opposite(const Direction& direction) {
  return &direction == &directions_[0] ? directions_[1] : directions_[0];
}

// Edges: each event says that something has changed, so a direction that did not wait for it needs
// not remember it; before it waits it has always been refused by the kernel.
void BytePump::on_ready(Direction& watched, std::uint32_t events) {
  constexpr std::uint32_t kBroken = EPOLLERR | EPOLLHUP;
  if ((events & (EPOLLRDHUP | kBroken)) != 0) watched.has_ended_input = true;
  if (watched.wait == Wait::source && (events & (EPOLLIN | EPOLLRDHUP | kBroken)) != 0) {
    advance(watched);
  }
  Direction& inward = opposite(watched);
  if (inward.wait == Wait::sink && (events & (EPOLLOUT | kBroken)) != 0) advance(inward);
}

// Moves what can be moved and notes what to wait for.
void BytePump::advance(Direction& direction) {
  if (direction.wait == Wait::nothing) return;
  const auto next = move(direction);
  if (!next) return end(EndReason::reset);
  direction.wait = *next;
  if (*next == Wait::turn) poller_.call_again(direction);
  if (*next == Wait::allowance) wait_for_allowance(direction);
  if (*next == Wait::nothing) finish(direction);
}

// Empty: one of the sockets is broken.
std::optional<BytePump::Wait> BytePump::move(Direction& direction) {
  std::size_t moved = 0;
  for (;;) {
    moved += direction.in_pipe;
    if (const auto next = flush(direction); next != Wait::nothing) {
      direction.is_drained = false;  // its edge may come and go while the sink is waited for
      return next;
    }
    if (direction.is_drained && !direction.has_ended_input) {
      direction.is_drained = false;
      return_pipe(direction);
      return Wait::source;
    }
    if (moved >= kTurnBytes) return Wait::turn;
    const auto next = fill(direction);
    if (direction.in_pipe > 0) continue;
    return_pipe(direction);
    return next;
  }
}

// Source -> pipe. Bytes in the pipe: some came; Wait::nothing: none will; empty: broken.
std::optional<BytePump::Wait> BytePump::fill(Direction& direction) {
  if (!direction.pipe) direction.pipe = pipes_.borrow();
  if (!direction.pipe) {
    end(EndReason::failed);
    return Wait::nothing;
  }
  std::uint64_t wanted = direction.pipe->capacity;
  const bool is_limited = limits_.any();
  if (is_limited) {
    // No crumbs: a bucket earns some during each splice, and taking them would go on for a turn.
    const base::TimePoint now = base::Clock::now();
    if (now < limits_.next_grant()) return Wait::allowance;
    wanted = limits_.allowance(wanted, now);
    if (wanted == 0) return Wait::allowance;
  }
  ssize_t n = 0;
  do {
    n = ::splice(direction.socket.value(), nullptr, direction.pipe->write_end.value(), nullptr,
                 wanted, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return Wait::nothing;
  if (n < 0) return errno == EAGAIN ? std::optional(Wait::source) : std::nullopt;
  direction.in_pipe = static_cast<std::size_t>(n);
  // A splice that took as much as it might says nothing about what is left.
  direction.is_drained =
      direction.in_pipe < wanted && direction.in_pipe < slots_of(*direction.pipe);
  if (is_limited) {
    limits_.spend(direction.in_pipe);
    direction.has_spent = true;
  }
  return Wait::source;
}

// Pipe -> sink. Wait::nothing: the pipe is empty; Wait::sink: the sink is full; empty: broken.
std::optional<BytePump::Wait> BytePump::flush(Direction& direction) {
  while (direction.in_pipe > 0) {
    // No SPLICE_F_MORE: it would hold the last bytes back while the sender keeps its side open.
    const ssize_t n =
        ::splice(direction.pipe->read_end.value(), nullptr, opposite(direction).socket.value(),
                 nullptr, direction.in_pipe, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN ? std::optional(Wait::sink) : std::nullopt;
    direction.in_pipe -= static_cast<std::size_t>(n);
    direction.delivered += static_cast<std::uint64_t>(n);
    last_progress_ = base::Clock::now();
    if (owner_ != nullptr) owner_->note_progress();
  }
  return Wait::nothing;
}

void BytePump::wait_for_allowance(Direction& direction) {
  if (!direction.throttle) direction.throttle = std::make_unique<Timer>(executor_);
  ++timers_;
  const auto courtesy = std::exchange(direction.has_spent, false) ? kCourtesy : base::Duration(0);
  direction.throttle->expires_at(limits_.next_grant() + courtesy);
  // Cancelled: the limits are other ones now, or the pump has ended; advance() knows.
  direction.throttle->async_wait([this, &direction](const error_code&) {
    --timers_;
    advance(direction);
    if (is_over()) over_.set();
  });
}

// Half-close: the reader learns that no more comes, its own bytes still pass. The last direction
// leaves that to the close that follows.
void BytePump::finish(Direction& direction) {
  if (opposite(direction).wait == Wait::nothing) {
    over_.set();
  } else {
    (void)::shutdown(opposite(direction).socket.value(), SHUT_WR);
  }
}

void BytePump::return_pipe(Direction& direction) {
  if (direction.pipe && direction.in_pipe == 0) pipes_.give_back(std::move(*direction.pipe));
  direction.pipe.reset();
}

}  // namespace bellhop::runtime

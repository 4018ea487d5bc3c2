#include "tests/support/gate.hpp"

#include <poll.h>

#include <algorithm>

namespace bellhop::test {

Gate::Gate(std::uint16_t target, Slicing slicing)
    : target_(target), slicing_(slicing), thread_([this] { run(); }) {}

Gate::~Gate() {
  is_stopping_ = true;
  thread_.join();
}

// Looks up often rather than being woken: a gate lives for one test.
void Gate::run() {
  constexpr int kTickMilliseconds = 5;
  while (!is_stopping_) {
    std::vector<pollfd> entries{{.fd = acceptor_.fd(), .events = POLLIN, .revents = 0}};
    const TimePoint now = std::chrono::steady_clock::now();
    int wait = kTickMilliseconds;
    for (const Direction& direction : directions_) {
      if (direction.is_done) continue;
      if (direction.next > now) wait = 1;
      if (direction.next <= now) {
        entries.push_back({.fd = direction.from->fd(), .events = POLLIN, .revents = 0});
      }
    }
    if (::poll(entries.data(), entries.size(), wait) <= 0) continue;
    if (acceptor_.has_caller()) admit();
    for (Direction& direction : directions_) pass(direction, std::chrono::steady_clock::now());
  }
}

void Gate::admit() {
  const auto near = std::make_shared<Peer>(acceptor_.accept());
  try {
    const auto far = std::make_shared<Peer>(target_);
    directions_.push_back({.from = near, .to = far});
    directions_.push_back({.from = far, .to = near});
  } catch (const Missed&) {  // the target listens no more: `near` closes
  }
}

void Gate::pass(Direction& direction, TimePoint now) {
  if (direction.is_done || direction.next > now) return;
  if (!direction.from->is_open() || !direction.to->is_open()) {
    direction.is_done = true;
    return;
  }
  if (!direction.from->has_input()) return;
  const std::string bytes = direction.from->receive_some(slicing_.slice_bytes);
  if (bytes.empty()) {
    direction.is_done = true;
    direction.to->shutdown_send();
    return;
  }
  (void)direction.to->send_until_full(bytes, kPatience);
  direction.passed += bytes.size();
  direction.next = now + slicing_.delay;
  if (slicing_.cut_after > 0 && direction.passed >= slicing_.cut_after) {
    direction.from->reset();
    direction.to->reset();
  }
}

}  // namespace bellhop::test

// Many deadlines at one price: a wheel of one-second slots.
#pragma once

#include <algorithm>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <vector>

#include "component/base/clock.hpp"

namespace bellhop::base {

/// Holds values that derive from TimerWheel<Value>::Hook, each for one deadline. A deadline that
/// moves away costs nothing: whoever owns the value just remembers the new one, and the wheel asks
/// when the old one comes. No allocation after the constructor. One thread.
template <typename Value>
class TimerWheel {
 public:
  struct Tag;
  class Hook : public boost::intrusive::list_base_hook<
                   boost::intrusive::tag<Tag>,
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {};

  /// Deadlines further away than `slots` seconds are looked at before they come, and put back.
  TimerWheel(std::size_t slots, TimePoint now) : slots_(slots), at_(tick_of(now)) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Puts `value` in, or moves it. It leaves when it is destroyed, too.
  void set(Value& value, TimePoint deadline) {
    Hook& hook = value;
    if (hook.is_linked()) hook.unlink();
    // A second later than the deadline at most, never before it.
    const Tick wanted = tick_of(deadline) + 1;
    const Tick furthest = at_ + static_cast<Tick>(slots_.size());
    slots_[slot_of(std::clamp(wanted, at_ + 1, furthest))].push_back(value);
  }

  /// Calls `expire(value)` for each whose time has come by `now`; it is out of the wheel by then,
  /// and may be destroyed or set again.
  template <typename Expire>
  void advance(TimePoint now, Expire expire) {
    for (const Tick until = tick_of(now); at_ < until;) {
      List due;
      due.swap(slots_[slot_of(++at_)]);
      while (!due.empty()) {
        Value& value = due.front();
        due.pop_front();
        expire(value);
      }
    }
  }

 private:
  using Tick = std::chrono::seconds::rep;
  using List = boost::intrusive::list<Value, boost::intrusive::base_hook<Hook>,
                                      boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] static Tick tick_of(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  }
  [[nodiscard]] std::size_t slot_of(Tick tick) const {
    return static_cast<std::size_t>(tick) % slots_.size();
  }

  std::vector<List> slots_;
  Tick at_;
};

}  // namespace bellhop::base

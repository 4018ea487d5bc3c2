// Time as a value. Tables and codecs take `now`; only sessions and sweeps ask a clock.
#pragma once

#include <chrono>

namespace bellhop::base {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// The moment by which a wait must have ended.
class Deadline {
 public:
  [[nodiscard]] static Deadline after(Duration wait, TimePoint now = Clock::now()) {
    return Deadline(now + wait);
  }
  explicit Deadline(TimePoint at) : at_(at) {}
  [[nodiscard]] TimePoint at() const { return at_; }
  /// The deadline itself belongs to "passed": a wait of zero has passed at once.
  [[nodiscard]] bool has_passed(TimePoint now) const { return now >= at_; }

 private:
  TimePoint at_;
};

}  // namespace bellhop::base

// A rate limit as arithmetic on time points: no timer, no lock, no thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "component/base/clock.hpp"

namespace bellhop::base {

/// Grants bytes at a rate. One shard uses it; sharing it between shards would need a lock.
///
/// The burst is 50 ms worth of the rate (at least one byte), so that over 10 s no more than 0.5 %
/// above the rate can pass, and a waiting stream is woken about twenty times a second.
class TokenBucket {
 public:
  /// `rate` in bytes per second, above 0 and below 2^50.
  TokenBucket(std::uint64_t rate, TimePoint now) { restart(rate, now); }

  /// A new rate from now on; what was saved is cut to the new burst.
  void restart(std::uint64_t rate, TimePoint now) {
    rate_ = static_cast<double>(rate);
    burst_ = std::max(1.0, rate_ * 0.05);
    tokens_ = burst_;
    refilled_ = now;
  }

  /// How many whole bytes may pass at `now`; taking them is a call of spend().
  [[nodiscard]] std::uint64_t available(TimePoint now) {
    refill(now);
    return tokens_ < 1.0 ? 0 : static_cast<std::uint64_t>(tokens_);
  }

  /// Takes `bytes`, which available() has just granted (more puts the bucket into debt).
  void spend(std::uint64_t bytes) { tokens_ -= static_cast<double>(bytes); }

  /// When half of the burst will be there: waking earlier would move crumbs.
  [[nodiscard]] TimePoint next_grant() const {
    const double missing = std::max(1.0, burst_ / 2) - tokens_;
    const double seconds = std::max(0.0, missing / rate_);
    return refilled_ + std::chrono::ceil<Duration>(std::chrono::duration<double>(seconds));
  }

 private:
  void refill(TimePoint now) {
    if (now <= refilled_) return;
    const std::chrono::duration<double> elapsed = now - refilled_;
    tokens_ = std::min(burst_, tokens_ + elapsed.count() * rate_);
    refilled_ = now;
  }

  double rate_ = 1;    // bytes per second
  double burst_ = 1;   // most that can be saved
  double tokens_ = 0;  // may be negative: a debt
  TimePoint refilled_{};
};

}  // namespace bellhop::base

// A rate limit as arithmetic on time points: no timer, no lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "component/base/clock.hpp"

namespace bellhop::base {

/// Grants bytes at a rate. Any thread: the sessions of one user may run on several shards and draw
/// from one bucket. Its whole state is the moment at which it was empty, one word; two shards that
/// ask at once may both be granted the same bytes, which puts the bucket into debt and evens out.
/// Only limited sessions have buckets, so nothing that is not limited shares a cache line for it.
///
/// The burst is 50 ms worth of the rate (at least one byte), so that over 10 s no more than 0.5 %
/// above the rate can pass, and a waiting stream is woken about twenty times a second.
class TokenBucket {
 public:
  /// `rate` in bytes per second, above 0 and below 2^50.
  TokenBucket(std::uint64_t rate, TimePoint now) { restart(rate, now); }
  TokenBucket(const TokenBucket&) = delete;
  TokenBucket& operator=(const TokenBucket&) = delete;

  /// A new rate from now on; it begins with a full burst.
  void restart(std::uint64_t rate, TimePoint now) {
    rate_.store(rate, std::memory_order_relaxed);
    empty_at_.store(nanoseconds(now) - burst_time(rate), std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t rate() const { return rate_.load(std::memory_order_relaxed); }

  /// How many whole bytes may pass at `now`; taking them is a call of spend().
  [[nodiscard]] std::uint64_t available(TimePoint now) {
    const std::uint64_t rate = this->rate();
    const std::int64_t at = nanoseconds(now);
    const std::int64_t oldest = at - burst_time(rate);  // what would be saved beyond is lost
    std::int64_t empty_at = empty_at_.load(std::memory_order_relaxed);
    while (empty_at < oldest &&
           !empty_at_.compare_exchange_weak(empty_at, oldest, std::memory_order_relaxed)) {
    }
    const std::int64_t saved = at - std::max(empty_at, oldest);
    return saved <= 0 ? 0 : bytes_in(saved, rate);
  }

  /// Takes `bytes`, which available() has just granted (more puts the bucket into debt).
  void spend(std::uint64_t bytes) {
    empty_at_.fetch_add(time_of(static_cast<double>(bytes), rate()), std::memory_order_relaxed);
  }

  /// When half of the burst will be there: waking earlier would move crumbs.
  [[nodiscard]] TimePoint next_grant() const {
    const std::int64_t wanted = burst_time(rate()) / 2;
    const std::int64_t one_byte = time_of(1.0, rate());
    const std::int64_t at = empty_at_.load(std::memory_order_relaxed) + std::max(wanted, one_byte);
    return TimePoint(std::chrono::nanoseconds(at));
  }

 private:
  static constexpr std::int64_t kBurst = 50'000'000;  // ns

  [[nodiscard]] static std::int64_t nanoseconds(TimePoint at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
  }
  // Rounded up: the rate is never exceeded for want of precision.
  [[nodiscard]] static std::int64_t time_of(double bytes, std::uint64_t rate) {
    return static_cast<std::int64_t>(std::ceil(bytes * 1e9 / static_cast<double>(rate)));
  }
  [[nodiscard]] static std::uint64_t bytes_in(std::int64_t time, std::uint64_t rate) {
    // The small addend undoes what rounding up the time of whole bytes took away.
    return static_cast<std::uint64_t>(static_cast<double>(time) * static_cast<double>(rate) / 1e9 +
                                      1e-6);
  }
  [[nodiscard]] static std::int64_t burst_time(std::uint64_t rate) {
    return std::max(kBurst, time_of(1.0, rate));
  }

  std::atomic<std::uint64_t> rate_{1};     // bytes per second
  std::atomic<std::int64_t> empty_at_{0};  // steady clock, ns; in the future: a debt
};

}  // namespace bellhop::base

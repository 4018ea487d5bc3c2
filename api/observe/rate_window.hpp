// How fast something is: the bytes of the last minute, second by second.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "api/observe/second.hpp"

namespace bellhop::observe {

/// Bytes per second, averaged over the last 1, 10 and 60 whole seconds, rounded down.
struct ByteRates {
  std::uint64_t second = 0;
  std::uint64_t ten_seconds = 0;
  std::uint64_t minute = 0;

  friend bool operator==(const ByteRates&, const ByteRates&) = default;
};

/// A ring of sixty whole seconds and the one that runs: 496 bytes, nothing allocated. One thread.
///
/// When the clock goes back by up to a minute, bytes count into the newest second until it is
/// caught up with; when it goes back by more, the window starts anew.
class RateWindow {
 public:
  /// Counts `bytes` into the second `now`. The sum of a minute must stay below 2^64.
  void add(Second now, std::uint64_t bytes) {
    move_to(now);
    slots_[slot_of(newest_)] += bytes;
  }

  /// The bytes of the second `now` itself count from the next second on.
  [[nodiscard]] ByteRates rates(Second now) const {
    ByteRates rates;
    if (is_behind(now)) return rates;
    const Second end = std::max(now, newest_);
    for (Second age = 1; age <= kMinute; ++age) {
      const std::uint64_t bytes = bytes_in(end - age);
      if (age <= 1) rates.second += bytes;
      if (age <= kTenSeconds) rates.ten_seconds += bytes;
      rates.minute += bytes;
    }
    rates.ten_seconds /= kTenSeconds;
    rates.minute /= kMinute;
    return rates;
  }

  /// Whether nothing moved in `now` and the 60 seconds before it.
  [[nodiscard]] bool is_idle(Second now) const {
    if (is_behind(now)) return true;
    const Second end = std::max(now, newest_);
    for (Second age = 0; age <= kMinute; ++age) {
      if (bytes_in(end - age) != 0) return false;
    }
    return true;
  }

 private:
  static constexpr Second kTenSeconds = 10;
  static constexpr Second kMinute = 60;
  static constexpr Second kSlots = kMinute + 1;

  [[nodiscard]] static std::size_t slot_of(Second second) {
    return static_cast<std::size_t>(second - round_down(second, kSlots));
  }
  [[nodiscard]] bool is_behind(Second now) const { return now < newest_ - kMinute; }
  [[nodiscard]] std::uint64_t bytes_in(Second second) const {
    const bool is_kept = second <= newest_ && second > newest_ - kSlots;
    return is_kept ? slots_[slot_of(second)] : 0;
  }

  void move_to(Second now) {
    if (is_behind(now) || now - newest_ >= kSlots) {
      slots_.fill(0);
      newest_ = now;
    }
    while (newest_ < now) slots_[slot_of(++newest_)] = 0;
  }

  std::array<std::uint64_t, kSlots> slots_{};
  Second newest_ = 0;
};

}  // namespace bellhop::observe

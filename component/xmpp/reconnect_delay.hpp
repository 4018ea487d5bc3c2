// How long to wait before the next try: randomised exponential back-off (RFC 6120 §3.3).
#pragma once

#include <algorithm>
#include <chrono>

#include "component/base/clock.hpp"

namespace bellhop::xmpp {

/// Pure: `random` in [0, 1) and all durations come from outside.
class ReconnectDelay {
 public:
  struct Options {
    base::Duration base;     ///< of the first try
    base::Duration max;      ///< ceiling of the doubling
    base::Duration refused;  ///< least wait after a refusal that only an operator can lift (CMP-06)
  };

  /// A stream that lived this long counts as stable: the next failure starts from the base again.
  static constexpr base::Duration kStableAfter = std::chrono::seconds(60);

  explicit ReconnectDelay(Options options) : options_(options), ceiling_(options.base) {}

  /// The wait after an ordinary failure; doubles the next one (CMP-08).
  [[nodiscard]] base::Duration after_failure(double random) {
    const base::Duration ceiling = std::min(ceiling_, options_.max);
    ceiling_ = std::min(ceiling_ * 2, options_.max);
    return std::chrono::duration_cast<base::Duration>(ceiling * random);
  }

  /// The wait after a refusal: the least wait, and up to half of it more.
  [[nodiscard]] base::Duration after_refusal(double random) const {
    return std::chrono::duration_cast<base::Duration>(options_.refused * (1.0 + random / 2));
  }

  /// To be told how long each attached stream lived.
  void note_lifetime(base::Duration lifetime) {
    if (lifetime >= kStableAfter) ceiling_ = options_.base;
  }

 private:
  Options options_;
  base::Duration ceiling_;
};

}  // namespace bellhop::xmpp

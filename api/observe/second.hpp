// Time as whole seconds of the wall clock: what is shown and stored has dates.
#pragma once

#include <cstdint>

namespace bellhop::observe {

/// Seconds since 1970, UTC.
using Second = std::int64_t;

/// The greatest multiple of `step` (above 0) that is not above `time`.
[[nodiscard]] constexpr Second round_down(Second time, Second step) {
  const Second past = time % step;
  return past < 0 ? time - past - step : time - past;
}

}  // namespace bellhop::observe

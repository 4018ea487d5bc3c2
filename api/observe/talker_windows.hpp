// Who moved most within the last minute, hour and day.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/observe/heavy_hitters.hpp"
#include "api/observe/second.hpp"

namespace bellhop::observe {

/// How far back.
enum class TalkerWindow : std::uint8_t { minute, hour, day };

/// Sketches of the sixths of each window, merged when somebody asks: the six last whole sixths and
/// the one that runs, so an answer covers the window and up to a sixth more. add() is three
/// additions to a sketch. Memory: 21 sketches. One thread.
///
/// When the clock goes back by up to a window, bytes count into its newest sixth until that is
/// caught up with; when it goes back by more, the window starts anew.
class TalkerWindows {
 public:
  /// What top() says. A true count of a key that is not among `talkers` though there was room is at
  /// most `error_max`.
  struct Answer {
    std::vector<HeavyHitter> talkers;  ///< heaviest first
    std::uint64_t total = 0;           ///< everybody together, exactly
    std::uint64_t error_max = 0;       ///< what no error exceeds
  };

  /// `capacity`: counters of each sketch, at least 1.
  explicit TalkerWindows(std::size_t capacity);

  void add(Second now, std::string_view key, std::uint64_t bytes);
  /// The `n` heaviest of the last minute, hour or day.
  [[nodiscard]] Answer top(TalkerWindow window, Second now, std::size_t n) const;

 private:
  static constexpr std::int64_t kSketches = 7;

  // One window. A sixth is known by its number since 1970.
  struct Ring {
    Second sixth_seconds;
    std::int64_t newest = 0;
    std::vector<HeavyHitters> sketches;

    [[nodiscard]] bool is_behind(std::int64_t sixth) const {
      return sixth < newest - kSketches + 1;
    }
    void move_to(std::int64_t sixth);
    [[nodiscard]] HeavyHitters& sketch_of(std::int64_t sixth);
    [[nodiscard]] const HeavyHitters& sketch_of(std::int64_t sixth) const;
  };

  std::array<Ring, 3> rings_;
};

}  // namespace bellhop::observe

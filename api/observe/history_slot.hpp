// What history consists of: slots of four tiers, from seconds to hours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/observe/heavy_hitters.hpp"
#include "api/observe/second.hpp"

namespace bellhop::observe {

/// How fine; finer tiers reach less far back.
enum class Tier : std::uint8_t { second, ten_seconds, minute, hour };
inline constexpr std::array kTiers{Tier::second, Tier::ten_seconds, Tier::minute, Tier::hour};

/// Seconds of one slot: 1, 10, 60, 3,600.
[[nodiscard]] Second step_of(Tier tier);
/// How far back a tier is kept, in seconds: 15 minutes, 4 hours, 14 days, 2 years of 365 days.
[[nodiscard]] Second span_of(Tier tier);
/// The coarsest tier whose step divides `step` (seconds, above 0): the one to read for such points.
[[nodiscard]] Tier tier_for(Second step);
/// The step, in seconds, of the finest tier that at `now` still covers `start`; 3,600 if none does.
[[nodiscard]] Second finest_step(Second start, Second now);

/// Domains that get a cell of their own within one day (UTC), in order of appearance; all others
/// count as kOtherName. Kinds likewise.
inline constexpr std::size_t kHistoryDomainsMax = 32;
inline constexpr std::size_t kHistoryKindsMax = 16;
/// Stands for what got no cell of its own, and for what has no name. A user's domain of that name
/// shares its cell.
inline constexpr std::string_view kOtherName = "other";
/// How many JIDs a slot keeps.
inline constexpr std::size_t kHistoryHeavyMax = 10;

/// One kind and domain within one slot.
struct HistoryCell {
  std::string kind;
  std::string domain;
  std::uint64_t bytes = 0;     ///< delivered
  std::uint64_t peak = 0;      ///< fastest second, bytes per second
  std::uint32_t sessions = 0;  ///< most at one time

  friend bool operator==(const HistoryCell&, const HistoryCell&) = default;
};

/// What happened from `begin` on for step_of(tier) seconds. A part of a slot looks like a slot;
/// parts with the same begin add up: bytes by addition, peak and sessions to the greatest.
struct HistorySlot {
  Tier tier = Tier::second;
  Second begin = 0;                ///< a multiple of step_of(tier)
  std::vector<HistoryCell> cells;  ///< the sum of their bytes is everything that was added
  /// The same by kind alone (domain empty), by domain alone (kind empty) and in total (both empty):
  /// peak and sessions of a sum do not follow from those of its parts.
  std::vector<HistoryCell> sums;
  std::vector<HeavyHitter> heavy;  ///< the heaviest bare JIDs, heaviest first

  friend bool operator==(const HistorySlot&, const HistorySlot&) = default;
};

}  // namespace bellhop::observe

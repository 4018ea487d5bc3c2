#include "api/observe/history_slot.hpp"

#include "component/base/error.hpp"

namespace bellhop::observe {
namespace {

constexpr Second kHour = 3600;
constexpr Second kDay = 24 * kHour;

struct Row {
  Second step;
  Second span;
};
// In the order of Tier.
constexpr std::array<Row, kTiers.size()> kRows{{
    {.step = 1, .span = 15 * 60},
    {.step = 10, .span = 4 * kHour},
    {.step = 60, .span = 14 * kDay},
    {.step = kHour, .span = 2 * 365 * kDay},
}};

}  // namespace

Second step_of(Tier tier) {
  return kRows[static_cast<std::size_t>(tier)].step;
}

Second span_of(Tier tier) {
  return kRows[static_cast<std::size_t>(tier)].span;
}

Tier tier_for(Second step) {
  BELLHOP_ASSERT(step > 0);
  for (auto tier = kTiers.rbegin(); tier != kTiers.rend(); ++tier) {
    if (step % step_of(*tier) == 0) return *tier;
  }
  return Tier::second;
}

Second finest_step(Second start, Second now) {
  for (const Tier tier : kTiers) {
    if (start >= now - span_of(tier)) return step_of(tier);
  }
  return kHour;
}

}  // namespace bellhop::observe

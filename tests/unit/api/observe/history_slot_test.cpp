// The four tiers.
#include "api/observe/history_slot.hpp"

#include <gtest/gtest.h>

namespace bellhop::observe {
namespace {

constexpr Second kNow = 1'700'000'000;
constexpr Second kDay = 86'400;

TEST(Tiers, DivideOneAnotherAndTheDay) {
  Second finer = 1;
  for (const Tier tier : kTiers) {
    EXPECT_EQ(step_of(tier) % finer, 0);
    EXPECT_EQ(kDay % step_of(tier), 0);
    EXPECT_EQ(span_of(tier) % step_of(tier), 0);
    finer = step_of(tier);
  }
}

TEST(Tiers, ReachAsFarBackAsTheyAreKept) {
  EXPECT_EQ(finest_step(kNow, kNow), 1);
  EXPECT_EQ(finest_step(kNow + 10, kNow), 1);
  EXPECT_EQ(finest_step(kNow - 900, kNow), 1);
  EXPECT_EQ(finest_step(kNow - 901, kNow), 10);
  EXPECT_EQ(finest_step(kNow - 14'400, kNow), 10);
  EXPECT_EQ(finest_step(kNow - 14'401, kNow), 60);
  EXPECT_EQ(finest_step(kNow - 14 * kDay, kNow), 60);
  EXPECT_EQ(finest_step(kNow - 14 * kDay - 1, kNow), 3600);
  EXPECT_EQ(finest_step(0, kNow), 3600);
}

TEST(Tiers, AreReadAsCoarseAsTheStepAllows) {
  EXPECT_EQ(tier_for(1), Tier::second);
  EXPECT_EQ(tier_for(7), Tier::second);
  EXPECT_EQ(tier_for(20), Tier::ten_seconds);
  EXPECT_EQ(tier_for(90), Tier::ten_seconds);
  EXPECT_EQ(tier_for(120), Tier::minute);
  EXPECT_EQ(tier_for(3600), Tier::hour);
  EXPECT_EQ(tier_for(5400), Tier::minute);
  EXPECT_EQ(tier_for(7200), Tier::hour);
}

}  // namespace
}  // namespace bellhop::observe

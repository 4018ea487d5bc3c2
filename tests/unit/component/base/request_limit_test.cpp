// How often somebody may ask: bursts, intervals, and who is forgotten.
#include "component/base/request_limit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bellhop::base {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint(1h);
constexpr RequestRate kRate{.burst = 3, .interval = 10s};

TEST(RequestLimit, LetsABurstPassAndThenOneInEachInterval) {
  RequestLimit limit;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(kRate, kStart)) << i;
  EXPECT_FALSE(limit.take(kRate, kStart));
  EXPECT_FALSE(limit.take(kRate, kStart + 10s - 1ns));
  EXPECT_TRUE(limit.take(kRate, kStart + 10s));
  EXPECT_FALSE(limit.take(kRate, kStart + 10s));
}

TEST(RequestLimit, DoesNotCountWhatIsRefused) {
  RequestLimit limit;
  for (int i = 0; i < 100; ++i) (void)limit.take(kRate, kStart);
  EXPECT_TRUE(limit.take(kRate, kStart + 10s));
}

TEST(RequestLimit, SavesNoMoreThanTheBurst) {
  RequestLimit limit;
  int passed = 0;
  while (limit.take(kRate, kStart + 24h)) ++passed;
  EXPECT_EQ(passed, 3);
}

TEST(RequestLimits, CountEachAskerAlone) {
  RequestLimits<std::string> limits({.burst = 1, .interval = 10s}, 10);
  EXPECT_TRUE(limits.take("a", kStart));
  EXPECT_FALSE(limits.take("a", kStart));
  EXPECT_TRUE(limits.take("b", kStart));
  EXPECT_EQ(limits.size(), 2U);
}

TEST(RequestLimits, ForgetWhoWasSilentLongestWhenTheyAreFull) {
  RequestLimits<std::string> limits({.burst = 1, .interval = 1h}, 2);
  EXPECT_TRUE(limits.take("a", kStart));
  EXPECT_TRUE(limits.take("b", kStart));
  EXPECT_FALSE(limits.take("a", kStart));  // now b is silent longest
  EXPECT_TRUE(limits.take("c", kStart));
  EXPECT_EQ(limits.size(), 2U);
  EXPECT_FALSE(limits.take("a", kStart));
  EXPECT_TRUE(limits.take("b", kStart)) << "was forgotten";
}

}  // namespace
}  // namespace bellhop::base

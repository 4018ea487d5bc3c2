// How fast something is.
#include "api/observe/rate_window.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>

namespace bellhop::observe {
namespace {

constexpr Second kNow = 1'700'000'000;

ByteRates rates_of(std::uint64_t second, std::uint64_t ten_seconds, std::uint64_t minute) {
  return {.second = second, .ten_seconds = ten_seconds, .minute = minute};
}

TEST(RateWindow, IsSmall) {
  EXPECT_EQ(sizeof(RateWindow), 496U);
}

TEST(RateWindow, CountsWholeSecondsOnly) {
  RateWindow window;
  window.add(kNow, 600);
  EXPECT_EQ(window.rates(kNow), rates_of(0, 0, 0));
  EXPECT_EQ(window.rates(kNow + 1), rates_of(600, 60, 10));
  EXPECT_EQ(window.rates(kNow + 2), rates_of(0, 60, 10));
}

TEST(RateWindow, ForgetsAtTheEndOfEachSpan) {
  RateWindow window;
  window.add(kNow, 600);
  EXPECT_EQ(window.rates(kNow + 10), rates_of(0, 60, 10));
  EXPECT_EQ(window.rates(kNow + 11), rates_of(0, 0, 10));
  EXPECT_EQ(window.rates(kNow + 60), rates_of(0, 0, 10));
  EXPECT_EQ(window.rates(kNow + 61), rates_of(0, 0, 0));
}

TEST(RateWindow, IsIdleWhenNothingMovedForAMinute) {
  RateWindow window;
  EXPECT_TRUE(window.is_idle(kNow));
  window.add(kNow, 1);
  EXPECT_FALSE(window.is_idle(kNow));
  EXPECT_FALSE(window.is_idle(kNow + 60));
  EXPECT_TRUE(window.is_idle(kNow + 61));
}

TEST(RateWindow, HoldsStillWhileTheClockIsALittleBack) {
  RateWindow window;
  window.add(kNow, 100);
  window.add(kNow - 60, 200);
  EXPECT_EQ(window.rates(kNow - 30), window.rates(kNow));
  EXPECT_EQ(window.rates(kNow + 1).second, 300U);
}

TEST(RateWindow, StartsAnewWhenTheClockIsFarBack) {
  RateWindow window;
  window.add(kNow, 100);
  EXPECT_EQ(window.rates(kNow - 61), rates_of(0, 0, 0));
  EXPECT_TRUE(window.is_idle(kNow - 61));
  window.add(kNow - 61, 200);
  EXPECT_EQ(window.rates(kNow - 60).second, 200U);
  EXPECT_EQ(window.rates(kNow + 1), rates_of(0, 0, 0));  // the 100 are gone
}

TEST(RateWindow, WorksBefore1970) {
  RateWindow window;
  window.add(-1000, 50);
  window.add(-999, 70);
  EXPECT_EQ(window.rates(-998).second, 70U);
  EXPECT_EQ(window.rates(-998).ten_seconds, 12U);
}

// Against exact sums of a random stream.
TEST(RateWindow, AgreesWithTheSumsOfARandomStream) {
  std::mt19937 random(1);
  std::map<Second, std::uint64_t> truth;
  RateWindow window;
  const auto sum = [&truth](Second from, Second to) {
    std::uint64_t bytes = 0;
    for (auto it = truth.lower_bound(from); it != truth.end() && it->first < to; ++it) {
      bytes += it->second;
    }
    return bytes;
  };
  Second now = kNow;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 3 == 0) now += random() % 200 == 0 ? random() % 100 : 1;
    const std::uint64_t bytes = random() % 1'000'000;
    window.add(now, bytes);
    truth[now] += bytes;
    const Second asked = now + random() % 5;
    ASSERT_EQ(window.rates(asked), rates_of(sum(asked - 1, asked), sum(asked - 10, asked) / 10,
                                            sum(asked - 60, asked) / 60));
  }
}

}  // namespace
}  // namespace bellhop::observe

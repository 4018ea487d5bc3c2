// Rates as arithmetic on a clock of the test's own.
#include "component/base/token_bucket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace bellhop::base {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{Duration(1h)};

// How much a greedy stream gets through from kStart on, if it always sleeps until the next grant.
std::uint64_t passed(std::uint64_t rate, Duration time) {
  TokenBucket bucket(rate, kStart);
  std::uint64_t bytes = 0;
  for (TimePoint now = kStart; now <= kStart + time;) {
    const std::uint64_t granted = bucket.available(now);
    bucket.spend(granted);
    bytes += granted;
    // A grant may round to one byte less than was promised; time must still go on.
    now = std::max(bucket.next_grant(), now + 1ns);
  }
  return bytes;
}

// S5B-37: over ten seconds within two per cent of what was set.
TEST(TokenBucket, KeepsItsRateOverTenSeconds) {
  for (const std::uint64_t rate : {std::uint64_t{1000}, std::uint64_t{123'457},
                                   std::uint64_t{1} << 20, std::uint64_t{10'000'000'000}}) {
    const auto wanted = static_cast<double>(rate) * 10;
    const auto got = static_cast<double>(passed(rate, 10s));
    EXPECT_NEAR(got, wanted, wanted * 0.02) << rate;
  }
}

TEST(TokenBucket, GrantsAByteEachSecondAtTheSmallestRate) {
  EXPECT_NEAR(static_cast<double>(passed(1, 100s)), 100, 2);
  TokenBucket bucket(1, kStart);
  EXPECT_EQ(bucket.available(kStart), 1U);
  bucket.spend(1);
  EXPECT_EQ(bucket.available(kStart + 999ms), 0U);
  EXPECT_EQ(bucket.available(kStart + 1s), 1U);
}

TEST(TokenBucket, StaysExactAtTheLargestRate) {
  constexpr std::uint64_t kRate = (std::uint64_t{1} << 50) - 1;
  const auto wanted = static_cast<double>(kRate) * 10;
  EXPECT_NEAR(static_cast<double>(passed(kRate, 10s)), wanted, wanted * 0.02);
}

TEST(TokenBucket, SavesNoMoreThanItsBurst) {
  TokenBucket bucket(1000, kStart);
  EXPECT_EQ(bucket.available(kStart), 50U);
  EXPECT_EQ(bucket.available(kStart + 24h), 50U);
}

TEST(TokenBucket, PaysADebtBeforeItGrantsAgain) {
  TokenBucket bucket(1000, kStart);
  bucket.spend(150);
  EXPECT_EQ(bucket.available(kStart), 0U);
  EXPECT_EQ(bucket.available(kStart + 100ms), 0U);
  EXPECT_EQ(bucket.available(kStart + 110ms), 10U);
}

TEST(TokenBucket, WakesAStreamWhenHalfOfTheBurstIsThere) {
  TokenBucket bucket(1000, kStart);
  bucket.spend(50);
  EXPECT_EQ(bucket.next_grant(), kStart + 25ms);
  EXPECT_EQ(bucket.available(kStart + 25ms), 25U);
  EXPECT_LE(bucket.next_grant(), kStart + 25ms);
}

TEST(TokenBucket, IgnoresAClockThatStandsStillOrGoesBack) {
  TokenBucket bucket(1000, kStart);
  bucket.spend(50);
  EXPECT_EQ(bucket.available(kStart - 1h), 0U);
  EXPECT_EQ(bucket.available(kStart), 0U);
}

TEST(TokenBucket, StartsAnewWithANewRate) {
  TokenBucket bucket(1000, kStart);
  bucket.spend(1000);
  bucket.restart(2000, kStart + 1s);
  EXPECT_EQ(bucket.available(kStart + 1s), 100U);
}

TEST(TokenBucket, TellsItsRate) {
  TokenBucket bucket(1000, kStart);
  EXPECT_EQ(bucket.rate(), 1000U);
  bucket.restart(2000, kStart);
  EXPECT_EQ(bucket.rate(), 2000U);
}

// S5B-37: sessions of one user on several shards. The threads share a clock that goes on with each
// look at it, so ten seconds take no time, and however they are scheduled somebody always draws.
TEST(TokenBucket, KeepsItsRateWhenSeveralThreadsDraw) {
  constexpr std::uint64_t kRate = 1'000'000;
  constexpr int kThreads = 4;
  constexpr std::int64_t kEnd = 10'000'000;  // microseconds
  TokenBucket bucket(kRate, kStart);
  std::atomic<std::int64_t> clock{0};
  std::atomic<std::uint64_t> passed_bytes{0};
  const auto draw = [&] {
    for (std::int64_t at; (at = clock.fetch_add(20)) < kEnd;) {
      const std::uint64_t granted = bucket.available(kStart + std::chrono::microseconds(at));
      bucket.spend(granted);
      passed_bytes += granted;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(draw);
  }
  const auto bytes = static_cast<double>(passed_bytes.load());
  constexpr double kWanted = kRate * 10.0;
  constexpr double kBurst = kRate * 0.05;
  EXPECT_GE(bytes, kWanted * 0.98);
  // The first burst, and at the very end what each thread was granted beside the others.
  EXPECT_LE(bytes, kWanted * 1.005 + kThreads * kBurst);
}

// What several took at once is a debt of all of them.
TEST(TokenBucket, EvensOutWhatWasGrantedTwice) {
  TokenBucket bucket(1000, kStart);
  const std::uint64_t one = bucket.available(kStart);
  const std::uint64_t other = bucket.available(kStart);
  EXPECT_EQ(one + other, 100U);
  bucket.spend(one);
  bucket.spend(other);
  EXPECT_EQ(bucket.available(kStart + 50ms), 0U);
  EXPECT_EQ(bucket.available(kStart + 51ms), 1U);
}

TEST(TokenBucket, MayBeRestartedWhileOthersDraw) {
  TokenBucket bucket(1000, kStart);
  {
    std::jthread drawing([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) bucket.spend(bucket.available(kStart));
    });
    for (std::uint64_t rate = 1; rate <= 20'000; ++rate) bucket.restart(rate, kStart);
  }
  bucket.restart(1000, kStart + 1s);
  EXPECT_EQ(bucket.available(kStart + 1s), 50U);
}

}  // namespace
}  // namespace bellhop::base

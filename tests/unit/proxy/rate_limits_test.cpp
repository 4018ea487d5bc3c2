// Buckets of sessions, JIDs and all, and the shard they share.
#include "proxy/rate_limits.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

namespace bellhop::proxy {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kNow{base::Duration(1h)};
const std::string kAlice = "alice@example.org";

TEST(RateLimits, HaveNoBucketWithoutARate) {
  RateLimits limits({});
  RateLimits::Lease lease(limits, kAlice, kNow);
  EXPECT_EQ(lease.session(), nullptr);
  EXPECT_EQ(lease.jid(), nullptr);
  EXPECT_EQ(lease.total(), nullptr);
}

// S5B-37
TEST(RateLimits, GiveEachSessionABucketOfItsOwn) {
  RateLimits limits({.per_session = 1000, .per_jid = 0, .total = 0});
  RateLimits::Lease one(limits, kAlice, kNow);
  RateLimits::Lease other(limits, kAlice, kNow);
  ASSERT_NE(one.session(), nullptr);
  EXPECT_NE(one.session(), other.session());
  EXPECT_EQ(one.jid(), nullptr);
  EXPECT_EQ(one.total(), nullptr);
  EXPECT_EQ(one.session()->available(kNow), 50U);
}

// S5B-37
TEST(RateLimits, LetTheSessionsOfOneJidShareABucket) {
  RateLimits limits({.per_session = 0, .per_jid = 1000, .total = 0});
  RateLimits::Lease one(limits, kAlice, kNow);
  RateLimits::Lease other(limits, kAlice, kNow);
  RateLimits::Lease stranger(limits, "bob@example.org", kNow);
  ASSERT_NE(one.jid(), nullptr);
  EXPECT_EQ(one.jid(), other.jid());
  EXPECT_NE(one.jid(), stranger.jid());
  one.jid()->spend(50);
  EXPECT_EQ(other.jid()->available(kNow), 0U);
  EXPECT_EQ(stranger.jid()->available(kNow), 50U);
}

TEST(RateLimits, LetAllSessionsShareTheTotal) {
  RateLimits limits({.per_session = 0, .per_jid = 0, .total = 1000});
  RateLimits::Lease one(limits, kAlice, kNow);
  RateLimits::Lease other(limits, "bob@example.org", kNow);
  ASSERT_NE(one.total(), nullptr);
  EXPECT_EQ(one.total(), other.total());
}

// Otherwise reconnecting would fill the bucket again.
TEST(RateLimits, KeepAJidsBucketWhileAnyOfItsSessionsRuns) {
  RateLimits limits({.per_session = 0, .per_jid = 1000, .total = 0});
  std::optional<RateLimits::Lease> first;
  first.emplace(limits, kAlice, kNow);
  std::optional<RateLimits::Lease> second;
  second.emplace(limits, kAlice, kNow);
  first->jid()->spend(50);
  first.reset();
  for (int i = 0; i < 1000; ++i) RateLimits::Lease other(limits, std::to_string(i), kNow);
  EXPECT_EQ(second->jid()->available(kNow), 0U);
  second.reset();
  RateLimits::Lease fresh(limits, kAlice, kNow);
  EXPECT_EQ(fresh.jid()->available(kNow), 50U);
}

TEST(HomeShard, IsDealtOutByTurnWithoutSharedLimits) {
  std::set<std::size_t> shards;
  for (std::size_t turn = 0; turn < 4; ++turn) shards.insert(home_shard({}, kAlice, turn, 4));
  EXPECT_EQ(shards.size(), 4U);
  EXPECT_EQ(home_shard({.per_session = 1000}, kAlice, 5, 4), 1U);
}

TEST(HomeShard, IsTheSameForAllSessionsOfAJidThatShareABucket) {
  const Rates rates{.per_session = 0, .per_jid = 1000, .total = 0};
  std::set<std::size_t> of_alice;
  std::set<std::size_t> of_all;
  for (std::size_t turn = 0; turn < 100; ++turn) {
    of_alice.insert(home_shard(rates, kAlice, turn, 4));
    of_all.insert(home_shard(rates, std::to_string(turn), turn, 4));
  }
  EXPECT_EQ(of_alice.size(), 1U);
  EXPECT_EQ(of_all.size(), 4U);
}

TEST(HomeShard, IsTheLastOneForAllSessionsWithATotal) {
  const Rates rates{.per_session = 0, .per_jid = 1000, .total = 1000};
  for (std::size_t turn = 0; turn < 8; ++turn) EXPECT_EQ(home_shard(rates, kAlice, turn, 4), 3U);
  EXPECT_EQ(home_shard(rates, kAlice, 7, 1), 0U);
}

}  // namespace
}  // namespace bellhop::proxy

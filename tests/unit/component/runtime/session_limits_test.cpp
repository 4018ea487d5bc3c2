// What several buckets together allow.
#include "component/runtime/session_limits.hpp"

#include <gtest/gtest.h>

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kNow{base::Duration(1h)};

TEST(SessionLimits, AllowEverythingWithoutABucket) {
  const SessionLimits none;
  EXPECT_FALSE(none.any());
  EXPECT_EQ(none.allowance(12345, kNow), 12345U);
  none.spend(12345);
  EXPECT_EQ(none.next_grant(), base::TimePoint{});
}

// S5B-37
TEST(SessionLimits, AllowTheLeastThatAnyBucketGrants) {
  SessionLimits limits;
  limits.of(LimitScope::session) = std::make_shared<base::TokenBucket>(1'000'000, kNow);
  limits.of(LimitScope::domain) = std::make_shared<base::TokenBucket>(1000, kNow);
  EXPECT_TRUE(limits.any());
  EXPECT_EQ(limits.allowance(12345, kNow), 50U);
  EXPECT_EQ(limits.allowance(20, kNow), 20U);
  limits.spend(50);
  EXPECT_EQ(limits.allowance(12345, kNow), 0U);
  EXPECT_EQ(limits.of(LimitScope::session)->available(kNow), 49'950U);
  EXPECT_EQ(limits.next_grant(), kNow + 25ms);
}

TEST(SessionLimits, DrawFromTheBucketOfEachScope) {
  for (const LimitScope scope :
       {LimitScope::session, LimitScope::jid, LimitScope::domain, LimitScope::total}) {
    SessionLimits limits;
    limits.of(scope) = std::make_shared<base::TokenBucket>(1000, kNow);
    const SessionLimits other = limits;
    EXPECT_TRUE(limits.any());
    limits.spend(50);
    EXPECT_EQ(other.allowance(1, kNow), 0U);
  }
}

}  // namespace
}  // namespace bellhop::runtime

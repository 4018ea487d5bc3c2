// Log-ins that need not be checked again for a while.
#include "proxy/webdav/login_cache.hpp"

#include <gtest/gtest.h>

namespace bellhop::webdav {
namespace {

using namespace std::chrono_literals;

config::Secret secret(std::string_view text) {
  return config::Secret(std::string(text));
}

TEST(LoginCache, HoldsWhatWasRightForAFewMinutes) {
  LoginCache cache;
  const base::TimePoint start = base::Clock::now();
  EXPECT_FALSE(cache.holds("alice@example.org", secret("one"), 0, start));
  cache.add("alice@example.org", secret("one"), 0, start);
  EXPECT_TRUE(cache.holds("alice@example.org", secret("one"), 0, start));
  EXPECT_TRUE(cache.holds("alice@example.org", secret("one"), 0, start + LoginCache::kKept - 1ns));
  EXPECT_FALSE(cache.holds("alice@example.org", secret("one"), 0, start + LoginCache::kKept));
}

TEST(LoginCache, KnowsNoOtherPasswordOrUser) {
  LoginCache cache;
  const base::TimePoint now = base::Clock::now();
  cache.add("alice@example.org", secret("one"), 0, now);
  EXPECT_FALSE(cache.holds("alice@example.org", secret("two"), 0, now));
  EXPECT_FALSE(cache.holds("bob@example.org", secret("one"), 0, now));
}

// A password that was changed or an account that was removed must not go on working.
TEST(LoginCache, ForgetsEverythingWhenAnAccountChanges) {
  LoginCache cache;
  const base::TimePoint now = base::Clock::now();
  cache.add("alice@example.org", secret("one"), 6, now);
  EXPECT_TRUE(cache.holds("alice@example.org", secret("one"), 6, now));
  EXPECT_FALSE(cache.holds("alice@example.org", secret("one"), 7, now));
}

TEST(LoginCache, KeepsNoMoreThanItsMaximum) {
  LoginCache cache;
  const base::TimePoint now = base::Clock::now();
  for (std::size_t i = 0; i <= LoginCache::kUsersMax; ++i) {
    cache.add(std::to_string(i), secret("one"), 0, now);
    cache.add(std::to_string(i), secret("two"), 0, now);
  }
  EXPECT_EQ(cache.size(), LoginCache::kUsersMax);
  EXPECT_FALSE(cache.holds("0", secret("two"), 0, now));
  EXPECT_TRUE(cache.holds("1", secret("two"), 0, now));
}

}  // namespace
}  // namespace bellhop::webdav

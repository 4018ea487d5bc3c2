// How many sessions may run at once.
#include "proxy/session_caps.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/errors.hpp"

namespace bellhop::proxy {
namespace {

xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

// "granted", or the name of the cap that is reached.
std::string_view acquire(SessionCaps& caps, std::string_view user) {
  const auto granted = caps.acquire(jid(user));
  return granted ? "granted" : granted.error().kind().name;
}

// S5B-15, STZ-12: per user, whatever the resource.
TEST(SessionCaps, HoldTheSessionsOfOneJidAtTheirMaximum) {
  SessionCaps caps({.per_jid = 2, .per_domain = 100, .total = 100});
  EXPECT_EQ(acquire(caps, "alice@example.org/one"), "granted");
  EXPECT_EQ(acquire(caps, "Alice@example.org/two"), "granted");
  EXPECT_EQ(acquire(caps, "alice@example.org"), "sessions-of-jid");
  EXPECT_EQ(acquire(caps, "bob@example.org"), "granted");
  caps.release(jid("alice@example.org/another"));
  EXPECT_EQ(acquire(caps, "alice@example.org"), "granted");
}

// S5B-15
TEST(SessionCaps, HoldTheSessionsOfOneDomainAtTheirMaximum) {
  SessionCaps caps({.per_jid = 100, .per_domain = 2, .total = 100});
  EXPECT_EQ(acquire(caps, "alice@example.org"), "granted");
  EXPECT_EQ(acquire(caps, "bob@example.org"), "granted");
  EXPECT_EQ(acquire(caps, "carol@example.org"), "sessions-of-domain");
  EXPECT_EQ(acquire(caps, "carol@sub.example.org"), "granted");
  caps.release(jid("bob@example.org"));
  EXPECT_EQ(acquire(caps, "carol@example.org"), "granted");
}

// S5B-15
TEST(SessionCaps, HoldAllSessionsAtTheirMaximum) {
  SessionCaps caps({.per_jid = 100, .per_domain = 100, .total = 2});
  EXPECT_EQ(acquire(caps, "a@one.example"), "granted");
  EXPECT_EQ(acquire(caps, "b@two.example"), "granted");
  EXPECT_EQ(acquire(caps, "c@three.example"), "sessions-total");
  EXPECT_EQ(caps.running(), 2U);
  caps.release(jid("a@one.example"));
  EXPECT_EQ(acquire(caps, "c@three.example"), "granted");
}

TEST(SessionCaps, CountNothingForARefusal) {
  SessionCaps caps({.per_jid = 1, .per_domain = 2, .total = 3});
  EXPECT_EQ(acquire(caps, "alice@example.org"), "granted");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(acquire(caps, "alice@example.org"), "sessions-of-jid");
  EXPECT_EQ(caps.running(), 1U);
  EXPECT_EQ(acquire(caps, "bob@example.org"), "granted");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(acquire(caps, "c@example.org"), "sessions-of-domain");
  EXPECT_EQ(acquire(caps, "c@other.example"), "granted");
  EXPECT_EQ(caps.running(), 3U);
}

TEST(SessionCaps, AllowNothingAtZero) {
  SessionCaps caps({.per_jid = 0, .per_domain = 1, .total = 1});
  EXPECT_EQ(acquire(caps, "alice@example.org"), "sessions-of-jid");
}

TEST(SessionCapsDeathTest, AreReleasedOnlyByWhoHasThem) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  SessionCaps caps({.per_jid = 1, .per_domain = 1, .total = 1});
  EXPECT_DEATH(caps.release(jid("alice@example.org")), "broken invariant");
  ASSERT_EQ(acquire(caps, "alice@example.org"), "granted");
  EXPECT_DEATH(caps.release(jid("bob@other.example")), "broken invariant");
}

}  // namespace
}  // namespace bellhop::proxy

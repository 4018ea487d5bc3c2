// How many sessions may run at once, what they share, and who has used up his bytes.
#include "component/policy/admission.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "component/policy/errors.hpp"

namespace bellhop::policy {
namespace {

using namespace std::chrono_literals;
using runtime::LimitScope;
using runtime::SessionLimits;
using Type = Subject::Type;

constexpr base::TimePoint kNow{base::Duration(1h)};
constexpr SystemTime kToday{std::chrono::hours(24 * 365 * 50)};

xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

// What of a policy the tests differ in; 0: no limit.
struct Wanted {
  std::uint32_t per_jid = 0;
  std::uint32_t per_domain = 0;
  std::uint32_t total = 0;
  std::uint64_t rate_per_session = 0;
  std::uint64_t rate_per_jid = 0;
  std::uint64_t rate_per_domain = 0;
  std::uint64_t rate_total = 0;
};

PolicyPtr policy_of(const Wanted& wanted, Rules runtime = {}) {
  Rules rules;
  rules.quotas = {{{Type::each_jid, {}}, 0, 0, wanted.per_jid, {}},
                  {{Type::each_domain, {}}, 0, 0, wanted.per_domain, {}},
                  {{Type::total, {}}, 0, 0, wanted.total, {}}};
  const auto add = [&rules](Type type, std::uint64_t rate) {
    if (rate > 0) rules.rates.push_back({{type, {}}, rate, {}});
  };
  add(Type::each_session, wanted.rate_per_session);
  add(Type::each_jid, wanted.rate_per_jid);
  add(Type::each_domain, wanted.rate_per_domain);
  add(Type::total, wanted.rate_total);
  return std::make_shared<Policy>(std::move(rules), std::move(runtime), true);
}

// "granted", or the name of the cap that is reached.
std::string_view acquire(Admission& admission, std::string_view user) {
  const auto granted = admission.acquire(jid(user), kNow);
  return granted ? "granted" : granted.error().kind().name;
}
// The limits of a session that must be granted.
SessionLimits limits_of(Admission& admission, std::string_view user) {
  return admission.acquire(jid(user), kNow).value();
}
// "yes", or the name of the refusal.
std::string_view check(const Admission& admission, std::string_view user) {
  const auto allowed = admission.check(jid(user), "example.org", kToday);
  return allowed ? "yes" : allowed.error().kind().name;
}

// S5B-15, STZ-12: per user, whatever the resource.
TEST(Admission, HoldsTheSessionsOfOneJidAtTheirMaximum) {
  Admission admission(policy_of({.per_jid = 2, .per_domain = 100, .total = 100}));
  EXPECT_EQ(acquire(admission, "alice@example.org/one"), "granted");
  EXPECT_EQ(acquire(admission, "Alice@example.org/two"), "granted");
  EXPECT_EQ(acquire(admission, "alice@example.org"), "sessions-of-jid");
  EXPECT_EQ(acquire(admission, "bob@example.org"), "granted");
  admission.release(jid("alice@example.org/another"));
  EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
}

// S5B-15
TEST(Admission, HoldsTheSessionsOfOneDomainAtTheirMaximum) {
  Admission admission(policy_of({.per_jid = 100, .per_domain = 2, .total = 100}));
  EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  EXPECT_EQ(acquire(admission, "bob@example.org"), "granted");
  EXPECT_EQ(acquire(admission, "carol@example.org"), "sessions-of-domain");
  EXPECT_EQ(acquire(admission, "carol@sub.example.org"), "granted");
  admission.release(jid("bob@example.org"));
  EXPECT_EQ(acquire(admission, "carol@example.org"), "granted");
}

// S5B-15
TEST(Admission, HoldsAllSessionsAtTheirMaximum) {
  Admission admission(policy_of({.per_jid = 100, .per_domain = 100, .total = 2}));
  EXPECT_EQ(acquire(admission, "a@one.example"), "granted");
  EXPECT_EQ(acquire(admission, "b@two.example"), "granted");
  EXPECT_EQ(acquire(admission, "c@three.example"), "sessions-total");
  EXPECT_EQ(admission.running(), 2U);
  admission.release(jid("a@one.example"));
  EXPECT_EQ(acquire(admission, "c@three.example"), "granted");
}

TEST(Admission, CountsNothingForARefusal) {
  Admission admission(policy_of({.per_jid = 1, .per_domain = 2, .total = 3}));
  EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(acquire(admission, "alice@example.org"), "sessions-of-jid");
  EXPECT_EQ(admission.running(), 1U);
  EXPECT_EQ(acquire(admission, "bob@example.org"), "granted");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(acquire(admission, "c@example.org"), "sessions-of-domain");
  EXPECT_EQ(acquire(admission, "c@other.example"), "granted");
  EXPECT_EQ(admission.running(), 3U);
}

// A zero in a quota is no limit; the configuration cannot say it, an operator can.
TEST(Admission, KnowsNoCapAtZero) {
  Admission admission(policy_of({}));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  EXPECT_EQ(admission.running(), 1000U);
}

// S5B-15: a quota for one user is his, not everybody's.
TEST(Admission, GivesOneUserACapOfHisOwn) {
  Rules runtime;
  runtime.quotas = {{Subject::of_jid("alice@example.org"), 0, 0, 3, {}}};
  Admission admission(policy_of({.per_jid = 1}, runtime));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  EXPECT_EQ(acquire(admission, "alice@example.org"), "sessions-of-jid");
  EXPECT_EQ(acquire(admission, "bob@example.org"), "granted");
  EXPECT_EQ(acquire(admission, "bob@example.org"), "sessions-of-jid");
}

// A lowered cap ends nothing, it lets nobody in until there is room.
TEST(Admission, AppliesOtherCapsToTheNextSession) {
  Admission admission(policy_of({.per_jid = 3}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  admission.apply(policy_of({.per_jid = 2}), kNow);
  EXPECT_EQ(admission.running(), 3U);
  admission.release(jid("alice@example.org"));
  EXPECT_EQ(acquire(admission, "alice@example.org"), "sessions-of-jid");
  admission.release(jid("alice@example.org"));
  EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
  admission.apply(policy_of({.per_jid = 3}), kNow);
  EXPECT_EQ(acquire(admission, "alice@example.org"), "granted");
}

TEST(AdmissionDeathTest, IsReleasedOnlyByWhoHasASession) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Admission admission(policy_of({}));
  EXPECT_DEATH(admission.release(jid("alice@example.org")), "broken invariant");
  ASSERT_EQ(acquire(admission, "alice@example.org"), "granted");
  EXPECT_DEATH(admission.release(jid("bob@other.example")), "broken invariant");
}

TEST(Admission, GivesNoBucketWithoutARate) {
  Admission admission(policy_of({}));
  EXPECT_FALSE(limits_of(admission, "alice@example.org").any());
}

// S5B-37
TEST(Admission, GivesEachSessionABucketOfItsOwn) {
  Admission admission(policy_of({.rate_per_session = 1000}));
  const SessionLimits one = limits_of(admission, "alice@example.org");
  const SessionLimits other = limits_of(admission, "alice@example.org");
  ASSERT_NE(one.of(LimitScope::session), nullptr);
  EXPECT_NE(one.of(LimitScope::session), other.of(LimitScope::session));
  for (const LimitScope scope : {LimitScope::jid, LimitScope::domain, LimitScope::total}) {
    EXPECT_EQ(one.of(scope), nullptr);
  }
  EXPECT_EQ(one.of(LimitScope::session)->available(kNow), 50U);
}

// S5B-37
TEST(Admission, LetsTheSessionsOfOneJidShareABucket) {
  Admission admission(policy_of({.rate_per_jid = 1000}));
  const SessionLimits one = limits_of(admission, "alice@example.org/one");
  const SessionLimits other = limits_of(admission, "alice@example.org/other");
  const SessionLimits stranger = limits_of(admission, "bob@example.org");
  ASSERT_NE(one.of(LimitScope::jid), nullptr);
  EXPECT_EQ(one.of(LimitScope::jid), other.of(LimitScope::jid));
  EXPECT_NE(one.of(LimitScope::jid), stranger.of(LimitScope::jid));
  one.spend(50);
  EXPECT_EQ(other.allowance(100, kNow), 0U);
  EXPECT_EQ(stranger.allowance(100, kNow), 50U);
}

// S5B-37
TEST(Admission, LetsTheUsersOfADomainAndAllShareABucketEach) {
  Admission admission(policy_of({.rate_per_domain = 1000, .rate_total = 5000}));
  const SessionLimits one = limits_of(admission, "alice@example.org");
  const SessionLimits other = limits_of(admission, "bob@example.org");
  const SessionLimits stranger = limits_of(admission, "carol@example.net");
  ASSERT_NE(one.of(LimitScope::domain), nullptr);
  EXPECT_EQ(one.of(LimitScope::domain), other.of(LimitScope::domain));
  EXPECT_NE(one.of(LimitScope::domain), stranger.of(LimitScope::domain));
  ASSERT_NE(one.of(LimitScope::total), nullptr);
  EXPECT_EQ(one.of(LimitScope::total), stranger.of(LimitScope::total));
}

// Otherwise reconnecting would fill the bucket again.
TEST(Admission, KeepsAJidsBucketWhileAnyOfItsSessionsRuns) {
  Admission admission(policy_of({.rate_per_jid = 1000}));
  const xmpp::Jid alice = jid("alice@example.org");
  limits_of(admission, "alice@example.org").spend(50);
  EXPECT_EQ(limits_of(admission, "alice@example.org").allowance(100, kNow), 0U);
  admission.release(alice);
  for (int i = 0; i < 1000; ++i) (void)limits_of(admission, std::to_string(i) + "@example.org");
  EXPECT_EQ(limits_of(admission, "alice@example.org").allowance(100, kNow), 0U);
  admission.release(alice);
  admission.release(alice);
  EXPECT_EQ(limits_of(admission, "alice@example.org").allowance(100, kNow), 50U);
}

// What a session was given still works when its account is gone.
TEST(Admission, LeavesTheBucketToASessionThatOutlivesItsAccount) {
  Admission admission(policy_of({.rate_per_jid = 1000}));
  const SessionLimits late = limits_of(admission, "alice@example.org");
  admission.release(jid("alice@example.org"));
  EXPECT_EQ(late.allowance(100, kNow), 50U);
}

// S5B-37: who has a bucket keeps it and feels the other rate at once, whatever he owed before.
TEST(Admission, ChangesTheRateOfABucketInItsPlace) {
  Admission admission(policy_of({.rate_per_jid = 1000, .rate_total = 1'000'000}));
  const SessionLimits running = limits_of(admission, "alice@example.org");
  running.spend(1'000'000);
  const auto total = running.of(LimitScope::total);
  admission.apply(policy_of({.rate_per_jid = 2000, .rate_total = 1'000'000}), kNow);
  EXPECT_EQ(running.of(LimitScope::jid)->rate(), 2000U);
  EXPECT_EQ(running.of(LimitScope::jid)->available(kNow), 100U);
  EXPECT_EQ(total->available(kNow), 0U) << "an unchanged rate forgives nothing";
  const auto now = admission.limits_of_running().at("alice@example.org");
  EXPECT_EQ(now.of(LimitScope::jid), running.of(LimitScope::jid));
  EXPECT_EQ(now.of(LimitScope::total), total);
}

// S5B-37: limits that come and go while sessions run.
TEST(Admission, TellsTheLimitsOfAllThatRun) {
  Admission admission(policy_of({.rate_per_jid = 1000}));
  (void)limits_of(admission, "alice@example.org/one");
  (void)limits_of(admission, "alice@example.org/two");
  (void)limits_of(admission, "bob@example.net");
  (void)limits_of(admission, "example.net");
  admission.apply(policy_of({.rate_per_session = 1, .rate_per_domain = 2, .rate_total = 3}), kNow);
  const auto limits = admission.limits_of_running();
  ASSERT_EQ(limits.size(), 3U);
  for (const std::string user : {"alice@example.org", "bob@example.net", "example.net"}) {
    const SessionLimits& row = limits.at(user);
    EXPECT_EQ(row.of(LimitScope::session), nullptr) << "that of the session itself is not here";
    EXPECT_EQ(row.of(LimitScope::jid), nullptr);
    EXPECT_EQ(row.of(LimitScope::domain)->rate(), 2U);
    EXPECT_EQ(row.of(LimitScope::total)->rate(), 3U);
  }
  EXPECT_EQ(limits.at("bob@example.net").of(LimitScope::domain),
            limits.at("example.net").of(LimitScope::domain));
  EXPECT_NE(limits.at("bob@example.net").of(LimitScope::domain),
            limits.at("alice@example.org").of(LimitScope::domain));
  // The next session of the same user gets the same buckets.
  const SessionLimits next = limits_of(admission, "alice@example.org/three");
  EXPECT_EQ(next.of(LimitScope::total), limits.at("example.net").of(LimitScope::total));
  EXPECT_EQ(next.of(LimitScope::session)->rate(), 1U);
  admission.apply(policy_of({}), kNow);
  for (const auto& [user, row] : admission.limits_of_running()) EXPECT_FALSE(row.any()) << user;
}

TEST(Admission, ForgetsWhoHasNoSessionAnyMore) {
  Admission admission(policy_of({.rate_per_jid = 1000}));
  (void)limits_of(admission, "alice@example.org");
  admission.release(jid("alice@example.org"));
  EXPECT_TRUE(admission.limits_of_running().empty());
  EXPECT_EQ(admission.running(), 0U);
}

// S5B-05, STZ-12: rules come first, with the deciding one for the log.
TEST(Admission, RefusesWhomTheRulesDoNotAllow) {
  Rules runtime;
  runtime.access = {{Subject::of_jid("mallory@example.org"), false, {}, {}, {}}};
  Admission admission(policy_of({}, runtime));
  EXPECT_EQ(check(admission, "alice@example.org/x"), "yes");
  EXPECT_EQ(check(admission, "alice@example.net/x"), "user-not-allowed");
  const auto refused = admission.check(jid("mallory@example.org/x"), "example.org", kToday);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::user_not_allowed));
  EXPECT_EQ(refused.error().detail(), "denied by jid:mallory@example.org");
  admission.apply(policy_of({}), kNow);
  EXPECT_EQ(check(admission, "mallory@example.org/x"), "yes");
}

TEST(Admission, RefusesWhoHasUsedUpItsBytes) {
  Admission admission(policy_of({}));
  EXPECT_EQ(check(admission, "alice@example.org"), "yes");
  const auto exhaust = [&admission](Exhausted subjects) {
    admission.set_exhausted(std::make_shared<const Exhausted>(std::move(subjects)));
  };
  exhaust({"jid:alice@example.org", "domain:example.net"});
  EXPECT_EQ(check(admission, "Alice@example.org/phone"), "bytes-of-jid");
  EXPECT_EQ(check(admission, "bob@example.org"), "yes");
  EXPECT_EQ(check(admission, "carol@example.net"), "user-not-allowed") << "rules come first";
  exhaust({"domain:example.org"});
  EXPECT_EQ(check(admission, "alice@example.org"), "bytes-of-domain");
  EXPECT_EQ(check(admission, "bob@example.org"), "bytes-of-domain");
  exhaust({"total"});
  EXPECT_EQ(check(admission, "bob@example.org"), "bytes-total");
  exhaust({});
  EXPECT_EQ(check(admission, "alice@example.org"), "yes");
}

TEST(PolicyErrors, HaveANameOfTheirOwnEach) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* kind : errors::kAll) {
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
    EXPECT_TRUE(kind->text.ends_with('.')) << kind->name;
  }
}

}  // namespace
}  // namespace bellhop::policy

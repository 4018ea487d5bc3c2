// Who may use Bellhop and how much.
#include "component/policy/policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "component/xmpp/jid.hpp"

namespace bellhop::policy {
namespace {

using namespace std::chrono_literals;
using Type = Subject::Type;

constexpr SystemTime kNow{std::chrono::hours(24 * 365 * 50)};
constexpr std::string_view kParent = "example.org";

Policy configured(const config::Settings& settings, Rules runtime = {}) {
  return {configured_rules(settings, {}), std::move(runtime), settings.access.parent_domain};
}

// "yes", or the rule that says no.
std::string verdict(const Policy& policy, std::string_view user, SystemTime now = kNow) {
  const auto jid = xmpp::Jid::parse(user).value();
  const auto decision = policy.access(jid.bare(), kParent, now);
  return decision.is_allowed ? "yes" : decision.detail;
}
std::string verdict(const config::AccessSettings& access, std::string_view user) {
  config::Settings settings;
  settings.access = access;
  return verdict(configured(settings), user);
}

AccessRule access_rule(std::string_view subject, bool allows,
                       std::optional<SystemTime> expires = {}) {
  return {Subject::parse(subject).value(), allows, {}, expires, {"runtime", "admin"}};
}

constexpr std::string_view kNotListed = "no rule allows this user";

// S5B-05, STZ-12: policy says forbidden.
TEST(Policy, AllowsTheParentDomainOnlyByDefault) {
  EXPECT_EQ(verdict(config::AccessSettings{}, "alice@example.org/phone"), "yes");
  EXPECT_EQ(verdict(config::AccessSettings{}, "example.org"), "yes");
  EXPECT_EQ(verdict(config::AccessSettings{}, "alice@sub.example.org"), kNotListed);
  EXPECT_EQ(verdict(config::AccessSettings{}, "alice@example.org.evil.example"), kNotListed);
  EXPECT_EQ(verdict(config::AccessSettings{}, "example.org@evil.example/example.org"), kNotListed);
}

// S5B-05: it stands in the configuration as the operator wrote it.
TEST(Policy, KnowsTheParentDomainInAnySpelling) {
  const Policy policy({}, {}, true);
  EXPECT_TRUE(policy.access("alice@example.org", "Example.ORG", kNow).is_allowed);
  EXPECT_TRUE(policy.access("alice@example.org", "example.org.", kNow).is_allowed);
  EXPECT_FALSE(policy.access("alice@example.org", "", kNow).is_allowed);
  EXPECT_FALSE(policy.access("alice@example.org", "alice@example.org", kNow).is_allowed);
}

TEST(Policy, AllowsNobodyWhenNothingIsListed) {
  config::AccessSettings settings;
  settings.parent_domain = false;
  EXPECT_EQ(verdict(settings, "alice@example.org"), kNotListed);
}

TEST(Policy, AllowsListedDomainsAndJidsInAnySpelling) {
  config::AccessSettings settings;
  settings.allow_domains = {"FRIENDS.example"};
  settings.allow_jids = {"Carol@Elsewhere.example", "dave@elsewhere.example/ignored"};
  EXPECT_EQ(verdict(settings, "bob@friends.EXAMPLE/x"), "yes");
  EXPECT_EQ(verdict(settings, "carol@elsewhere.example/x"), "yes");
  EXPECT_EQ(verdict(settings, "dave@elsewhere.example"), "yes");
  EXPECT_EQ(verdict(settings, "mallory@elsewhere.example"), kNotListed);
}

TEST(Policy, AllowsEverybodyByAStar) {
  config::AccessSettings settings;
  settings.allow_domains = {"*"};
  settings.deny_jids = {"mallory@far.example"};
  EXPECT_EQ(verdict(settings, "anybody@far.example"), "yes");
  EXPECT_EQ(verdict(settings, "mallory@far.example/x"), "denied by jid:mallory@far.example");
}

// In the configuration deny wins over allow, whatever is more exact.
TEST(Policy, DeniesBeforeItAllows) {
  config::AccessSettings settings;
  settings.allow_jids = {"alice@example.org", "bob@closed.example"};
  settings.allow_domains = {"closed.example"};
  settings.deny_jids = {"alice@example.org"};
  settings.deny_domains = {"closed.example"};
  EXPECT_EQ(verdict(settings, "alice@example.org"), "denied by jid:alice@example.org");
  EXPECT_EQ(verdict(settings, "bob@closed.example"), "denied by domain:closed.example");
  EXPECT_EQ(verdict(settings, "carol@closed.example"), "denied by domain:closed.example");
  EXPECT_EQ(verdict(settings, "dave@example.org"), "yes");
}

// A user among the domains does not open the whole domain.
TEST(Policy, IgnoresConfiguredEntriesThatAreNone) {
  config::AccessSettings settings;
  settings.allow_domains = {"", "@", "a@b@c", "bob@example.org"};
  settings.allow_jids = {"*"};
  settings.deny_domains = {"not a domain"};
  settings.parent_domain = false;
  EXPECT_EQ(verdict(settings, "alice@example.org"), kNotListed);
  EXPECT_EQ(verdict(settings, "bob@example.org"), kNotListed);
}

TEST(Policy, LetsRunTimeRulesWinOverTheConfiguration) {
  config::Settings settings;
  settings.access.deny_jids = {"alice@example.org"};
  settings.access.deny_domains = {"closed.example"};
  Rules runtime;
  runtime.access = {access_rule("jid:alice@example.org", true),
                    access_rule("domain:closed.example", true),
                    access_rule("jid:bob@example.org", false)};
  const Policy policy = configured(settings, runtime);
  EXPECT_EQ(verdict(policy, "alice@example.org"), "yes");
  EXPECT_EQ(verdict(policy, "carol@closed.example"), "yes");
  EXPECT_EQ(verdict(policy, "bob@example.org"), "denied by jid:bob@example.org");
  EXPECT_EQ(verdict(policy, "dave@example.org"), "yes");
}

// Of the run time rules the most exact decides, whether it allows or denies.
TEST(Policy, LetsTheMostExactRunTimeRuleDecide) {
  Rules runtime;
  runtime.access = {
      access_rule("total", false),
      access_rule("domain:example.net", true),
      access_rule("jid:mallory@example.net", false),
      access_rule("jid:alice@example.org", true),
  };
  const Policy policy({}, runtime, true);
  EXPECT_EQ(verdict(policy, "bob@example.org"), "denied by total");
  EXPECT_EQ(verdict(policy, "alice@example.org"), "yes");
  EXPECT_EQ(verdict(policy, "carol@example.net"), "yes");
  EXPECT_EQ(verdict(policy, "mallory@example.net/x"), "denied by jid:mallory@example.net");
}

// At its time a rule is gone, and what it hid decides again.
TEST(Policy, ForgetsARuleAtTheMomentItExpires) {
  config::Settings settings;
  settings.access.deny_jids = {"alice@example.org"};
  Rules runtime;
  runtime.access = {access_rule("jid:alice@example.org", true, kNow),
                    access_rule("domain:example.org", false, kNow + 1h)};
  const Policy policy = configured(settings, runtime);
  EXPECT_EQ(verdict(policy, "alice@example.org", kNow - 1ns), "yes");
  EXPECT_EQ(verdict(policy, "alice@example.org", kNow), "denied by domain:example.org");
  EXPECT_EQ(verdict(policy, "alice@example.org", kNow + 1h), "denied by jid:alice@example.org");
  EXPECT_EQ(verdict(policy, "bob@example.org", kNow + 1h - 1ns), "denied by domain:example.org");
  EXPECT_EQ(verdict(policy, "bob@example.org", kNow + 1h), "yes");
}

TEST(Policy, KnowsWhenTheFirstRuleExpires) {
  EXPECT_FALSE(Policy({}, {}, true).next_expiry());
  Rules runtime;
  runtime.access = {access_rule("total", true), access_rule("jid:a@b", true, kNow + 2h),
                    access_rule("domain:b", false, kNow + 1h)};
  EXPECT_EQ(Policy({}, runtime, true).next_expiry(), kNow + 1h);
}

TEST(Policy, SaysWhichRuleDecidedAndWhereItComesFrom) {
  config::Settings settings;
  settings.access.deny_domains = {"closed.example"};
  config::Origins origins;
  origins["access.deny_domains"] = {config::Origin::Source::file, {12, 1}, {}};
  Rules runtime;
  runtime.access = {access_rule("jid:alice@example.net", true)};
  const Policy policy(configured_rules(settings, origins), runtime, true);
  const auto by_rule = policy.access("alice@example.net", kParent, kNow);
  EXPECT_EQ(by_rule.detail, "allowed by jid:alice@example.net");
  EXPECT_EQ(by_rule.origin.source, "runtime");
  EXPECT_EQ(by_rule.origin.detail, "admin");
  const auto by_file = policy.access("x@closed.example", kParent, kNow);
  EXPECT_EQ(by_file.origin.source, "file");
  EXPECT_EQ(by_file.origin.detail, "access.deny_domains, line 12");
  const auto by_default = policy.access("bob@example.org", kParent, kNow);
  EXPECT_EQ(by_default.detail, "a user of the parent domain");
  EXPECT_EQ(by_default.origin.source, "default");
  EXPECT_EQ(policy.access("x@far.example", kParent, kNow).origin.source, "");
}

TEST(Policy, ListsAccessRulesInTheOrderInWhichTheyDecide) {
  config::Settings settings;
  settings.access.allow_jids = {"z@a.example"};
  settings.access.allow_domains = {"*", "a.example"};
  settings.access.deny_domains = {"b.example"};
  Rules runtime;
  runtime.access = {access_rule("total", true), access_rule("domain:c.example", false),
                    access_rule("jid:b@c.example", true), access_rule("jid:a@c.example", true)};
  const Policy policy = configured(settings, runtime);
  std::vector<std::string> listed;
  for (const AccessRule& rule : policy.access_rules()) {
    listed.push_back((rule.allows ? "+" : "-") + rule.subject.text());
  }
  EXPECT_EQ(listed, (std::vector<std::string>{"+jid:a@c.example", "+jid:b@c.example",
                                              "-domain:c.example", "+total", "-domain:b.example",
                                              "+jid:z@a.example", "+domain:a.example", "+total"}));
}

Quota quota(std::string_view subject, std::uint64_t daily, std::uint32_t sessions = 0) {
  return {Subject::parse(subject).value(), daily, 0, sessions, {"runtime", "admin"}};
}
RateLimit rate(std::string_view subject, std::uint64_t bytes_per_second) {
  return {Subject::parse(subject).value(), bytes_per_second, {"runtime", "admin"}};
}

TEST(Policy, TakesQuotasAndRatesFromTheConfiguration) {
  config::Settings settings;
  settings.quota = {1, 2, 3, 4};
  settings.proxy.sessions_per_jid_max = 5;
  settings.proxy.sessions_per_domain_max = 6;
  settings.proxy.sessions_max = 7;
  settings.proxy.rate_per_session = 8;
  settings.proxy.rate_per_jid = 9;
  settings.proxy.rate_total = 10;
  const Policy policy = configured(settings);
  const Quota* jid = policy.quota(Subject::of_jid("anybody@example.org"));
  EXPECT_EQ(std::tuple(jid->daily_bytes, jid->monthly_bytes, jid->sessions), std::tuple(1, 2, 5));
  const Quota* domain = policy.quota(Subject::of_domain("example.org"));
  EXPECT_EQ(std::tuple(domain->daily_bytes, domain->monthly_bytes, domain->sessions),
            std::tuple(3, 4, 6));
  const Quota* total = policy.quota({});
  EXPECT_EQ(std::tuple(total->daily_bytes, total->monthly_bytes, total->sessions),
            std::tuple(0, 0, 7));
  EXPECT_EQ(policy.rate({Type::each_session, {}})->bytes_per_second, 8U);
  EXPECT_EQ(policy.rate(Subject::of_jid("anybody@example.org"))->bytes_per_second, 9U);
  EXPECT_EQ(policy.rate({})->bytes_per_second, 10U);
  EXPECT_EQ(policy.rate(Subject::of_domain("example.org")), nullptr);
}

TEST(Policy, HasNoRateLimitsUnlessTheyAreSet) {
  const Policy policy = configured({});
  EXPECT_TRUE(policy.rates().empty());
  EXPECT_EQ(policy.rate({}), nullptr);
  EXPECT_EQ(policy.rate(Subject::of_jid("alice@example.org")), nullptr);
  EXPECT_EQ(Policy({}, {}, true).quota({}), nullptr);
}

// The exact subject over "each", and of one subject run time over the configuration.
TEST(Policy, PrefersTheExactSubjectAndThenRunTime) {
  config::Settings settings;
  settings.quota.daily_bytes_per_jid = 100;
  settings.proxy.rate_per_jid = 1000;
  Rules runtime;
  runtime.quotas = {quota("jid:alice@example.org", 1), quota("domain:*", 2),
                    quota("domain:example.org", 3)};
  runtime.rates = {rate("jid:*", 10), rate("jid:alice@example.org", 20),
                   rate("domain:example.org", 30), rate("session:*", 40)};
  const Policy policy = configured(settings, runtime);
  EXPECT_EQ(policy.quota(Subject::of_jid("alice@example.org"))->daily_bytes, 1U);
  EXPECT_EQ(policy.quota(Subject::of_jid("bob@example.org"))->daily_bytes, 100U);
  EXPECT_EQ(policy.quota(Subject::of_domain("example.net"))->daily_bytes, 2U);
  EXPECT_EQ(policy.quota(Subject::of_domain("example.org"))->daily_bytes, 3U);
  EXPECT_EQ(policy.rate(Subject::of_jid("alice@example.org"))->bytes_per_second, 20U);
  EXPECT_EQ(policy.rate(Subject::of_jid("bob@example.org"))->bytes_per_second, 10U);
  EXPECT_EQ(policy.rate(Subject::of_domain("example.org"))->bytes_per_second, 30U);
  EXPECT_EQ(policy.rate(Subject::of_domain("example.net")), nullptr);
  EXPECT_EQ(policy.rate({Type::each_session, {}})->bytes_per_second, 40U);
}

// A quota set at run time does not lift the limits that it does not speak of.
TEST(Policy, TakesEachLimitOfAQuotaFromTheFirstRowThatSaysIt) {
  config::Settings settings;
  settings.quota.daily_bytes_per_jid = 100;
  settings.quota.monthly_bytes_per_jid = 1000;
  settings.proxy.sessions_per_jid_max = 5;
  settings.proxy.sessions_max = 50;
  Rules runtime;
  runtime.quotas = {quota("jid:*", 200), quota("jid:alice@example.org", 0, 7),
                    quota("jid:bob@example.org", kNoByteLimit, kNoSessionLimit), quota("total", 9)};
  const Policy policy = configured(settings, runtime);
  const Quota* each = policy.quota(Subject::of_jid("carol@example.org"));
  EXPECT_EQ(each->daily_bytes, 200U);
  EXPECT_EQ(each->monthly_bytes, 1000U);
  EXPECT_EQ(each->sessions, 5U);
  EXPECT_EQ(each->origin.source, "runtime");
  const Quota* alice = policy.quota(Subject::of_jid("alice@example.org"));
  EXPECT_EQ(alice->daily_bytes, 200U);
  EXPECT_EQ(alice->monthly_bytes, 1000U);
  EXPECT_EQ(alice->sessions, 7U);
  const Quota* bob = policy.quota(Subject::of_jid("bob@example.org"));
  EXPECT_EQ(bob->daily_bytes, kNoByteLimit) << "said explicitly";
  EXPECT_EQ(bob->sessions, kNoSessionLimit);
  EXPECT_EQ(bob->monthly_bytes, 1000U);
  EXPECT_EQ(policy.quota({})->sessions, 50U);
  EXPECT_EQ(policy.quota({})->daily_bytes, 9U);
}

// One line for each subject; what is overridden is not in force and not shown.
TEST(Policy, ListsQuotasAndRatesInOrderOfSubjects) {
  config::Settings settings;
  settings.proxy.rate_total = 1;
  Rules runtime;
  runtime.quotas = {quota("total", 5), quota("jid:b@x.example", 1), quota("jid:a@x.example", 1),
                    quota("domain:x.example", 1)};
  runtime.rates = {rate("total", 2), rate("jid:*", 3)};
  const Policy policy = configured(settings, runtime);
  std::vector<std::string> quotas;
  for (const Quota* each : policy.quotas()) quotas.push_back(each->subject.text());
  EXPECT_EQ(quotas, (std::vector<std::string>{"jid:a@x.example", "jid:b@x.example",
                                              "domain:x.example", "jid:*", "domain:*", "total"}));
  EXPECT_EQ(policy.quotas().back()->origin.source, "runtime");
  ASSERT_EQ(policy.rates().size(), 2U);
  EXPECT_EQ(policy.rates()[0]->subject.text(), "jid:*");
  EXPECT_EQ(policy.rates()[1]->bytes_per_second, 2U);
}

TEST(Policy, NamesTheSourceOfEachConfiguredValue) {
  config::Settings settings;
  settings.quota.monthly_bytes_per_domain = 1;
  settings.proxy.rate_total = 1;
  config::Origins origins;
  using Source = config::Origin::Source;
  origins["quota.monthly_bytes_per_domain"] = {Source::environment, {}, "BELLHOP_X"};
  origins["proxy.rate_total"] = {Source::command_line, {}, {}};
  origins["proxy.sessions_max"] = {Source::derived, {}, "proxy.connections_max"};
  const Policy policy(configured_rules(settings, origins), {}, true);
  const Origin& domain = policy.quota(Subject::of_domain("a"))->origin;
  EXPECT_EQ(domain.source + "|" + domain.detail, "environment|quota.monthly_bytes_per_domain");
  EXPECT_EQ(policy.rate({})->origin.source, "command line");
  EXPECT_EQ(policy.quota({})->origin.detail, "proxy.sessions_max, from proxy.connections_max");
  const Origin& jid = policy.quota(Subject::of_jid("a@b"))->origin;
  EXPECT_EQ(jid.source + "|" + jid.detail, "default|proxy.sessions_per_jid_max");
}

}  // namespace
}  // namespace bellhop::policy

// Who may use the proxy.
#include "proxy/access_policy.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "proxy/errors.hpp"

namespace bellhop::proxy {
namespace {

// "yes", or the rule that says no.
std::string verdict(const config::AccessSettings& settings, std::string_view user) {
  const AccessPolicy policy(settings, "Example.org");
  const auto allowed = policy.check(xmpp::Jid::parse(user).value());
  if (allowed) return "yes";
  EXPECT_TRUE(allowed.error().is(errors::user_not_allowed));
  return allowed.error().detail();
}

constexpr std::string_view kNotListed = "not in access.allow_domains or allow_jids";

// S5B-05, STZ-12: policy says forbidden.
TEST(AccessPolicy, AllowsTheParentDomainOnlyByDefault) {
  EXPECT_EQ(verdict({}, "alice@example.org/phone"), "yes");
  EXPECT_EQ(verdict({}, "example.org"), "yes");
  EXPECT_EQ(verdict({}, "alice@sub.example.org"), kNotListed);
  EXPECT_EQ(verdict({}, "alice@example.org.evil.example"), kNotListed);
  EXPECT_EQ(verdict({}, "example.org@evil.example/example.org"), kNotListed);
}

TEST(AccessPolicy, AllowsNobodyWhenNothingIsListed) {
  config::AccessSettings settings;
  settings.parent_domain = false;
  EXPECT_EQ(verdict(settings, "alice@example.org"), kNotListed);
}

TEST(AccessPolicy, AllowsListedDomainsAndJidsInAnySpelling) {
  config::AccessSettings settings;
  settings.allow_domains = {"FRIENDS.example"};
  settings.allow_jids = {"Carol@Elsewhere.example", "dave@elsewhere.example/ignored"};
  EXPECT_EQ(verdict(settings, "bob@friends.EXAMPLE/x"), "yes");
  EXPECT_EQ(verdict(settings, "carol@elsewhere.example/x"), "yes");
  EXPECT_EQ(verdict(settings, "dave@elsewhere.example"), "yes");
  EXPECT_EQ(verdict(settings, "mallory@elsewhere.example"), kNotListed);
}

TEST(AccessPolicy, AllowsEverybodyByAStar) {
  config::AccessSettings settings;
  settings.allow_domains = {"*"};
  settings.deny_jids = {"mallory@far.example"};
  EXPECT_EQ(verdict(settings, "anybody@far.example"), "yes");
  EXPECT_EQ(verdict(settings, "mallory@far.example/x"), "access.deny_jids");
}

// Deny wins over allow; a JID wins over its domain on the same side.
TEST(AccessPolicy, DeniesBeforeItAllows) {
  config::AccessSettings settings;
  settings.allow_jids = {"alice@example.org", "bob@closed.example"};
  settings.allow_domains = {"closed.example"};
  settings.deny_jids = {"alice@example.org"};
  settings.deny_domains = {"closed.example"};
  EXPECT_EQ(verdict(settings, "alice@example.org"), "access.deny_jids");
  EXPECT_EQ(verdict(settings, "bob@closed.example"), "access.deny_domains");
  EXPECT_EQ(verdict(settings, "carol@closed.example"), "access.deny_domains");
  EXPECT_EQ(verdict(settings, "dave@example.org"), "yes");
}

TEST(AccessPolicy, IgnoresEntriesThatAreNoJids) {
  config::AccessSettings settings;
  settings.allow_domains = {"", "@", "a@b@c"};
  settings.deny_domains = {"not a domain"};
  settings.parent_domain = false;
  EXPECT_EQ(verdict(settings, "alice@example.org"), kNotListed);
}

}  // namespace
}  // namespace bellhop::proxy

// User names: whose they are, when they expire, and what signs their messages.
#include "relay/turn/credentials.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "component/xmpp/digest.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr auto kMd5 = stun::PasswordAlgorithm::md5;
constexpr auto kSha256 = stun::PasswordAlgorithm::sha256;
const SystemTime kExpiry{1735689600s};
const auto kClient = base::IpAddress::parse("198.51.100.7").value();

Credentials credentials(const std::vector<std::string>& secrets = {"north"}) {
  Credentials::Options options;
  options.realm = "example.org";
  options.domain = "example.org";
  for (const std::string& secret : secrets) options.secrets.emplace_back(secret);
  options.users.push_back({"robot", config::Secret("beep")});
  options.users.push_back({"Ana\xC3\xAFs", config::Secret("secret")});
  return Credentials(std::move(options));
}

std::string hex(const stun::Key& key) {
  return xmpp::to_hex(stun::to_text(key.view()));
}

// Who is known by a name that was signed with the first secret.
Identity identify(std::string_view username, const base::IpAddress& client = kClient) {
  return credentials().identify(username, Credentials::Claim{}, client);
}

Identity identify_at(std::string_view username, std::string_view client) {
  return identify(username, base::IpAddress::parse(client).value());
}

// TURN-A11: the vector of the draft's convention.
TEST(Credentials, AreSignedWithTheKeyOfTheSharedSecret) {
  const auto claims = credentials().claims("1735689600:alice", kMd5);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].secret, 0u);
  EXPECT_EQ(hex(claims[0].key), "15fe1d291db14ef2a00c206559e9d387");
}

// TURN-A11
TEST(Credentials, OfSha256AreOfTheSamePassword) {
  const auto claims = credentials().claims("1735689600:alice", kSha256);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(hex(claims[0].key), hex(stun::long_term_key(kSha256, "1735689600:alice", "example.org",
                                                        "HbvWA6hGDtdv3wflBolXLhvzs0w=")));
}

// TURN-A11
TEST(Credentials, MayBeOfAnyOfSeveralSecrets) {
  const Credentials rotated = credentials({"south", "north", "east"});
  const auto claims = rotated.claims("1735689600:alice", kMd5);
  ASSERT_EQ(claims.size(), 3u);
  for (std::size_t i = 0; i < claims.size(); ++i) EXPECT_EQ(claims[i].secret, i);
  EXPECT_EQ(hex(claims[1].key), "15fe1d291db14ef2a00c206559e9d387");
  EXPECT_NE(hex(claims[0].key), hex(claims[1].key));
}

// TURN-A11: Prosody's are a bare expiry, ejabberd's have a hash behind it.
TEST(Credentials, OfXmppServersAreRead) {
  for (const std::string_view name : {"1795435087"sv, "1795352272:9ff92c2f33438904"sv}) {
    EXPECT_EQ(credentials().claims(name, kMd5).size(), 1u) << name;
  }
  EXPECT_EQ(credentials().expiry("1795435087"), SystemTime{1795435087s});
  EXPECT_EQ(credentials().expiry("1795352272:9ff92c2f33438904"), SystemTime{1795352272s});
}

TEST(Credentials, NeedAnExpiryOfDigitsOnly) {
  for (const std::string_view name :
       {""sv, ":"sv, ":alice"sv, "alice"sv, "alice:1735689600"sv, "-1735689600"sv, "+1735689600"sv,
        " 1735689600"sv, "1735689600 "sv, "1735689600 :alice"sv, "1735689600x:alice"sv,
        "0x67748580"sv, "1735689600.0"sv, "1e9"sv,
        "17356\0"
        "89600"sv,
        "\xEF\xBC\x91"sv,
        // Milliseconds, and what no clock holds.
        "1735689600000"sv, "17356896000:alice"sv, "18446744073709551616"sv,
        "99999999999999999999999999"sv}) {
    EXPECT_TRUE(credentials().claims(name, kMd5).empty()) << name;
    EXPECT_FALSE(credentials().expiry(name)) << name;
  }
}

TEST(Credentials, ExpireInTheSecondThatTheyName) {
  EXPECT_EQ(credentials().expiry("1735689600:alice"), kExpiry);
  EXPECT_EQ(credentials().expiry("0"), SystemTime{});
  EXPECT_EQ(credentials().expiry("1:1735689600"), SystemTime{1s});
  EXPECT_EQ(credentials().expiry("9999999999"),
            std::chrono::floor<std::chrono::seconds>(SystemTime::max()));
}

TEST(Credentials, OfMalformedOrOverlongNamesAreNone) {
  const std::string longest = "1735689600:" + std::string(497, 'a');
  ASSERT_EQ(longest.size(), Credentials::kUsernameBytesMax);
  EXPECT_EQ(credentials().claims(longest, kMd5).size(), 1u);
  EXPECT_TRUE(credentials().claims(longest + "a", kMd5).empty());
  EXPECT_TRUE(credentials().claims("1735689600:\xFF", kMd5).empty());
  EXPECT_TRUE(credentials().claims("1735689600:\xC0\x80", kMd5).empty());
  EXPECT_EQ(credentials().claims("1735689600:\xC3\xAF", kMd5).size(), 1u);
}

TEST(Credentials, OfConfiguredUsersDoNotExpire) {
  const auto md5 = credentials().claims("robot", kMd5);
  ASSERT_EQ(md5.size(), 1u);
  EXPECT_EQ(md5[0].secret, Credentials::kConfiguredUser);
  EXPECT_EQ(hex(md5[0].key), hex(stun::long_term_key(kMd5, "robot", "example.org", "beep")));
  const auto sha256 = credentials().claims("robot", kSha256);
  ASSERT_EQ(sha256.size(), 1u);
  EXPECT_EQ(hex(sha256[0].key), hex(stun::long_term_key(kSha256, "robot", "example.org", "beep")));
  EXPECT_FALSE(credentials().expiry("robot"));
  EXPECT_TRUE(credentials().has_users());
  EXPECT_TRUE(credentials().claims("Robot", kMd5).empty());
}

// TURN-A10: what is kept is of no use in another realm.
TEST(Credentials, OfConfiguredUsersAreKeptAsKeys) {
  Credentials::Options options;
  options.realm = "elsewhere.example";
  options.secrets.emplace_back("north");
  options.users.push_back({"robot", config::Secret("beep")});
  const Credentials elsewhere(std::move(options));
  EXPECT_NE(hex(elsewhere.claims("robot", kMd5).front().key),
            hex(credentials().claims("robot", kMd5).front().key));
}

TEST(Credentials, FindConfiguredUsersByHash) {
  EXPECT_EQ(credentials().find_user(stun::user_hash("robot", "example.org")), "robot");
  EXPECT_EQ(credentials().find_user(stun::user_hash("Ana\xC3\xAFs", "example.org")),
            "Ana\xC3\xAFs");
  EXPECT_FALSE(credentials().find_user(stun::user_hash("robot", "example.com")));
  EXPECT_FALSE(credentials().find_user(stun::user_hash("1735689600:alice", "example.org")));
  EXPECT_FALSE(credentials().find_user({}));
}

// EXD-08: the JID, though nobody on the way can read it.
TEST(Credentials, ThatBellhopIssuesNameTheUser) {
  const auto issued = credentials().issue("juliet@capulet.example", "capulet.example", kExpiry);
  EXPECT_TRUE(issued.username.starts_with("1735689600:"));
  EXPECT_EQ(issued.username.find("juliet"), std::string::npos);
  const Identity identity = identify(issued.username);
  EXPECT_EQ(identity.user, "juliet@capulet.example");
  EXPECT_EQ(identity.parent_domain, "capulet.example");
}

TEST(Credentials, ThatBellhopIssuesNameTheDomainOfTheComponent) {
  for (const std::string_view jid : {"juliet@capulet.example"sv, "capulet.example"sv,
                                     "j\xC3\xBCliet@capulet.example"sv, "juliet@[2001:db8::1]"sv}) {
    const auto issued = credentials().issue(jid, "montague.example", kExpiry);
    const Identity identity = identify(issued.username);
    EXPECT_EQ(identity.user, jid);
    EXPECT_EQ(identity.parent_domain, "montague.example");
  }
}

// TURN-A11: the password is the convention's, and the expiry is told in one second.
TEST(Credentials, ThatBellhopIssuesAreBelieved) {
  const auto issued =
      credentials().issue("juliet@capulet.example", "capulet.example", kExpiry + 999ms);
  EXPECT_EQ(issued.expires, kExpiry);
  EXPECT_EQ(credentials().expiry(issued.username), kExpiry);
  const auto claims = credentials().claims(issued.username, kMd5);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(hex(claims[0].key),
            hex(stun::long_term_key(kMd5, issued.username, "example.org", issued.password)));
}

// Also by a process that starts later, and after the first secret has been replaced.
TEST(Credentials, ThatWereIssuedStayValidWhenSecretsAreRotated) {
  const auto issued =
      credentials({"old"}).issue("juliet@capulet.example", "capulet.example", kExpiry);
  const Credentials later = credentials({"new", "old"});
  const auto claims = later.claims(issued.username, kMd5);
  ASSERT_EQ(claims.size(), 2u);
  const auto key = stun::long_term_key(kMd5, issued.username, "example.org", issued.password);
  EXPECT_EQ(hex(claims[1].key), hex(key));
  EXPECT_EQ(later.identify(issued.username, claims[1], kClient).user, "juliet@capulet.example");
  EXPECT_EQ(
      later.issue("juliet@capulet.example", "capulet.example", kExpiry).password,
      credentials({"new"}).issue("juliet@capulet.example", "capulet.example", kExpiry).password);
}

TEST(Credentials, ThatBellhopIssuesAreShort) {
  const auto issued =
      credentials().issue("someone.with.a.name@chat.example.org", "chat.example.org", kExpiry);
  EXPECT_LT(issued.username.size(), 90u);
}

TEST(Credentials, OfLongJidsCountByADigestInTheirDomain) {
  std::set<std::string> users;
  for (const char last : {'a', 'b'}) {
    const std::string jid = std::string(1022, 'j') + last + "@capulet.example";
    const auto issued = credentials().issue(jid, "capulet.example", kExpiry);
    EXPECT_LE(issued.username.size(), Credentials::kUsernameBytesMax);
    const Identity identity = identify(issued.username);
    EXPECT_TRUE(identity.user.ends_with("@capulet.example"));
    EXPECT_TRUE(xmpp::Jid::parse(identity.user).has_value());
    EXPECT_EQ(identity.parent_domain, "capulet.example");
    users.insert(identity.user);
  }
  EXPECT_EQ(users.size(), 2u);
}

TEST(Credentials, FitIntoAUserNameWhateverTheJid) {
  for (std::size_t local = 1; local <= 1023; local += 31) {
    for (const std::size_t domain : {1u, 63u, 255u, 330u, 400u, 1023u}) {
      const std::string jid = std::string(local, 'j') + "@" + std::string(domain, 'd');
      for (const std::string& parent :
           {std::string(domain, 'd'), std::string("capulet.example"), std::string(1023, 'p')}) {
        const auto issued = credentials().issue(jid, parent, SystemTime::max());
        EXPECT_LE(issued.username.size(), Credentials::kUsernameBytesMax);
        EXPECT_EQ(credentials().claims(issued.username, kMd5).size(), 1u);
        const Identity identity = identify(issued.username);
        EXPECT_TRUE(xmpp::Jid::parse(identity.user).has_value()) << identity.user;
      }
    }
  }
}

// A token that is changed anywhere is a guest's: never another user.
TEST(Credentials, WithAnAlteredTokenAreOfAGuest) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:.";
  std::mt19937 random(11);
  const Credentials here = credentials();
  const auto issued = here.issue("juliet@capulet.example", "capulet.example", kExpiry);
  for (int i = 0; i < 20'000; ++i) {
    std::string name = issued.username;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % name.size();
      switch (random() % 3) {
        case 0:
          name[at] = kAlphabet[random() % kAlphabet.size()];
          break;
        case 1:
          name.erase(at, 1);
          break;
        default:
          name.insert(at, 1, kAlphabet[random() % kAlphabet.size()]);
      }
    }
    if (name == issued.username) continue;
    const Identity identity = here.identify(name, Credentials::Claim{}, kClient);
    EXPECT_TRUE(identity.user.starts_with("turn-") && identity.user.ends_with("@example.org"))
        << name << " is " << identity.user;
    EXPECT_TRUE(xmpp::Jid::parse(identity.user).has_value()) << identity.user;
  }
}

// Fresh credentials are no fresh limits.
TEST(Credentials, OfGuestsCountByWhatStandsBehindTheColon) {
  EXPECT_EQ(identify("1795352272:9ff92c2f33438904").user, "turn-9ff92c2f33438904@example.org");
  EXPECT_EQ(identify("1800000000:9ff92c2f33438904").user, "turn-9ff92c2f33438904@example.org");
  EXPECT_EQ(identify("1795352272:9ff92c2f33438904").parent_domain, "example.org");
}

TEST(Credentials, OfABareExpiryCountByTheSubscriber) {
  EXPECT_EQ(identify("1795435087").user, "turn-198.51.100.7@example.org");
  EXPECT_EQ(identify("1795435087:").user, "turn-198.51.100.7@example.org");
  EXPECT_EQ(identify_at("1795435087", "2001:db8:1:2:3::4").user, "turn-2001-db8-1-2--@example.org");
  EXPECT_EQ(identify_at("1795435087", "2001:db8:1:2:ffff::").user,
            "turn-2001-db8-1-2--@example.org");
}

TEST(Credentials, OfConfiguredUsersCountByTheirNames) {
  const auto count_as = [](std::string_view name) {
    const auto claims = credentials().claims(name, kMd5);
    return credentials().identify(name, claims.at(0), kClient).user;
  };
  EXPECT_EQ(count_as("robot"), "turn+robot@example.org");
  EXPECT_NE(count_as("robot"), identify("1735689600:robot").user);
  EXPECT_TRUE(xmpp::Jid::parse(count_as("Ana\xC3\xAFs")).has_value());
}

// Each has limits of its own, and each is a JID that preparation leaves as it is.
TEST(Credentials, OfGuestsWithAnyNameAreDifferentValidJids) {
  std::set<std::string> users;
  const std::vector<std::string> names = {"alice",
                                          "Alice",
                                          "ALICE",
                                          "a:b",
                                          "a@b",
                                          "a/b",
                                          "a b",
                                          "a\"b",
                                          "<a>",
                                          "&",
                                          "\xC3\xAF",
                                          "\xEF\xBC\xA1",
                                          "\x01",
                                          std::string("a\0b", 3),
                                          ".",
                                          "-",
                                          ":",
                                          std::string(64, 'a'),
                                          std::string(65, 'a'),
                                          std::string(400, 'a')};
  for (const std::string& name : names) {
    const Identity identity = identify("1735689600:" + name);
    const auto jid = xmpp::Jid::parse(identity.user);
    ASSERT_TRUE(jid.has_value()) << identity.user;
    EXPECT_EQ(jid->text(), identity.user);
    EXPECT_FALSE(jid->has_resource());
    EXPECT_EQ(jid->domain(), "example.org");
    users.insert(identity.user);
  }
  EXPECT_EQ(users.size(), names.size());
}

}  // namespace
}  // namespace bellhop::turn

// Passwords as scrypt keeps them.
#include "proxy/webdav/password_hash.hpp"

#include <gtest/gtest.h>

namespace bellhop::webdav {
namespace {

constexpr HashCost kCheap{.log2_n = 4, .r = 1, .p = 1};

config::Secret secret(std::string_view text) {
  return config::Secret(std::string(text));
}

TEST(PasswordHash, MatchesItsPasswordAlone) {
  const auto hash = PasswordHash::make(secret("correct horse"), kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->matches(secret("correct horse")));
  EXPECT_FALSE(hash->matches(secret("correct horse ")));
  EXPECT_FALSE(hash->matches(secret("")));
}

TEST(PasswordHash, IsReadBackWithItsOwnCostAndSalt) {
  const auto hash = PasswordHash::make(secret("secret"), {.log2_n = 5, .r = 2, .p = 3});
  ASSERT_TRUE(hash);
  const auto read = PasswordHash::parse(hash->text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cost(), (HashCost{.log2_n = 5, .r = 2, .p = 3}));
  EXPECT_EQ(read->text(), hash->text());
  EXPECT_TRUE(read->matches(secret("secret")));
}

// REG-05
TEST(PasswordHash, HasAnotherSaltEachTimeAndNoPasswordInIt) {
  const auto one = PasswordHash::make(secret("secret"), kCheap);
  const auto two = PasswordHash::make(secret("secret"), kCheap);
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->text(), two->text());
  EXPECT_EQ(one->text().find("secret"), std::string::npos);
}

TEST(PasswordHash, WorksAtItsDefaultCost) {
  const auto hash = PasswordHash::make(secret("secret"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->matches(secret("secret")));
}

TEST(PasswordHash, RefusesTextThatItDidNotWriteAndCostsBeyondTheMaximum) {
  const auto hash = PasswordHash::make(secret("secret"), kCheap);
  ASSERT_TRUE(hash);
  const std::string good = hash->text();
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(PasswordHash::parse(good.substr(0, cut))) << cut;
  }
  const std::string rest = good.substr(good.find("$1$1$") + 5);
  EXPECT_TRUE(PasswordHash::parse("scrypt$17$16$16$" + rest));
  EXPECT_FALSE(PasswordHash::parse("scrypt$18$16$16$" + rest));
  EXPECT_FALSE(PasswordHash::parse("scrypt$17$17$16$" + rest));
  EXPECT_FALSE(PasswordHash::parse("scrypt$17$16$17$" + rest));
  EXPECT_FALSE(PasswordHash::parse("scrypt$0$1$1$" + rest));
  EXPECT_FALSE(PasswordHash::parse("bcrypt$4$1$1$" + rest));
  EXPECT_FALSE(PasswordHash::parse(good + "$"));
}

}  // namespace
}  // namespace bellhop::webdav

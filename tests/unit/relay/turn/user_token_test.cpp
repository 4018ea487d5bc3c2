// Tokens of users: what was sealed is opened, and nothing else.
#include "relay/turn/user_token.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "component/base/url_base64.hpp"

namespace bellhop::turn {
namespace {

constexpr std::string_view kJid = "juliet@capulet.example";
constexpr std::string_view kBeside = "1735689600";

UserTokens tokens(std::string secret = "north") {
  return UserTokens(config::Secret(std::move(secret)));
}

TEST(UserTokens, AreOpenedAsTheyWereSealed) {
  std::mt19937 random(5297);
  for (std::size_t size = 1; size <= UserTokens::kTextBytesMax; size = size * 3 / 2 + 1) {
    std::string text;
    while (text.size() < size) text += static_cast<char>(random());
    EXPECT_EQ(tokens().open(tokens().seal(text, kBeside), kBeside), text);
  }
}

// EXD-08: nothing of the JID is to be seen, not even that two tokens are of one user.
TEST(UserTokens, ShowNeitherTheUserNorThatItIsTheSameOne) {
  std::set<std::string> beginnings;
  std::set<std::string> endings;
  for (int second = 0; second < 200; ++second) {
    const std::string token = tokens().seal(kJid, std::to_string(1735689600 + second));
    const std::string bytes = base::from_url_base64(token).value();
    EXPECT_EQ(bytes.find("juliet"), std::string::npos);
    EXPECT_EQ(bytes.size(), kJid.size() + UserTokens::kOverheadBytes);
    beginnings.insert(bytes.substr(0, 8));
    endings.insert(bytes.substr(bytes.size() - 8));
  }
  EXPECT_EQ(beginnings.size(), 200u);
  EXPECT_EQ(endings.size(), 200u);
}

TEST(UserTokens, AreRefusedWithAnyBitChanged) {
  const std::string bytes = base::from_url_base64(tokens().seal(kJid, kBeside)).value();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string forged = bytes;
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(tokens().open(base::to_url_base64(forged), kBeside)) << bit;
  }
}

TEST(UserTokens, AreRefusedCutLengthenedOrInAnotherSpelling) {
  const std::string token = tokens().seal(kJid, kBeside);
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(tokens().open(token.substr(0, size), kBeside)) << size;
  }
  EXPECT_FALSE(tokens().open(token + "A", kBeside));
  EXPECT_FALSE(tokens().open(token + "AAAA", kBeside));
  EXPECT_FALSE(tokens().open(token + "=", kBeside));
  EXPECT_FALSE(tokens().open(std::string(1 << 20, 'A'), kBeside));
}

TEST(UserTokens, AreRefusedBesideSomethingElseOrUnderAnotherSecret) {
  const std::string token = tokens().seal(kJid, kBeside);
  EXPECT_FALSE(tokens().open(token, "1735689601"));
  EXPECT_FALSE(tokens().open(token, "01735689600"));
  EXPECT_FALSE(tokens().open(token, ""));
  EXPECT_FALSE(tokens("south").open(token, kBeside));
  EXPECT_FALSE(tokens("").open(token, kBeside));
}

TEST(UserTokens, AreNeverOpenedWhenMadeUp) {
  std::mt19937 random(5869);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (std::size_t size = random() % 60; bytes.size() < size;)
      bytes += static_cast<char>(random());
    EXPECT_FALSE(tokens().open(base::to_url_base64(bytes), kBeside));
    EXPECT_FALSE(tokens().open(bytes, kBeside));
  }
}

}  // namespace
}  // namespace bellhop::turn

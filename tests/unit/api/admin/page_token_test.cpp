// Page tokens, given back as they were and otherwise.
#include "api/admin/page_token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "api/admin/errors.hpp"

namespace bellhop::admin {
namespace {

constexpr std::string_view kQuery = "ListSessions\nkind = socks5\nbytes desc";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

PageTokens with_secret(char c) {
  return PageTokens(config::Secret(std::string(PageTokens::kSecretBytes, c)));
}

void expect_refused(const PageTokens& tokens, std::string_view token,
                    std::string_view query = kQuery) {
  const auto key = tokens.read(token, query);
  ASSERT_FALSE(key) << token;
  EXPECT_TRUE(key.error().is(errors::bad_page_token));
}

TEST(PageTokens, GiveBackTheKeyTheyWereMadeOf) {
  const PageTokens tokens;
  const std::string all_bytes = [] {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    return bytes;
  }();
  for (const std::string& key : {std::string("sessions/01HQ"), std::string(), std::string(1, '\0'),
                                 std::string("ab"), std::string("abc"), all_bytes}) {
    const std::string token = tokens.make(key, kQuery);
    EXPECT_EQ(token.find_first_not_of(kUrlAlphabet), std::string::npos);
    const auto read = tokens.read(token, kQuery);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, key);
  }
}

TEST(PageTokens, AreOfOneRequestOnly) {
  const PageTokens tokens;
  const std::string token = tokens.make("sessions/01", kQuery);
  expect_refused(tokens, token, "ListSessions\nkind = socks5\nbytes");
  expect_refused(tokens, token, "");
  expect_refused(tokens, token, std::string(kQuery) + '\0');
}

TEST(PageTokens, AreOfOneProcessOnly) {
  const PageTokens first;
  const PageTokens second;
  expect_refused(second, first.make("sessions/01", kQuery));
  expect_refused(with_secret('b'), with_secret('a').make("sessions/01", kQuery));
  EXPECT_EQ(with_secret('a').make("k", "q"), with_secret('a').make("k", "q"));
}

// RFC 2104 and FIPS 180-4 by another implementation: Python's hmac and hashlib.
TEST(PageTokens, AreHmacSha256OverDigestOfTheQueryAndKey) {
  EXPECT_EQ(with_secret('a').make("sessions/01", "q"), "SQ0zJS8am0ewj0JAl4Gye3Nlc3Npb25zLzAx");
}

TEST(PageTokens, RefuseEveryChangedCharacter) {
  const PageTokens tokens;
  const std::string token = tokens.make("sessions/01", kQuery);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : kUrlAlphabet) {
      if (c == token[i]) continue;
      std::string changed = token;
      changed[i] = c;
      expect_refused(tokens, changed);
    }
    expect_refused(tokens, token.substr(0, i));
  }
}

TEST(PageTokens, HaveOneSpelling) {
  const PageTokens tokens;
  for (const std::string_view key : {"a", "ab", "abc"}) {
    const std::string token = tokens.make(key, kQuery);
    for (const std::string_view added : {"=", "==", "A", "AA", " ", "\n"}) {
      expect_refused(tokens, token + std::string(added));
    }
    // 17 and 18 bytes leave bits of the last character over; they must be zero.
    std::set<std::string> accepted;
    for (const char c : kUrlAlphabet) {
      const std::string changed = token.substr(0, token.size() - 1) + c;
      if (tokens.read(changed, kQuery)) accepted.insert(changed);
    }
    EXPECT_EQ(accepted, std::set<std::string>{token});
  }
}

TEST(PageTokens, RefuseWhatWasNeverAToken) {
  const PageTokens tokens;
  for (const std::string_view token :
       {"", "A", "AAAA", "sessions/01", "+/+/+/+/+/+/+/+/+/+/+/+/", "\xC3\xBC",
        "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA"}) {
    expect_refused(tokens, token);
  }
  expect_refused(tokens, std::string(1 << 20, 'A'));
}

TEST(PageTokens, HaveAMaximumOfBytes) {
  const PageTokens tokens;
  const std::string longest(PageTokens::kKeyBytesMax, '\xFF');
  const std::string token = tokens.make(longest, kQuery);
  const auto key = tokens.read(token, kQuery);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, longest);
  const auto longer = tokens.read(token + "AA", kQuery);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().detail(), "too long");
  EXPECT_DEATH((void)tokens.make(longest + "x", kQuery), "broken invariant");
}

}  // namespace
}  // namespace bellhop::admin

// Tokens of the web page, as they were made and otherwise.
#include "api/admin/tokens.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bellhop::admin {
namespace {

using config::AdminRole;

const std::string kSecret(32, 's');
const Caller kRoot{"uid:0", AdminRole::full};

void expect_refused(std::string_view secret, const std::string& token) {
  EXPECT_FALSE(read_page_token(secret, token)) << token;
}

TEST(PageToken, SaysWhoMadeItAndWhatItAllows) {
  for (const Caller& caller :
       {kRoot, Caller{"certificate monitor", AdminRole::read}, Caller{"", AdminRole::read},
        Caller{std::string("\0.\xFF", 3), AdminRole::full}}) {
    const std::string token = make_page_token(kSecret, caller);
    EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789."), std::string::npos);
    const auto read = read_page_token(kSecret, token);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->identity, "page of " + caller.identity);
    EXPECT_EQ(read->role, caller.role);
  }
}

// RFC 2104 and FIPS 180-4 by another implementation: Python's hmac and hashlib.
TEST(PageToken, HasAnHmacSha256AsItsTag) {
  EXPECT_EQ(make_page_token(kSecret, kRoot),
            "full.7569643a30."
            "84e50dd4acc2ee1cf6465ba8d331db6e3192eb4146ef004ded9ae65714f9770a");
}

TEST(PageToken, EveryChangedBitIsRefused) {
  const std::string token = make_page_token(kSecret, kRoot);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << bit));
      expect_refused(kSecret, changed);
    }
    expect_refused(kSecret, token.substr(0, i));
    expect_refused(kSecret, token.substr(i + 1));
  }
  for (const char* added : {"0", ".", " ", "\n"}) expect_refused(kSecret, token + added);
}

TEST(PageToken, AReadersTokenDoesNotBecomeAFullOne) {
  const std::string token = make_page_token(kSecret, {"uid:1000", AdminRole::read});
  ASSERT_TRUE(token.starts_with("read."));
  expect_refused(kSecret, "full" + token.substr(4));
  expect_refused(kSecret, "FULL" + token.substr(4));
}

TEST(PageToken, IsOfItsSecretOnly) {
  const std::string token = make_page_token(kSecret, kRoot);
  std::string other = kSecret;
  other.back() = 't';
  expect_refused(other, token);
  expect_refused(kSecret.substr(1), token);
  expect_refused("", token);
}

TEST(PageToken, WhatWasNeverATokenIsRefused) {
  for (const char* token : {"", ".", "..", "...", "full", "full.", "full.7569643a30",
                            "full.7569643a30.", "full..", ".7569643a30.00", "\xFF.\xFF.\xFF"}) {
    expect_refused(kSecret, token);
  }
  for (const std::size_t length : {1023, 1024, 1025, 1 << 20}) {
    expect_refused(kSecret, std::string(length, 'f'));
    expect_refused(kSecret, std::string(length, '.'));
  }
}

TEST(PageToken, ALongIdentityIsCutToWhatCanBeReadBack) {
  const Caller caller{std::string(100'000, 'x'), AdminRole::read};
  const auto read = read_page_token(kSecret, make_page_token(kSecret, caller));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->identity, "page of " + std::string(256, 'x'));
}

TEST(PageSecret, IsAnotherOneEachTime) {
  const std::string first = make_page_secret();
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, make_page_secret());
}

TEST(EqualSecrets, AreEqualInEveryByte) {
  EXPECT_TRUE(equal_secrets("", ""));
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "ab"));
  EXPECT_FALSE(equal_secrets("", "a"));
  EXPECT_TRUE(equal_secrets({"a\0b", 3}, {"a\0b", 3}));
  EXPECT_FALSE(equal_secrets({"a\0b", 3}, {"a\0c", 3}));
}

}  // namespace
}  // namespace bellhop::admin

// Tokens of slots: what was made is read, and nothing else.
#include "proxy/files/slot_token.hpp"

#include <gtest/gtest.h>

namespace bellhop::files {
namespace {

SlotTokens tokens(char filler = 's') {
  return SlotTokens(config::Secret(std::string(SlotTokens::kSecretBytes, filler)));
}

SlotClaims claims(std::uint64_t size = 12345) {
  SlotClaims claims;
  claims.id = FileId::parse("AbCdEfGhIjKlMnOpQrStUA").value();
  claims.size = size;
  return claims;
}

TEST(SlotTokens, AreReadAsTheyWereMade) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    const std::string token = tokens().make(claims(size));
    EXPECT_LE(token.size(), SlotTokens::kTokenBytesMax);
    EXPECT_EQ(tokens().read(token), claims(size));
  }
}

// HUP-08: a header value of visible US-ASCII, and short.
TEST(SlotTokens, AreMadeOfLettersAndDigits) {
  const std::string token = tokens().make(claims());
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_"),
            std::string::npos);
}

// Whatever character is changed, also the spare bits of the last one.
TEST(SlotTokens, AreRefusedWithAnyCharacterChanged) {
  const std::string token = tokens().make(claims());
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char c : {'A', 'B', 'Q', '_', '.', '\0'}) {
      std::string forged = token;
      if (forged[at] == c) continue;
      forged[at] = c;
      EXPECT_FALSE(tokens().read(forged)) << at << c;
    }
  }
}

TEST(SlotTokens, AreRefusedCutAtAnyPlaceOrLengthened) {
  const std::string token = tokens().make(claims());
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(tokens().read(token.substr(0, size))) << size;
  }
  EXPECT_FALSE(tokens().read(token + "A"));
  EXPECT_FALSE(tokens().read(token + "="));
  EXPECT_FALSE(tokens().read(std::string(SlotTokens::kTokenBytesMax + 1, 'A')));
  EXPECT_FALSE(tokens().read(std::string(1 << 20, 'A')));
}

TEST(SlotTokens, AreRefusedUnderAnotherSecret) {
  EXPECT_FALSE(tokens('t').read(tokens('s').make(claims())));
}

}  // namespace
}  // namespace bellhop::files

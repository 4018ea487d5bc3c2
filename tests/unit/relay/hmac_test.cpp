// HMAC against OpenSSL's, and by the examples of RFC 2202 and RFC 4231.
#include "relay/hmac.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <random>
#include <string>

#include "component/xmpp/digest.hpp"
#include "tests/unit/relay/allocation_count.hpp"

namespace bellhop::relay {
namespace {

std::string by_openssl(const EVP_MD* algorithm, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  HMAC(algorithm, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
  return {code.begin(), code.begin() + size};
}

TEST(Hmac, IsThatOfTheRfcs) {
  EXPECT_EQ(xmpp::to_hex(to_text(hmac_sha1("Jefe", "what do ya want for nothing?"))),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(xmpp::to_hex(to_text(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// Around the size of a block, and with nothing.
TEST(Hmac, IsThatOfOpenSslForKeysAndTextsOfAnyLength) {
  std::mt19937 random(2104);
  const auto bytes = [&](std::size_t size) {
    std::string text;
    while (text.size() < size) text += static_cast<char>(random());
    return text;
  };
  for (const std::size_t key_size : {0u, 1u, 20u, 32u, 63u, 64u, 65u, 128u, 1000u}) {
    for (const std::size_t size : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 1000u}) {
      const std::string key = bytes(key_size);
      const std::string text = bytes(size);
      EXPECT_EQ(to_text(hmac_sha1(key, text)), by_openssl(EVP_sha1(), key, text));
      EXPECT_EQ(to_text(hmac_sha256(key, text)), by_openssl(EVP_sha256(), key, text));
    }
  }
}

TEST(Hmac, AllocatesNothing) {
  const std::string key(100, 'k');
  const std::string text(1000, 't');
  const std::size_t before = allocation_count();
  EXPECT_NE(hmac_sha1(key, text)[0] + hmac_sha256(key, text)[0], 0);
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace bellhop::relay

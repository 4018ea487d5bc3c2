// SipHash against OpenSSL's.
#include "relay/sip_hash.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <random>

namespace bellhop::relay {
namespace {

using Block = std::array<std::uint8_t, 16>;

std::uint64_t by_openssl(const SipKey& key, const Block& block) {
  std::size_t size = 8;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  Block hash{};
  EXPECT_EQ(EVP_MAC_CTX_set_params(context, parameters), 1);
  EXPECT_EQ(EVP_MAC_init(context, key.data(), key.size(), nullptr), 1);
  EXPECT_EQ(EVP_MAC_update(context, block.data(), block.size()), 1);
  EXPECT_EQ(EVP_MAC_final(context, hash.data(), &size, hash.size()), 1);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  return sip_detail::load(hash, 0);
}

TEST(SipHash, IsThatOfOpenSsl) {
  std::mt19937 random(24);
  for (int i = 0; i < 200; ++i) {
    SipKey key{};
    Block block{};
    for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
    for (auto& byte : block) byte = static_cast<std::uint8_t>(random());
    ASSERT_EQ(sip_hash(key, block), by_openssl(key, block));
  }
}

TEST(SipHash, ChangesWithEveryBitOfKeyAndInput) {
  const Block zero{};
  const std::uint64_t hash = sip_hash(zero, zero);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Block changed{};
    changed[bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_NE(sip_hash(changed, zero), hash);
    EXPECT_NE(sip_hash(zero, changed), hash);
  }
}

}  // namespace
}  // namespace bellhop::relay

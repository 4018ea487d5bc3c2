// Nonces: who gets which, how long it is good, and that nobody else makes one.
#include "relay/turn/nonce.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;

constexpr auto kLifetime = 600s;
const base::TimePoint kStart{1000h};

base::IpEndpoint endpoint(std::string_view address, std::uint16_t port) {
  return {base::IpAddress::parse(address).value(), port};
}

const base::IpEndpoint kClient = endpoint("198.51.100.7", 40000);

NonceSource source(SecurityFeatures features = {}) {
  return {features, kLifetime};
}

std::string made_by(const NonceSource& nonces, const base::IpEndpoint& client = kClient,
                    base::TimePoint now = kStart) {
  const auto text = nonces.make(client, now);
  return {text.begin(), text.end()};
}

std::string prefix_with(bool password_algorithms, bool username_anonymity) {
  SecurityFeatures features;
  features.password_algorithms = password_algorithms;
  features.username_anonymity = username_anonymity;
  return made_by(source(features)).substr(0, 13);
}

// TURN-A05
TEST(NonceSource, BeginsWithTheCookieAndTheSecurityFeatures) {
  EXPECT_EQ(prefix_with(false, false), "obMatJos2AAAA");
  EXPECT_EQ(prefix_with(true, false), "obMatJos2gAAA");
  EXPECT_EQ(prefix_with(false, true), "obMatJos2QAAA");
  EXPECT_EQ(prefix_with(true, true), "obMatJos2wAAA");
}

TEST(NonceSource, IsOfCharactersThatNeedNoQuoting) {
  const NonceSource nonces = source();
  for (std::uint16_t port = 1; port < 500; ++port) {
    const std::string nonce = made_by(nonces, endpoint("2001:db8::1", port));
    EXPECT_EQ(nonce.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              std::string::npos);
  }
}

// TURN-A04
TEST(NonceSource, IsGoodToTheLastSecondOfItsLifetime) {
  const NonceSource nonces = source();
  const std::string nonce = made_by(nonces);
  EXPECT_TRUE(nonces.is_valid(nonce, kClient, kStart));
  EXPECT_TRUE(nonces.is_valid(nonce, kClient, kStart + kLifetime));
  EXPECT_TRUE(nonces.is_valid(nonce, kClient, kStart + kLifetime + 999ms));
  EXPECT_FALSE(nonces.is_valid(nonce, kClient, kStart + kLifetime + 1s));
  EXPECT_FALSE(nonces.is_valid(nonce, kClient, kStart + kLifetime + 24h));
}

TEST(NonceSource, IsGoodForAShardWhoseClockWasReadEarlier) {
  const NonceSource nonces = source();
  EXPECT_TRUE(nonces.is_valid(made_by(nonces), kClient, kStart - 1s));
}

// TURN-A04: never the same for two sources, be it only another port.
TEST(NonceSource, IsBoundToAddressAndPort) {
  const NonceSource nonces = source();
  const std::string nonce = made_by(nonces);
  for (const auto& other : {endpoint("198.51.100.7", 40001), endpoint("198.51.100.8", 40000),
                            endpoint("2001:db8::7", 40000)}) {
    EXPECT_FALSE(nonces.is_valid(nonce, other, kStart)) << other.text();
    EXPECT_NE(made_by(nonces, other), nonce);
  }
  EXPECT_TRUE(nonces.is_valid(nonce, endpoint("::ffff:198.51.100.7", 40000), kStart));
}

TEST(NonceSource, DiffersBetweenTenThousandSourcesOfOneSecond) {
  const NonceSource nonces = source();
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const base::IpEndpoint client{base::IpAddress::from_v4(0x0B000000u + i / 100),
                                  static_cast<std::uint16_t>(1024 + i % 100)};
    seen.insert(made_by(nonces, client));
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

// The sextet of each character is changed in each of its bits.
TEST(NonceSource, IsRefusedWithAnyBitChanged) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const NonceSource nonces = source();
  const std::string nonce = made_by(nonces);
  for (std::size_t at = 0; at < nonce.size(); ++at) {
    for (unsigned bit = 0; bit < 6; ++bit) {
      std::string forged = nonce;
      forged[at] = kAlphabet[kAlphabet.find(forged[at]) ^ (1u << bit)];
      EXPECT_FALSE(nonces.is_valid(forged, kClient, kStart)) << forged;
    }
    std::string forged = nonce;
    forged[at] = '=';
    EXPECT_FALSE(nonces.is_valid(forged, kClient, kStart)) << forged;
  }
}

TEST(NonceSource, RefusesWhatHasAnotherLength) {
  const NonceSource nonces = source();
  const std::string nonce = made_by(nonces);
  for (std::size_t size = 0; size < nonce.size(); ++size) {
    EXPECT_FALSE(nonces.is_valid(nonce.substr(0, size), kClient, kStart)) << size;
  }
  EXPECT_FALSE(nonces.is_valid(nonce + "A", kClient, kStart));
  EXPECT_FALSE(nonces.is_valid(std::string(763, 'A'), kClient, kStart));
}

// Bid-down protection: what was promised to the client is part of what is signed.
TEST(NonceSource, OfAnotherProcessOrOtherFeaturesIsForeign) {
  const NonceSource nonces = source();
  EXPECT_FALSE(nonces.is_valid(made_by(source()), kClient, kStart));
  std::string forged = made_by(nonces);
  forged[9] = 'A';
  EXPECT_FALSE(nonces.is_valid(forged, kClient, kStart));
}

}  // namespace
}  // namespace bellhop::turn

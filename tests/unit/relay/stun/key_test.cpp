// Keys of the long-term credential mechanism, as published.
#include "relay/stun/key.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;

// STN-07: RFC 5769 §2.4.
TEST(Key, IsMd5OfUserRealmAndPassword) {
  const Key key =
      long_term_key(PasswordAlgorithm::md5, vectors::kUser, vectors::kRealm, vectors::kPassword);
  EXPECT_TRUE(std::ranges::equal(key.view(), bytes_of("e8ca7ad59d5eb0518e312911d2dab2a9")));
}

// STN-07: RFC 8489 §B.1.
TEST(Key, IsSha256OfTheSameWhereAskedFor) {
  const Key key =
      long_term_key(PasswordAlgorithm::sha256, vectors::kUser, vectors::kRealm, vectors::kPassword);
  EXPECT_TRUE(std::ranges::equal(
      key.view(), bytes_of("dd295a613b9058c3c23d6dc7165bda072304d989c9d0af3a8c7e184b4f9bb4a1")));
}

TEST(Key, HidesTheUserBehindAHashWithTheRealm) {
  EXPECT_TRUE(std::ranges::equal(
      user_hash(vectors::kUser, vectors::kRealm),
      bytes_of("4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704")));
}

// TURN REST: the password of a time-limited name is used like any other.
TEST(Key, IsMadeOfTimeLimitedCredentials) {
  const Key key = long_term_key(PasswordAlgorithm::md5, "1735689600:alice", "example.org",
                                "HbvWA6hGDtdv3wflBolXLhvzs0w=");
  EXPECT_TRUE(std::ranges::equal(key.view(), bytes_of("15fe1d291db14ef2a00c206559e9d387")));
}

// The parts are joined by colons that nothing escapes: RFC 8489 §9.2.2 has it so.
TEST(Key, TakesColonsInsideItsPartsAsTheyAre) {
  const Key one = long_term_key(PasswordAlgorithm::sha256, "a:b", "c", "d");
  const Key two = long_term_key(PasswordAlgorithm::sha256, "a", "b:c", "d");
  EXPECT_EQ(one.bytes, two.bytes);
  EXPECT_NE(one.bytes, long_term_key(PasswordAlgorithm::sha256, "a", "b", "d").bytes);
}

}  // namespace
}  // namespace bellhop::stun

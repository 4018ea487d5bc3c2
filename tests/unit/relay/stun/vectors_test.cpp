// Every published vector read whole: method, class, id, attributes, integrity and fingerprint.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "relay/stun/key.hpp"
#include "relay/stun/message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;
using Octets = std::vector<std::uint8_t>;

Bytes short_term_key() {
  return to_bytes(vectors::kShortTermKey);
}

Key long_term(PasswordAlgorithm algorithm) {
  return long_term_key(algorithm, vectors::kUser, vectors::kRealm, vectors::kPassword);
}

std::string_view text_of(const Message& message, AttributeType type) {
  return to_text(message.find(type).value_or(Bytes()));
}

bool has_id(const Message& message, std::string_view hex) {
  return std::ranges::equal(message.id(), bytes_of(hex));
}

// STN-07, STN-06, STN-04: PRIORITY is for agents of ICE only; ICE-CONTROLLED may be ignored.
TEST(StunVectors, ARequestWithShortTermCredentials) {
  const Octets bytes = bytes_of(vectors::kRequest);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::request);
  EXPECT_EQ(message->method(), Method::binding);
  EXPECT_TRUE(has_id(*message, "b7e7a701 bc34d686 fa87dfae"));
  EXPECT_EQ(text_of(*message, AttributeType::software), "STUN test client");
  EXPECT_EQ(text_of(*message, AttributeType::username), "evtj:h6vY");
  EXPECT_TRUE(std::ranges::equal(message->unknown(), std::vector<std::uint16_t>{0x0024}));
  EXPECT_TRUE(message->has(AttributeType::fingerprint));
  EXPECT_EQ(message->integrity(), Integrity::sha1);
  EXPECT_TRUE(message->has_integrity_of(short_term_key()));
  EXPECT_FALSE(message->has_integrity_of(to_bytes("VOkJxbRl1RmTxUk/WvJxBT")));
  EXPECT_FALSE(message->has_integrity_of({}));
}

// STN-07, STN-09
TEST(StunVectors, AResponseWithAnIpv4Address) {
  const Octets bytes = bytes_of(vectors::kResponseV4);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::success);
  EXPECT_EQ(text_of(*message, AttributeType::software), "test vector");
  const auto address = message->find_xor_address(AttributeType::xor_mapped_address);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text(), "192.0.2.1:32853");
  EXPECT_TRUE(message->unknown().empty());
  EXPECT_TRUE(message->has_integrity_of(short_term_key()));
}

// STN-07, STN-09
TEST(StunVectors, AResponseWithAnIpv6Address) {
  const Octets bytes = bytes_of(vectors::kResponseV6);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), MessageClass::success);
  const auto address = message->find_xor_address(AttributeType::xor_mapped_address);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(message->has_integrity_of(short_term_key()));
}

// STN-07
TEST(StunVectors, ARequestWithLongTermCredentials) {
  const Octets bytes = bytes_of(vectors::kLongTermRequest);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(has_id(*message, "78ad3433 c6ad72c0 29da412e"));
  EXPECT_EQ(text_of(*message, AttributeType::username), vectors::kUser);
  EXPECT_EQ(text_of(*message, AttributeType::nonce), "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_EQ(text_of(*message, AttributeType::realm), vectors::kRealm);
  EXPECT_FALSE(message->has(AttributeType::fingerprint));
  EXPECT_EQ(message->integrity(), Integrity::sha1);
  EXPECT_TRUE(message->has_integrity_of(long_term(PasswordAlgorithm::md5).view()));
  EXPECT_FALSE(message->has_integrity_of(long_term(PasswordAlgorithm::sha256).view()));
}

// STN-07
TEST(StunVectors, ARequestWithSha256AndTheUserHidden) {
  const Octets bytes = bytes_of(vectors::kSha256Request);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  const auto hash = message->find(AttributeType::userhash);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(std::ranges::equal(*hash, user_hash(vectors::kUser, vectors::kRealm)));
  EXPECT_EQ(text_of(*message, AttributeType::nonce), "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
  EXPECT_EQ(text_of(*message, AttributeType::realm), vectors::kRealm);
  EXPECT_EQ(message->integrity(), Integrity::sha256);
  EXPECT_TRUE(message->has_integrity_of(long_term(PasswordAlgorithm::sha256).view()));
  EXPECT_FALSE(message->has_integrity_of(long_term(PasswordAlgorithm::md5).view()));
}

// STN-01, STN-07: as printed in RFC 8489 §B.1 the length counts the header too, so it is not STUN;
// nor is its code that of the message with the length mended.
TEST(StunVectors, RefuseTheSha256RequestAsItIsPrinted) {
  Octets bytes = bytes_of(vectors::kSha256Request);
  std::ranges::copy(bytes_of(vectors::kPrintedSha256Code), bytes.end() - 32);
  const auto mended = Message::parse(bytes);
  ASSERT_TRUE(mended);
  EXPECT_FALSE(mended->has_integrity_of(long_term(PasswordAlgorithm::sha256).view()));
  bytes[3] = 0x9C;
  EXPECT_FALSE(Message::parse(bytes));
}

}  // namespace
}  // namespace bellhop::stun

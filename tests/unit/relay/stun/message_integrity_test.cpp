// What a message's integrity and fingerprint cover, what counts behind them, and in which order.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "relay/stun/key.hpp"
#include "relay/stun/message.hpp"
#include "tests/unit/relay/stun/raw_message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;

constexpr std::string_view kKey = "0123456789abcdef";

Octets text(std::string_view value) {
  return {value.begin(), value.end()};
}

Octets named(std::string_view name) {
  return attribute(AttributeType::username, text(name), 0x20);
}

Octets signed_by(const Octets& message, Integrity kind, std::string_view key = kKey) {
  return with_integrity(message, kind, to_bytes(key));
}

// "none", "sha1" or "sha256", and whether it is kKey's.
std::string integrity(const Octets& bytes) {
  const auto message = Message::parse(bytes);
  if (!message) return "no message";
  const bool is_right = message->has_integrity_of(to_bytes(kKey));
  EXPECT_FALSE(message->has_integrity_of(to_bytes("another key")));
  switch (message->integrity()) {
    case Integrity::none:
      return is_right ? "none, but right" : "none";
    case Integrity::sha1:
      return is_right ? "sha1" : "wrong sha1";
    case Integrity::sha256:
      return is_right ? "sha256" : "wrong sha256";
  }
  return "";
}

std::string user(const Octets& bytes) {
  const auto message = Message::parse(bytes);
  if (!message) return "no message";
  const auto value = message->find(AttributeType::username);
  return value ? std::string(to_text(*value)) : "nothing";
}

// STN-07: nothing before the attribute can be changed, not even its padding; nor the code.
TEST(MessageIntegrity, CoversEveryBitBeforeIt) {
  const std::vector<std::pair<std::string_view, PasswordAlgorithm>> kSigned{
      {vectors::kLongTermRequest, PasswordAlgorithm::md5},
      {vectors::kSha256Request, PasswordAlgorithm::sha256}};
  for (const auto& [hex, algorithm] : kSigned) {
    const Key key = long_term_key(algorithm, vectors::kUser, vectors::kRealm, vectors::kPassword);
    Octets bytes = bytes_of(hex);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      bytes[bit / 8] ^= mask;
      const auto message = Message::parse(bytes);
      ASSERT_FALSE(message && message->has_integrity_of(key.view())) << bit;
      bytes[bit / 8] ^= mask;
    }
    EXPECT_TRUE(Message::parse(bytes)->has_integrity_of(key.view()));
  }
}

// STN-07: RFC 8489 §14.5: the length counts as if the attribute were the last one.
TEST(MessageIntegrity, DoesNotDependOnWhatComesBehind) {
  for (const Integrity kind : {Integrity::sha1, Integrity::sha256}) {
    const std::string name = kind == Integrity::sha1 ? "sha1" : "sha256";
    const Octets bytes = signed_by(message_of({named("alice")}), kind);
    EXPECT_EQ(integrity(bytes), name);
    EXPECT_EQ(integrity(with_fingerprint(bytes)), name);
    EXPECT_EQ(integrity(with(bytes, attribute(AttributeType::software, text("ignored")))), name);
    EXPECT_EQ(integrity(with_fingerprint(with(bytes, attribute(0x7000, {})))), name);
  }
}

// STN-07: made with the length of the whole message, as RFC 3489 would have it, it is wrong.
TEST(MessageIntegrity, CountsTheLengthUpToItselfOnly) {
  const Octets before = message_of({named("alice")});
  const std::size_t own_length = before.size() - kHeaderBytes + 24;
  for (const std::size_t behind : {0U, 8U}) {
    Octets hashed = before;
    store16(hashed.data() + 2, static_cast<std::uint16_t>(own_length + behind));
    Octets code(20);
    unsigned size = 0;
    HMAC(EVP_sha1(), kKey.data(), kKey.size(), hashed.data(), hashed.size(), code.data(), &size);
    const Octets bytes = with(before, attribute(AttributeType::message_integrity, code));
    EXPECT_EQ(integrity(with_fingerprint(bytes)), behind == 0 ? "sha1" : "wrong sha1");
  }
}

// STN-07
TEST(MessageIntegrity, IsThatOfSha256WhereBothStand) {
  const Octets first = signed_by(message_of({named("alice")}), Integrity::sha1);
  EXPECT_EQ(integrity(signed_by(first, Integrity::sha256)), "sha256");
  EXPECT_EQ(integrity(with_fingerprint(signed_by(first, Integrity::sha256))), "sha256");
  EXPECT_EQ(integrity(signed_by(first, Integrity::sha256, "wrong")), "wrong sha256");
  const Octets wrong = signed_by(message_of({named("alice")}), Integrity::sha1, "wrong");
  EXPECT_EQ(integrity(signed_by(wrong, Integrity::sha256)), "sha256");
}

// STN-07: behind SHA-256 only FINGERPRINT counts.
TEST(MessageIntegrity, OfSha1BehindSha256IsIgnored) {
  const Octets first = signed_by(message_of({named("alice")}), Integrity::sha256);
  const Octets both = signed_by(first, Integrity::sha1);
  EXPECT_EQ(integrity(both), "sha256");
  const auto message = Message::parse(both);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has(AttributeType::message_integrity));
  EXPECT_EQ(
      integrity(signed_by(signed_by(message_of({}), Integrity::sha256, "x"), Integrity::sha1)),
      "wrong sha256");
}

// STN-07, STN-08: of two of a kind the first counts.
TEST(MessageIntegrity, IsTheFirstOfItsKind) {
  for (const Integrity kind : {Integrity::sha1, Integrity::sha256}) {
    const std::string name = kind == Integrity::sha1 ? "sha1" : "sha256";
    const Octets bytes = message_of({named("alice")});
    EXPECT_EQ(integrity(signed_by(signed_by(bytes, kind), kind, "wrong")), name);
    EXPECT_EQ(integrity(signed_by(signed_by(bytes, kind, "wrong"), kind)), "wrong " + name);
  }
}

// STN-07: 16 to 28 bytes would do by RFC 8489 §14.6, but TURN does not allow to truncate.
TEST(MessageIntegrity, HasAllItsBytes) {
  for (const Integrity kind : {Integrity::sha1, Integrity::sha256}) {
    const Octets before = message_of({named("alice")});
    const auto type = kind == Integrity::sha1 ? AttributeType::message_integrity
                                              : AttributeType::message_integrity_sha256;
    for (std::size_t size = 0; size <= 40; ++size) {
      // As somebody who truncates would do it: the length of the header fits the attribute.
      Octets bytes = with(before, attribute(type, Octets(size)));
      const SignedPart part{.key = to_bytes(kKey), .before = before};
      IntegrityCode code = integrity_code(kind, part);
      std::copy_n(code.bytes.begin(), std::min(size, code.size),
                  bytes.begin() + static_cast<std::ptrdiff_t>(before.size()) + 4);
      const std::string name = kind == Integrity::sha1 ? "sha1" : "sha256";
      EXPECT_EQ(integrity(bytes), size == integrity_bytes(kind) ? name : "wrong " + name) << size;
    }
  }
}

// STN-07: a truncated code of SHA-256 is not made up for by a right one of SHA-1.
TEST(MessageIntegrity, DoesNotFallBackToSha1) {
  const Octets first = signed_by(message_of({named("alice")}), Integrity::sha1);
  for (const std::size_t size : {0U, 16U, 28U}) {
    const Octets bytes =
        with(first, attribute(AttributeType::message_integrity_sha256, Octets(size)));
    EXPECT_EQ(integrity(bytes), "wrong sha256") << size;
  }
}

// STN-07
TEST(MessageIntegrity, HidesWhatStandsBehindIt) {
  for (const Integrity kind : {Integrity::sha1, Integrity::sha256}) {
    const Octets first = signed_by(message_of({attribute(AttributeType::realm, text("r"))}), kind);
    EXPECT_EQ(user(with(first, named("mallory"))), "nothing");
    const Octets proven = signed_by(message_of({named("alice")}), kind);
    EXPECT_EQ(user(with(proven, named("mallory"))), "alice");
    const Octets longer = with(proven, attribute(0x7000, {}));
    EXPECT_TRUE(Message::parse(longer)->unknown().empty());
    EXPECT_EQ(user(longer), "alice");
  }
}

// STN-07: between the two integrities nothing counts either, though the second one covers it.
TEST(MessageIntegrity, HidesWhatStandsBetweenTheTwo) {
  const Octets first = signed_by(message_of({}), Integrity::sha1);
  const Octets bytes = signed_by(with(first, named("mallory")), Integrity::sha256);
  EXPECT_EQ(integrity(bytes), "sha256");
  EXPECT_EQ(user(bytes), "nothing");
}

// STN-07: a peer that was added on the way is not visited.
TEST(MessageIntegrity, IsWhereVisitsEnd) {
  const Octets peer = attribute(AttributeType::xor_peer_address, text("peer"));
  Octets bytes = signed_by(message_of({peer, peer}), Integrity::sha1);
  bytes = with_fingerprint(with(bytes, peer));
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  const auto visits = [&message](AttributeType type) {
    int count = 0;
    message->for_each(type, [&count](Bytes) { return ++count > 0; });
    return count;
  };
  EXPECT_EQ(visits(AttributeType::xor_peer_address), 2);
  EXPECT_EQ(visits(AttributeType::message_integrity), 1);
  EXPECT_EQ(visits(AttributeType::fingerprint), 1);
  EXPECT_EQ(visits(AttributeType::message_integrity_sha256), 0);
}

TEST(MessageIntegrity, IsMissingWithoutTheAttribute) {
  EXPECT_EQ(integrity(message_of({named("alice")})), "none");
  EXPECT_EQ(integrity(with_fingerprint(message_of({named("alice")}))), "none");
}

// STN-07: keys longer than a block of the hash are hashed first (RFC 2104 §2).
TEST(MessageIntegrity, TakesKeysOfAnyLength) {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string key(size, 'k');
    const Octets bytes = signed_by(message_of({}), Integrity::sha1, key);
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->has_integrity_of(to_bytes(key))) << size;
    EXPECT_FALSE(message->has_integrity_of(to_bytes(key + "k"))) << size;
  }
}

// STN-07: an attribute so far behind that its offset fills 16 bits.
TEST(MessageIntegrity, IsCheckedAtTheEndOfTheLongestMessage) {
  const Octets filler = attribute(AttributeType::data, Octets(65532 - 4 - 24 - 36 - 8, 0xCD));
  Octets bytes = signed_by(message_of({filler}), Integrity::sha1);
  bytes = with_fingerprint(signed_by(bytes, Integrity::sha256));
  ASSERT_EQ(bytes.size(), kHeaderBytes + 65532);
  EXPECT_EQ(integrity(bytes), "sha256");
  bytes[1000] ^= 1;
  EXPECT_EQ(integrity(bytes), "no message");
}

// STN-06: one bit anywhere, or another attribute behind it, and it is not STUN.
TEST(Fingerprint, CoversEveryBit) {
  for (const std::string_view hex :
       {vectors::kRequest, vectors::kResponseV4, vectors::kResponseV6}) {
    Octets bytes = bytes_of(hex);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      bytes[bit / 8] ^= mask;
      const auto message = Message::parse(bytes);
      // Its own type may be flipped into one that may be ignored, or must be refused as unknown.
      ASSERT_FALSE(message && message->has(AttributeType::fingerprint)) << bit;
      bytes[bit / 8] ^= mask;
    }
    EXPECT_TRUE(Message::parse(bytes));
  }
}

// STN-06
TEST(Fingerprint, IsTheLastAttribute) {
  const Octets bytes = with_fingerprint(message_of({named("alice")}));
  EXPECT_EQ(user(bytes), "alice");
  EXPECT_EQ(user(with(bytes, attribute(AttributeType::software, {}))), "no message");
  EXPECT_EQ(user(with(bytes, attribute(0x7000, {}))), "no message");
  EXPECT_EQ(user(with_fingerprint(bytes)), "no message");
  EXPECT_EQ(user(signed_by(bytes, Integrity::sha1)), "no message");
  // Right, had the length counted what comes behind: still not the last one.
  Octets counted = message_of({named("alice")});
  const std::size_t begin = counted.size();
  counted = with(counted, attribute(AttributeType::fingerprint, Octets(4)));
  counted = with(counted, attribute(AttributeType::software, {}));
  store32(counted.data() + begin + 4, fingerprint_of(Bytes(counted).first(begin)));
  EXPECT_EQ(user(counted), "no message");
}

// STN-06
TEST(Fingerprint, HasFourBytes) {
  for (std::size_t size = 0; size <= 8; ++size) {
    Octets bytes = message_of({named("alice")});
    const std::size_t begin = bytes.size();
    bytes = with(bytes, attribute(AttributeType::fingerprint, Octets(size)));
    if (bytes.size() >= begin + 8) {
      store32(bytes.data() + begin + 4, fingerprint_of(Bytes(bytes).first(begin)));
    }
    EXPECT_EQ(user(bytes), size == 4 ? "alice" : "no message") << size;
  }
}

// STN-06: also where it counts for nothing else, behind both integrities.
TEST(Fingerprint, IsCheckedBehindIntegrities) {
  Octets bytes = signed_by(signed_by(message_of({}), Integrity::sha1), Integrity::sha256);
  bytes = with_fingerprint(bytes);
  EXPECT_EQ(integrity(bytes), "sha256");
  bytes.back() ^= 1;
  EXPECT_EQ(integrity(bytes), "no message");
}

}  // namespace
}  // namespace bellhop::stun

// What counts as a STUN message, and what its attributes say; integrity has a file of its own.
#include "relay/stun/message.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/relay/stun/raw_message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;

std::vector<Octets> all_vectors() {
  return {bytes_of(vectors::kRequest), bytes_of(vectors::kResponseV4),
          bytes_of(vectors::kResponseV6), bytes_of(vectors::kLongTermRequest),
          bytes_of(vectors::kSha256Request)};
}

// The value as text; "nothing" where there is none.
std::string found(const Octets& bytes, AttributeType type) {
  const auto message = Message::parse(bytes);
  if (!message) return "no message";
  const auto value = message->find(type);
  return value ? std::string(to_text(*value)) : "nothing";
}

Octets text(std::string_view value) {
  return {value.begin(), value.end()};
}

// STN-01
TEST(Message, NeedsNoAttributes) {
  const Octets bytes = message_of({});
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id(), kTestId);
  EXPECT_EQ(message->bytes().data(), bytes.data());
  EXPECT_EQ(message->bytes().size(), bytes.size());
  EXPECT_EQ(message->integrity(), Integrity::none);
  EXPECT_FALSE(message->has(AttributeType::software));
  EXPECT_FALSE(message->error_code());
}

// STN-01: exactly one message, neither less nor more.
TEST(Message, IsNotOneWhenCutAnywhereOrFollowedByAnything) {
  for (const Octets& whole : all_vectors()) {
    ASSERT_TRUE(Message::parse(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(Message::parse(Bytes(whole).first(size))) << size;
    }
    Octets longer = whole;
    for (int more = 1; more <= 8; ++more) {
      longer.push_back(0);
      EXPECT_FALSE(Message::parse(longer)) << more;
    }
  }
}

// STN-01
TEST(Message, IsNotOneWithAnotherLengthThanItHas) {
  for (const Octets& whole : all_vectors()) {
    const unsigned length = load16(whole.data() + 2);
    for (unsigned other = 0; other <= 0xFFFF; ++other) {
      Octets bytes = whole;
      store16(bytes.data() + 2, static_cast<std::uint16_t>(other));
      ASSERT_EQ(Message::parse(bytes).has_value(), other == length) << other;
    }
  }
  // Not a multiple of four, though it is what follows.
  for (std::size_t extra = 1; extra < 4; ++extra) {
    Octets bytes = message_of({attribute(AttributeType::software, text("abcd"))});
    bytes.resize(bytes.size() + extra);
    set_length(bytes);
    EXPECT_FALSE(Message::parse(bytes));
  }
}

// STN-01, STN-15
TEST(Message, NeedsTheCookieAndTwoZeroBits) {
  const Octets whole = message_of({});
  for (std::size_t bit = 0; bit < 64; ++bit) {
    Octets bytes = whole;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (0x80U >> (bit % 8)));
    const bool is_type = bit >= 2 && bit < 16;
    EXPECT_EQ(Message::parse(bytes).has_value(), is_type) << bit;
  }
}

// Every type there can be, against the picture of RFC 8489 §5.
TEST(Message, TakesMethodAndClassApart) {
  for (unsigned type = 0; type < 0x4000; ++type) {
    const Octets bytes = message_of({}, static_cast<std::uint16_t>(type));
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    unsigned method = 0;
    unsigned message_class = 0;
    for (unsigned bit = 14; bit-- > 0;) {
      unsigned& target = bit == 4 || bit == 8 ? message_class : method;
      target = target * 2 + ((type >> bit) & 1U);
    }
    ASSERT_EQ(static_cast<unsigned>(message->method()), method) << type;
    ASSERT_EQ(static_cast<unsigned>(message->message_class()), message_class) << type;
  }
}

// STN-01: each length field off by up to four; what is accepted reads as the slow way reads it.
TEST(Message, AgreesWithTheSlowWayOnWrongAttributeLengths) {
  int accepted = 0;
  for (const Octets& whole :
       {bytes_of(vectors::kLongTermRequest), bytes_of(vectors::kSha256Request),
        message_of({attribute(AttributeType::software, text("a")),
                    attribute(AttributeType::realm, {}),
                    attribute(AttributeType::nonce, text("abcd"))})}) {
    std::size_t at = kHeaderBytes;
    for (const auto& [type, value] : attributes_of(whole)) {
      for (int off = -4; off <= 4; ++off) {
        Octets bytes = whole;
        store16(bytes.data() + at + 2,
                static_cast<std::uint16_t>(static_cast<int>(value.size()) + off));
        const auto message = Message::parse(bytes);
        std::optional<std::vector<std::pair<unsigned, Octets>>> expected;
        try {
          expected = attributes_of(bytes);
        } catch (const std::out_of_range&) {
        }
        ASSERT_EQ(message.has_value(), expected.has_value()) << type << ' ' << off;
        if (!message) continue;
        ++accepted;
        const auto& [first_type, first_value] = expected->front();
        const auto first = message->find(AttributeType(first_type));
        ASSERT_TRUE(first);
        EXPECT_TRUE(std::ranges::equal(*first, first_value));
      }
      at += 4 + padded(value.size());
    }
  }
  EXPECT_GT(accepted, 20);
}

// STN-08
TEST(Message, TakesTheFirstOfSeveral) {
  const Octets bytes = message_of({attribute(AttributeType::realm, text("first")),
                                   attribute(AttributeType::nonce, text("between")),
                                   attribute(AttributeType::realm, text("second"))});
  EXPECT_EQ(found(bytes, AttributeType::realm), "first");
  EXPECT_EQ(found(bytes, AttributeType::nonce), "between");
}

// STN-08: an empty one comes first all the same.
TEST(Message, FindsEmptyValues) {
  const Octets bytes =
      message_of({attribute(AttributeType::dont_fragment, {}), attribute(AttributeType::data, {}),
                  attribute(AttributeType::data, text("more"))});
  EXPECT_EQ(found(bytes, AttributeType::dont_fragment), "");
  EXPECT_EQ(found(bytes, AttributeType::data), "");
  EXPECT_EQ(found(bytes, AttributeType::lifetime), "nothing");
}

// STN-08
TEST(Message, IgnoresWhatStandsInPadding) {
  for (std::size_t size = 1; size <= 8; ++size) {
    const std::string value(size, 'x');
    const Octets bytes = message_of({attribute(AttributeType::username, text(value), 0xFF),
                                     attribute(AttributeType::realm, text("behind"), 0x80)});
    EXPECT_EQ(found(bytes, AttributeType::username), value);
    EXPECT_EQ(found(bytes, AttributeType::realm), "behind");
  }
}

TEST(Message, VisitsAllOfOneTypeInOrderUntilTold) {
  const Octets bytes = message_of({attribute(AttributeType::realm, text("x"), 0x12),
                                   attribute(AttributeType::xor_peer_address, text("one"), 0x12),
                                   attribute(0x7ABC, text("unknown")),
                                   attribute(AttributeType::xor_peer_address, {}),
                                   attribute(AttributeType::xor_peer_address, text("three"), 0)});
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  std::vector<std::string> all;
  message->for_each(AttributeType::xor_peer_address, [&](Bytes value) {
    all.emplace_back(to_text(value));
    return true;
  });
  EXPECT_EQ(all, (std::vector<std::string>{"one", "", "three"}));
  int visits = 0;
  message->for_each(AttributeType::xor_peer_address, [&](Bytes) { return ++visits < 2; });
  EXPECT_EQ(visits, 2);
  message->for_each(AttributeType::software, [&](Bytes) { return ++visits < 0; });
  message->for_each(AttributeType(0x7ABC), [&](Bytes) { return ++visits < 0; });
  EXPECT_EQ(visits, 2);
}

// STN-04: of all types there are, 22 of those that must be known are, and 8 of the others.
TEST(Message, KnowsTheAttributesOfTheRegistryAndNoOthers) {
  std::set<unsigned> known;
  for (unsigned type = 0; type <= 0xFFFF; ++type) {
    if (AttributeType(type) == AttributeType::fingerprint) continue;
    const Octets bytes = message_of({attribute(type, {})});
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    const bool is_known = message->has(AttributeType(type));
    if (is_known) known.insert(type);
    const bool is_told = type < 0x8000 && !is_known;
    const std::vector<std::uint16_t> told(is_told ? 1 : 0, static_cast<std::uint16_t>(type));
    ASSERT_TRUE(std::ranges::equal(message->unknown(), told)) << type;
  }
  EXPECT_EQ(known,
            (std::set<unsigned>{0x0001, 0x0006, 0x0008, 0x0009, 0x000A, 0x000C, 0x000D, 0x0012,
                                0x0013, 0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x001A,
                                0x001C, 0x001D, 0x001E, 0x0020, 0x0022, 0x002A, 0x8000, 0x8001,
                                0x8002, 0x8003, 0x8004, 0x8022, 0x8023}));
}

// STN-04: CHANGE-REQUEST, PRIORITY and so on, as they come, each once.
TEST(Message, TellsUnknownAttributesInOrderAndOnce) {
  const Octets bytes =
      message_of({attribute(0x7FFF, {}), attribute(0x0024, {1, 2, 3, 4}),
                  attribute(0xC057, {1, 2, 3, 4}), attribute(0x7FFF, {}),
                  attribute(AttributeType::realm, {}), attribute(0x0003, {0, 0, 0, 2})});
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(
      std::ranges::equal(message->unknown(), std::vector<std::uint16_t>{0x7FFF, 0x0024, 0x0003}));
}

// STN-04
TEST(Message, TellsNoMoreUnknownAttributesThanTheMaximum) {
  for (const std::size_t count : {Message::kUnknownMax, Message::kUnknownMax + 1, 16383UL}) {
    Octets bytes = message_of({});
    for (std::size_t i = 0; i < count; ++i) {
      append(bytes, attribute(0x1000 + static_cast<unsigned>(i), {}));
    }
    set_length(bytes);
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    ASSERT_EQ(message->unknown().size(), Message::kUnknownMax);
    EXPECT_EQ(message->unknown().front(), 0x1000);
    EXPECT_EQ(message->unknown().back(), 0x100F);
  }
}

TEST(Message, ReadsNumbersOfFourBytesOnly) {
  for (std::size_t size = 0; size <= 8; ++size) {
    Octets value{0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0};
    value.resize(size);
    const Octets bytes = message_of({attribute(AttributeType::lifetime, value)});
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->find_u32(AttributeType::lifetime),
              size == 4 ? std::optional<std::uint32_t>(0x12345678) : std::nullopt);
    EXPECT_FALSE(message->find_u32(AttributeType::connection_id));
  }
}

std::string xor_address(const Octets& value) {
  const Octets bytes = message_of({attribute(AttributeType::xor_peer_address, value)});
  const auto message = Message::parse(bytes);
  if (!message) return "no message";
  const auto address = message->find_xor_address(AttributeType::xor_peer_address);
  EXPECT_FALSE(message->find_xor_address(AttributeType::xor_relayed_address));
  return address ? address->text() : "nothing";
}

// STN-09
TEST(Message, ReadsAddressesThroughCookieAndTransactionId) {
  EXPECT_EQ(xor_address(bytes_of("0001a147 e112a643")), "192.0.2.1:32853");
  EXPECT_EQ(xor_address(bytes_of("0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9")),
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_EQ(xor_address(bytes_of("00012112 2112a442")), "0.0.0.0:0");
  EXPECT_EQ(xor_address(bytes_of("ff01a147 e112a643")), "192.0.2.1:32853") << "MUST be ignored";
}

// STN-09, TURN-D07: so that no rule for IPv4 is gone around.
TEST(Message, ReadsMappedAddressesAsTheIpv4TheyAre) {
  EXPECT_EQ(xor_address(bytes_of("0002a147 2112a442 b7e7a701 bc34 2979 3a87ddaf")),
            "192.0.2.1:32853");
}

// STN-09: of every size and family but two.
TEST(Message, RefusesAddressesOfAnotherSizeOrFamily) {
  for (std::size_t size = 0; size <= 24; ++size) {
    for (unsigned family = 0; family < 256; ++family) {
      Octets value(size, 0x55);
      if (size > 1) value[1] = static_cast<std::uint8_t>(family);
      const bool is_right = (family == 1 && size == 8) || (family == 2 && size == 20);
      ASSERT_EQ(xor_address(value) != "nothing", is_right) << size << ' ' << family;
    }
  }
}

std::optional<int> error_of(const Octets& value) {
  const Octets bytes = message_of({attribute(AttributeType::error_code, value)}, 0x0111);
  const auto message = Message::parse(bytes);
  return message ? message->error_code() : std::nullopt;
}

// STN-14: class 3 to 6, number 0 to 99; bits before them are reserved.
TEST(Message, ReadsErrorCodesWithinTheirBounds) {
  for (unsigned hundreds = 0; hundreds < 8; ++hundreds) {
    for (unsigned number = 0; number < 256; ++number) {
      const bool is_right = hundreds >= 3 && hundreds <= 6 && number <= 99;
      const auto expected =
          is_right ? std::optional<int>(static_cast<int>(hundreds * 100 + number)) : std::nullopt;
      const auto low = static_cast<std::uint8_t>(number);
      ASSERT_EQ(error_of({0, 0, static_cast<std::uint8_t>(hundreds), low}), expected);
      ASSERT_EQ(error_of({0xFF, 0xFF, static_cast<std::uint8_t>(0xF8 | hundreds), low, 'W'}),
                expected);
    }
  }
  for (std::size_t size = 0; size < 4; ++size) EXPECT_FALSE(error_of(Octets(size, 4)));
}

// The longest message: an attribute that begins where the last four bytes are.
TEST(Message, ReachesTheEndOfTheLongestMessage) {
  const Octets bytes = message_of({attribute(AttributeType::data, Octets(65524, 0xAB)),
                                   attribute(AttributeType::dont_fragment, {})});
  ASSERT_EQ(bytes.size(), kHeaderBytes + 65532);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->find(AttributeType::data)->size(), 65524U);
  const auto last = message->find(AttributeType::dont_fragment);
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->empty());
  // One byte more in the first one takes the second one's header.
  Octets wrong = bytes;
  store16(wrong.data() + kHeaderBytes + 2, 65529);
  EXPECT_FALSE(Message::parse(wrong));
  store16(wrong.data() + kHeaderBytes + 2, 65535);
  EXPECT_FALSE(Message::parse(wrong));
}

TEST(Message, VisitsEveryAttributeOfTheLongestMessage) {
  Octets bytes = message_of({});
  for (int i = 0; i < 16383; ++i) append(bytes, attribute(AttributeType::xor_peer_address, {}));
  set_length(bytes);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  std::size_t visits = 0;
  message->for_each(AttributeType::xor_peer_address, [&](Bytes) { return ++visits > 0; });
  EXPECT_EQ(visits, 16383U);
}

}  // namespace
}  // namespace bellhop::stun

// What the writer makes, byte by byte and read back; and that nothing of the memory shows through.
#include "relay/stun/message_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string_view>
#include <vector>

#include "relay/stun/key.hpp"
#include "relay/stun/message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;
using Octets = std::vector<std::uint8_t>;

constexpr TransactionId kId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
constexpr std::uint8_t kPoison = 0xEE;
constexpr std::string_view kKey = "a key";

TransactionId id_of(std::string_view hex) {
  TransactionId id;
  std::ranges::copy(bytes_of(hex), id.begin());
  return id;
}

base::IpEndpoint endpoint(std::string_view address, std::uint16_t port) {
  return {.address = *base::IpAddress::parse(address), .port = port};
}

using Fill = std::function<void(MessageWriter&)>;

// What `fill` writes into poisoned memory of that size.
Octets written(const Fill& fill, std::size_t room = 2048,
               MessageClass message_class = MessageClass::request,
               Method method = Method::binding) {
  Octets buffer(room, kPoison);
  MessageWriter writer(buffer, message_class, method, kId);
  fill(writer);
  const Bytes message = writer.finish();
  return {message.begin(), message.end()};
}

// The attributes alone.
Octets body(const Fill& fill) {
  const Octets bytes = written(fill);
  return bytes.size() < kHeaderBytes ? Octets() : Octets(bytes.begin() + kHeaderBytes, bytes.end());
}

// Everything the writer can do, some 220 bytes.
void write_everything(MessageWriter& writer) {
  writer.add_text(AttributeType::software, "odd");
  writer.add_text(AttributeType::realm, "");
  writer.add_u32(AttributeType::lifetime, 600);
  writer.add_xor_address(AttributeType::xor_mapped_address, endpoint("192.0.2.1", 32853));
  writer.add_xor_address(AttributeType::xor_relayed_address, endpoint("2001:db8::1", 49152));
  writer.add_address(AttributeType::mapped_address, endpoint("192.0.2.1", 32853));
  writer.add_address(AttributeType::alternate_server, endpoint("2001:db8::2", 3478));
  writer.add_error(ErrorCode::bad_request, true);
  writer.add_address_error(AddressFamily::ipv6, ErrorCode::address_family_not_supported);
  writer.add_unknown(std::array<std::uint16_t, 3>{0x7001, 0x7002, 0x7003});
  writer.add_integrity(Integrity::sha1, to_bytes(kKey));
  writer.add_integrity(Integrity::sha256, to_bytes(kKey));
  writer.add_fingerprint();
}

// STN-08: RFC 5769 §2.4 comes out as printed, whose padding is zero.
TEST(MessageWriter, WritesTheLongTermRequestAsPublished) {
  Octets buffer(512, kPoison);
  MessageWriter writer(buffer, MessageClass::request, Method::binding,
                       id_of("78ad3433 c6ad72c0 29da412e"));
  writer.add_text(AttributeType::username, vectors::kUser);
  writer.add_text(AttributeType::nonce, "f//499k954d6OL34oL9FSTvy64sA");
  writer.add_text(AttributeType::realm, vectors::kRealm);
  const Key key =
      long_term_key(PasswordAlgorithm::md5, vectors::kUser, vectors::kRealm, vectors::kPassword);
  writer.add_integrity(Integrity::sha1, key.view());
  EXPECT_TRUE(std::ranges::equal(writer.finish(), bytes_of(vectors::kLongTermRequest)));
}

// STN-07, STN-08
TEST(MessageWriter, WritesTheSha256RequestAsItShouldHaveBeenPublished) {
  Octets buffer(512, kPoison);
  MessageWriter writer(buffer, MessageClass::request, Method::binding,
                       id_of("78ad3433 c6ad72c0 29da412e"));
  writer.add(AttributeType::userhash, user_hash(vectors::kUser, vectors::kRealm));
  writer.add_text(AttributeType::nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
  writer.add_text(AttributeType::realm, vectors::kRealm);
  const Key key =
      long_term_key(PasswordAlgorithm::sha256, vectors::kUser, vectors::kRealm, vectors::kPassword);
  writer.add_integrity(Integrity::sha256, key.view());
  EXPECT_TRUE(std::ranges::equal(writer.finish(), bytes_of(vectors::kSha256Request)));
}

// RFC 8489 §5, figure 3; the numbers of RFC 8656 §17 and RFC 6062 §6.1.
TEST(MessageWriter, MixesTheBitsOfClassAndMethod) {
  struct Row {
    MessageClass message_class;
    Method method;
    std::array<std::uint8_t, 2> type;
  };
  constexpr Row kRows[] = {
      {MessageClass::request, Method::binding, {0x00, 0x01}},
      {MessageClass::indication, Method::binding, {0x00, 0x11}},
      {MessageClass::success, Method::binding, {0x01, 0x01}},
      {MessageClass::error, Method::binding, {0x01, 0x11}},
      {MessageClass::error, Method::allocate, {0x01, 0x13}},
      {MessageClass::indication, Method::send, {0x00, 0x16}},
      {MessageClass::indication, Method::data, {0x00, 0x17}},
      {MessageClass::success, Method::channel_bind, {0x01, 0x09}},
      {MessageClass::indication, Method::connection_attempt, {0x00, 0x1C}},
      {MessageClass::request, Method(0xFFF), {0x3E, 0xEF}},
      {MessageClass::error, Method(0xFFF), {0x3F, 0xFF}},
  };
  for (const Row& row : kRows) {
    const Octets bytes = written([](MessageWriter&) {}, 20, row.message_class, row.method);
    ASSERT_EQ(bytes.size(), kHeaderBytes);
    EXPECT_TRUE(std::ranges::equal(Bytes(bytes).first(2), row.type)) << int{row.type[1]};
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->message_class(), row.message_class);
    EXPECT_EQ(message->method(), row.method);
    EXPECT_EQ(message->id(), kId);
  }
}

// STN-09
TEST(MessageWriter, HidesAddressesBehindCookieAndTransactionId) {
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_xor_address(AttributeType::xor_mapped_address,
                                     endpoint("192.0.2.1", 32853));
            }),
            bytes_of("00200008 0001a147 e112a643"));
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_xor_address(AttributeType::xor_relayed_address,
                                     endpoint("2001:db8::1", 32853));
            }),
            bytes_of("00160014 0002a147 0113a9fa 01020304 05060708 090a0b0d"));
}

// STN-09: an IPv4 address that a socket for both families gave is an IPv4 address.
TEST(MessageWriter, WritesMappedAddressesAsIpv4) {
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_xor_address(AttributeType::xor_mapped_address,
                                     endpoint("::ffff:192.0.2.1", 32853));
            }),
            bytes_of("00200008 0001a147 e112a643"));
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_address(AttributeType::alternate_server,
                                 endpoint("::ffff:c000:201", 3478));
            }),
            bytes_of("80230008 00010d96 c0000201"));
}

TEST(MessageWriter, WritesPlainAddressesOfBothFamilies) {
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_address(AttributeType::mapped_address, endpoint("192.0.2.1", 32853));
            }),
            bytes_of("00010008 00018055 c0000201"));
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_address(AttributeType::alternate_server, endpoint("2001:db8::1", 3478));
            }),
            bytes_of("80230014 00020d96 20010db8 00000000 00000000 00000001"));
}

constexpr ErrorCode kCodes[] = {
    ErrorCode::try_alternate,
    ErrorCode::bad_request,
    ErrorCode::unauthenticated,
    ErrorCode::forbidden,
    ErrorCode::unknown_attribute,
    ErrorCode::allocation_mismatch,
    ErrorCode::stale_nonce,
    ErrorCode::address_family_not_supported,
    ErrorCode::wrong_credentials,
    ErrorCode::unsupported_transport,
    ErrorCode::peer_address_family_mismatch,
    ErrorCode::connection_already_exists,
    ErrorCode::connection_timeout_or_failure,
    ErrorCode::allocation_quota_reached,
    ErrorCode::server_error,
    ErrorCode::insufficient_capacity,
};

// STN-14, STN-17: class and number in their bits, a short reason in plain letters or none.
TEST(MessageWriter, WritesEveryErrorWithAndWithoutItsReason) {
  for (const ErrorCode code : kCodes) {
    const int number = static_cast<int>(code);
    const Octets bare = body([&](MessageWriter& writer) { writer.add_error(code); });
    const Octets expected{0x00,
                          0x09,
                          0x00,
                          0x04,
                          0x00,
                          0x00,
                          static_cast<std::uint8_t>(number / 100),
                          static_cast<std::uint8_t>(number % 100)};
    EXPECT_EQ(bare, expected) << number;
    EXPECT_TRUE(number / 100 >= 3 && number / 100 <= 6);

    const std::string_view reason = reason_of(code);
    EXPECT_TRUE(!reason.empty() && reason.size() < 128) << number;
    EXPECT_TRUE(
        std::ranges::all_of(reason, [](char c) { return c == ' ' || std::isalpha(c) != 0; }));
    const Octets bytes = written([&](MessageWriter& writer) { writer.add_error(code, true); }, 128,
                                 MessageClass::error);
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->error_code(), number);
    EXPECT_EQ(to_text(message->find(AttributeType::error_code)->subspan(4)), reason);
  }
  EXPECT_EQ(reason_of(ErrorCode(499)), "");
}

// RFC 8656 §18.12: the family in front, 13 bits of nothing, then as in ERROR-CODE.
TEST(MessageWriter, WritesWhyAFamilyWasNotAllocated) {
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_address_error(AddressFamily::ipv6,
                                       ErrorCode::address_family_not_supported);
            }),
            bytes_of("80010004 02000428"));
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_address_error(AddressFamily::ipv4, ErrorCode::insufficient_capacity);
            }),
            bytes_of("80010004 01000508"));
}

// STN-04, STN-08: padded with zeros, not with the last type again as RFC 3489 had it.
TEST(MessageWriter, ListsUnknownAttributes) {
  EXPECT_EQ(body([](MessageWriter& writer) {
              writer.add_unknown(std::array<std::uint16_t, 3>{0x0024, 0x7001, 0x7FFF});
            }),
            bytes_of("000a0006 00247001 7fff0000"));
  EXPECT_EQ(body([](MessageWriter& writer) { writer.add_unknown({}); }), bytes_of("000a0000"));
}

// STN-08: whatever stood in the memory before.
TEST(MessageWriter, FillsPaddingWithZeros) {
  for (std::size_t size = 0; size <= 9; ++size) {
    const Octets value(size, 0xAA);
    Octets expected{0x80, 0x22, 0x00, static_cast<std::uint8_t>(size)};
    expected.insert(expected.end(), size, 0xAA);
    expected.resize((expected.size() + 3) / 4 * 4, 0);
    EXPECT_EQ(body([&](MessageWriter& writer) { writer.add(AttributeType::software, value); }),
              expected);
  }
}

// STN-06, STN-07: both integrities and the fingerprint are right at once, whatever comes behind.
TEST(MessageWriter, SignsWhatTheReaderBelieves) {
  const Octets bytes = written(write_everything);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->integrity(), Integrity::sha256);
  EXPECT_TRUE(message->has_integrity_of(to_bytes(kKey)));
  EXPECT_TRUE(message->has(AttributeType::message_integrity));
  EXPECT_TRUE(message->has(AttributeType::fingerprint));
  EXPECT_EQ(message->find_u32(AttributeType::lifetime), 600U);
  EXPECT_EQ(message->find_xor_address(AttributeType::xor_relayed_address)->text(),
            "[2001:db8::1]:49152");
}

TEST(MessageWriter, AddsNothingForNoIntegrity) {
  EXPECT_TRUE(body([](MessageWriter& writer) {
                writer.add_integrity(Integrity::none, to_bytes(kKey));
              }).empty());
}

// Memory of every size: the whole message or none, and not a byte beyond.
TEST(MessageWriter, WritesAllOrNothing) {
  const std::size_t whole = written(write_everything).size();
  ASSERT_GT(whole, 200U);
  for (std::size_t room = 0; room <= whole + 4; ++room) {
    Octets memory(room + 16, kPoison);
    const std::span<std::uint8_t> all(memory);
    MessageWriter writer(all.first(room), MessageClass::request, Method::binding, kId);
    write_everything(writer);
    EXPECT_EQ(writer.finish().size(), room < whole ? 0 : whole) << room;
    EXPECT_TRUE(std::all_of(memory.end() - 16, memory.end(), [](std::uint8_t byte) {
      return byte == kPoison;
    })) << room;
  }
}

// What does not fit is not made up for by something smaller.
TEST(MessageWriter, StaysEmptyAfterSomethingDidNotFit) {
  const Octets large(100, 0xAA);
  EXPECT_TRUE(written(
                  [&](MessageWriter& writer) {
                    writer.add(AttributeType::data, large);
                    writer.add_u32(AttributeType::lifetime, 1);
                  },
                  64)
                  .empty());
}

// RFC 8489 §5: 16 bits of length, of which the two lowest are zero.
TEST(MessageWriter, StopsAtTheLongestMessageThereCanBe) {
  const auto with_data = [](std::size_t size) {
    const Octets data(size, 0xAA);
    return written([&](MessageWriter& writer) { writer.add(AttributeType::data, data); }, 70000);
  };
  const Octets longest = with_data(65528);
  ASSERT_EQ(longest.size(), kHeaderBytes + 65532);
  const auto message = Message::parse(longest);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->find(AttributeType::data)->size(), 65528U);
  EXPECT_EQ(with_data(65525).size(), kHeaderBytes + 65532);
  for (const std::size_t size : {65529U, 65532U, 65535U, 65536U, 65540U}) {
    EXPECT_TRUE(with_data(size).empty()) << size;
  }
}

}  // namespace
}  // namespace bellhop::stun

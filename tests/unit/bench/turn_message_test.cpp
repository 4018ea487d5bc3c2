// What the load program says to TURN servers and what it understands, against a published vector.
#include "tests/bench/turn_message.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>

namespace bellhop::bench {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes copy(StunBytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// RFC 5769 §2.4: the long-term request, whose password is as SASLprep leaves it.
const Bytes rfc5769_request{
    0x00, 0x01, 0x00, 0x60, 0x21, 0x12, 0xa4, 0x42, 0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72,
    0xc0, 0x29, 0xda, 0x41, 0x2e, 0x00, 0x06, 0x00, 0x12, 0xe3, 0x83, 0x9e, 0xe3, 0x83, 0x88,
    0xe3, 0x83, 0xaa, 0xe3, 0x83, 0x83, 0xe3, 0x82, 0xaf, 0xe3, 0x82, 0xb9, 0x00, 0x00, 0x00,
    0x15, 0x00, 0x1c, 0x66, 0x2f, 0x2f, 0x34, 0x39, 0x39, 0x6b, 0x39, 0x35, 0x34, 0x64, 0x36,
    0x4f, 0x4c, 0x33, 0x34, 0x6f, 0x4c, 0x39, 0x46, 0x53, 0x54, 0x76, 0x79, 0x36, 0x34, 0x73,
    0x41, 0x00, 0x14, 0x00, 0x0b, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x6f, 0x72,
    0x67, 0x00, 0x00, 0x08, 0x00, 0x14, 0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02,
    0xb8, 0xe0, 0x71, 0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8, 0x96, 0x66};

constexpr TransactionId rfc5769_id{0x78, 0xad, 0x34, 0x33, 0xc6, 0xad,
                                   0x72, 0xc0, 0x29, 0xda, 0x41, 0x2e};

StunSigner rfc5769_signer() {
  return {"\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9", "example.org", "TheMatrIX"};
}

/// A success of Allocate with a relayed address and LIFETIME, signed.
Bytes allocate_success(StunSigner& signer) {
  StunRequest request(StunMethod::allocate, rfc5769_id);
  sockaddr_in relayed{};
  relayed.sin_port = htons(50'000);
  relayed.sin_addr.s_addr = htonl(0x7F000009);
  request.peer(relayed).number(StunAttribute::lifetime, 600).sign(signer);
  Bytes bytes = copy(request.bytes());
  bytes[0] |= 0x01;                     // RFC 8489 §5: the class of a success
  bytes[stun_header_bytes + 1] = 0x16;  // XOR-RELAYED-ADDRESS instead of the peer's
  return bytes;
}

TEST(TurnMessage, MakesTheLongTermRequestOfRfc5769) {
  StunSigner signer = rfc5769_signer();
  StunRequest request(StunMethod::binding, rfc5769_id);
  request.text(StunAttribute::username, "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9")
      .text(StunAttribute::nonce, "f//499k954d6OL34oL9FSTvy64sA")
      .text(StunAttribute::realm, "example.org")
      .sign(signer);
  EXPECT_EQ(copy(request.bytes()), rfc5769_request);
}

TEST(TurnMessage, ReadsWhatAnAllocationWasGiven) {
  StunSigner signer = rfc5769_signer();
  const Bytes bytes = allocate_success(signer);
  const auto answer = read_answer(bytes);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error, 0);
  EXPECT_EQ(answer->method, static_cast<std::uint16_t>(StunMethod::allocate));
  EXPECT_EQ(answer->id, rfc5769_id);
  EXPECT_EQ(answer->lifetime, 600U);
  ASSERT_TRUE(answer->relayed);
  EXPECT_EQ(ntohs(answer->relayed->sin_port), 50'000);
  EXPECT_EQ(ntohl(answer->relayed->sin_addr.s_addr), 0x7F000009U);
}

TEST(TurnMessage, ReadsTheRealmAndNonceOfAChallenge) {
  StunRequest request(StunMethod::allocate, rfc5769_id);
  request
      .number(StunAttribute::error_code, 0x00000401)  // class 4, number 1
      .text(StunAttribute::realm, "bench")
      .text(StunAttribute::nonce, "abc");
  Bytes bytes = copy(request.bytes());
  bytes[0] |= 0x01;
  bytes[1] |= 0x10;
  const auto answer = read_answer(bytes);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error, 401);
  EXPECT_EQ(answer->realm, "bench");
  EXPECT_EQ(answer->nonce, "abc");
}

TEST(TurnMessage, KnowsASignedAnswerFromAForgedOne) {
  StunSigner signer = rfc5769_signer();
  StunRequest request(StunMethod::binding, rfc5769_id);
  Bytes bytes = copy(request.number(StunAttribute::lifetime, 1).bytes());
  bytes[0] |= 0x01;
  // Signed by hand, because the class is part of what is covered.
  bytes.resize(bytes.size() + 24);
  bytes[3] = static_cast<std::uint8_t>(bytes.size() - stun_header_bytes);
  const std::size_t at = bytes.size() - 24;
  bytes[at + 1] = 0x08;
  bytes[at + 3] = StunSigner::bytes;
  const auto code = signer.sign(StunBytes(bytes).first(at));
  std::copy(code.begin(), code.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at) + 4);
  auto answer = read_answer(bytes);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(is_signed(bytes, *answer, signer));
  bytes[at - 1] ^= 1;  // of LIFETIME
  answer = read_answer(bytes);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(is_signed(bytes, *answer, signer));
}

TEST(TurnMessage, ReadsNothingThatIsCutOrIsNoAnswer) {
  StunSigner signer = rfc5769_signer();
  const Bytes bytes = allocate_success(signer);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_answer(StunBytes(bytes).first(size))) << size;
  }
  EXPECT_FALSE(read_answer(rfc5769_request)) << "a request";
}

TEST(TurnMessage, ReadsNothingWhoseAttributeReachesBeyondTheEnd) {
  StunSigner signer = rfc5769_signer();
  Bytes bytes = allocate_success(signer);
  bytes[stun_header_bytes + 2] = 0xFF;
  EXPECT_FALSE(read_answer(bytes));
}

TEST(TurnMessage, ReadsChannelDataOfItsChannelOnly) {
  Bytes bytes(channel_header_bytes + 8, 7);
  write_channel_header(bytes.data(), first_channel, 5);
  const auto data = read_channel_data(bytes, first_channel);
  ASSERT_TRUE(data) << "padding may follow";
  EXPECT_EQ(data->size(), 5U);
  EXPECT_FALSE(read_channel_data(bytes, first_channel + 1));
  EXPECT_FALSE(read_channel_data(StunBytes(bytes).first(channel_header_bytes + 4), first_channel));
  EXPECT_FALSE(read_channel_data(StunBytes(bytes).first(3), first_channel));
}

}  // namespace
}  // namespace bellhop::bench

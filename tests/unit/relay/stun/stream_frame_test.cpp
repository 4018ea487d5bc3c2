// Where messages end in a stream: whole, byte by byte, and with every header that loses the frame.
#include "relay/stun/stream_frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "relay/errors.hpp"
#include "relay/stun/message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::stun {
namespace {

using vectors::bytes_of;
using Octets = std::vector<std::uint8_t>;

Octets joined(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// "more", the name of the error, or kind, size and what it took.
std::string frame(const Octets& input) {
  const auto found = first_frame(input);
  if (!found) return std::string(found.error().kind().name);
  if (!*found) return "more";
  const StreamFrame& first = **found;
  EXPECT_EQ(first.bytes.data(), input.data());
  return (first.is_channel_data ? "channel " : "stun ") + std::to_string(first.bytes.size()) + " " +
         std::to_string(first.consumed);
}

Octets channel_data(std::size_t size) {
  Octets bytes{0x40, 0x01, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  bytes.resize(4 + (size + 3) / 4 * 4, 0xDD);
  return bytes;
}

// STN-11: framed by its own length; what follows is left.
TEST(StreamFrame, TakesAMessageByItsLength) {
  const Octets message = bytes_of(vectors::kRequest);
  EXPECT_EQ(frame(message), "stun 108 108");
  EXPECT_EQ(frame(joined({message, message})), "stun 108 108");
  EXPECT_EQ(frame(joined({message, {0xFF}})), "stun 108 108");
  EXPECT_EQ(frame(bytes_of("00010000 2112a442 00000000 00000000 00000000")), "stun 20 20");
}

// TURN-C04: the length does not count the padding, which is waited for.
TEST(StreamFrame, TakesChannelDataWithItsPadding) {
  EXPECT_EQ(frame(channel_data(0)), "channel 4 4");
  EXPECT_EQ(frame(channel_data(1)), "channel 5 8");
  EXPECT_EQ(frame(channel_data(2)), "channel 6 8");
  EXPECT_EQ(frame(channel_data(3)), "channel 7 8");
  EXPECT_EQ(frame(channel_data(4)), "channel 8 8");
  EXPECT_EQ(frame(joined({channel_data(5), channel_data(1)})), "channel 9 12");
  Octets unpadded = channel_data(1);
  unpadded.resize(7);
  EXPECT_EQ(frame(unpadded), "more");
}

// STN-11
TEST(StreamFrame, WaitsForTheRestWhereverItIsCut) {
  for (const Octets& whole : {bytes_of(vectors::kRequest), bytes_of(vectors::kSha256Request),
                              channel_data(0), channel_data(7), channel_data(1200)}) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      EXPECT_EQ(frame(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut))),
                "more")
          << cut;
    }
  }
}

// STN-11: pipelined messages of both kinds, one after the other.
TEST(StreamFrame, FollowsEachOtherInAStream) {
  const Octets message = bytes_of(vectors::kResponseV6);
  const Octets stream = joined({message, channel_data(5), channel_data(0), message});
  std::vector<std::size_t> sizes;
  for (Bytes rest = stream; !rest.empty();) {
    const auto found = first_frame(rest);
    ASSERT_TRUE(found && *found);
    sizes.push_back((*found)->bytes.size());
    EXPECT_NE(Message::parse((*found)->bytes).has_value(), (*found)->is_channel_data);
    rest = rest.subspan((*found)->consumed);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{92, 9, 4, 92}));
}

// STN-01: nothing after it can be found any more.
TEST(StreamFrame, RefusesWhatIsNeitherKind) {
  for (unsigned first = 0; first < 256; ++first) {
    const Octets input{static_cast<std::uint8_t>(first)};
    EXPECT_EQ(frame(input), first < 0x80 ? "more" : "not-stun") << first;
  }
  EXPECT_EQ(frame({0x16, 0x03, 0x01, 0x04}), "more");  // TLS, until the cookie shows it
  EXPECT_EQ(frame({0x16, 0x03, 0x01, 0x00, 0x01, 0x00, 0x01, 0xFC}), "not-stun");
  const std::string_view http = "GET / HTTP/1.1\r\n";
  // 'G' is in the range of reserved channels, and what follows is taken for a length.
  EXPECT_EQ(frame(Octets(http.begin(), http.end())), "more");
}

// STN-01
TEST(StreamFrame, RefusesAStunHeaderWithAWrongLengthOrCookie) {
  const Octets message = bytes_of(vectors::kRequest);
  for (std::size_t at = 4; at < 8; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Octets wrong = message;
      wrong[at] = static_cast<std::uint8_t>(wrong[at] ^ (1 << bit));
      EXPECT_EQ(frame(wrong), "not-stun") << at << ' ' << bit;
      wrong.resize(8);
      EXPECT_EQ(frame(wrong), "not-stun") << "before the rest has come";
    }
  }
  for (const std::uint8_t length : Octets{0x55, 0x56, 0x57, 0x59, 0x5A, 0x5B}) {
    Octets wrong = message;
    wrong[3] = length;
    EXPECT_EQ(frame(wrong), "not-stun") << int{length};
    wrong.resize(4);
    EXPECT_EQ(frame(wrong), "not-stun") << "before the cookie has come";
  }
}

// RFC 8656 §12: reserved numbers are dropped by who looks them up, not here.
TEST(StreamFrame, KeepsTheFrameOfReservedChannelNumbers) {
  for (const std::uint8_t first : Octets{0x40, 0x4F, 0x50, 0x7F}) {
    EXPECT_EQ(frame({first, 0xFF, 0x00, 0x02, 1, 2, 0, 0}), "channel 6 8");
  }
}

TEST(StreamFrame, IsNeverLongerThanItsMaximum) {
  Octets message = bytes_of("0001fffc 2112a442 00000000 00000000 00000000");
  message.resize(kStreamFrameBytesMax - 1);
  EXPECT_EQ(frame(message), "more");
  message.push_back(0);
  EXPECT_EQ(frame(message), "stun 65552 65552");
  EXPECT_EQ(frame(channel_data(65535)), "channel 65539 65540");
}

}  // namespace
}  // namespace bellhop::stun

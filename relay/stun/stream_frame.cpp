#include "relay/stun/stream_frame.hpp"

#include "relay/errors.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

using Frame = std::optional<StreamFrame>;

constexpr std::size_t kLengthEnd = 4;  // the length stands in bytes 2 and 3 of both kinds
constexpr std::size_t kCookieEnd = 8;

base::Error lost(const char* why) {
  return {relay::errors::not_stun, why};
}

base::Result<Frame> stun_frame(Bytes input) {
  const std::size_t length = load16(input.data() + 2);
  if (length % 4 != 0) return lost("length of a STUN message is not a multiple of 4");
  if (input.size() < kCookieEnd) return Frame();
  if (load32(input.data() + 4) != kMagicCookie) return lost("no magic cookie");
  const std::size_t size = kHeaderBytes + length;
  if (input.size() < size) return Frame();
  return Frame(StreamFrame{.bytes = input.first(size), .consumed = size, .is_channel_data = false});
}

base::Result<Frame> channel_frame(Bytes input) {
  const std::size_t size = kLengthEnd + load16(input.data() + 2);
  // RFC 8656 §12.5: padded over TCP; the padding is not reflected in the length field.
  if (input.size() < padded(size)) return Frame();
  return Frame(
      StreamFrame{.bytes = input.first(size), .consumed = padded(size), .is_channel_data = true});
}

}  // namespace

base::Result<std::optional<StreamFrame>> first_frame(Bytes input) {
  if (input.empty()) return Frame();
  // RFC 8656 §12: the two first bits are 00 for STUN and 01 for channels. Those of the reserved
  // numbers have a length too: framing is kept, and who looks the channel up drops them.
  const unsigned kind = input[0] >> 6;
  if (kind > 1) return lost("neither STUN nor ChannelData");
  if (input.size() < kLengthEnd) return Frame();
  return kind == 0 ? stun_frame(input) : channel_frame(input);
}

}  // namespace bellhop::stun

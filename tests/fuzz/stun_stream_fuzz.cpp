// Any bytes as a TCP connection of a STUN client: wherever reads cut it, the same frames come out,
// and the end of framing is found at the same place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "component/base/error.hpp"
#include "relay/errors.hpp"
#include "relay/stun/message.hpp"
#include "relay/stun/stream_frame.hpp"
#include "relay/stun/wire.hpp"

namespace {

namespace stun = bellhop::stun;
using stun::Bytes;

// Where a frame stands in the stream.
struct Found {
  std::size_t begin = 0;
  std::size_t size = 0;
  std::size_t consumed = 0;
  bool is_channel_data = false;

  friend bool operator==(const Found&, const Found&) = default;
};

struct Frames {
  std::vector<Found> found;
  bool is_lost = false;
  std::size_t rest = 0;  // where what is not a whole frame begins
};

void check_frame(const stun::StreamFrame& frame, Bytes input) {
  BELLHOP_ASSERT(frame.bytes.data() == input.data() && frame.consumed <= input.size());
  BELLHOP_ASSERT(frame.bytes.size() >= 4 && frame.consumed == stun::padded(frame.bytes.size()));
  BELLHOP_ASSERT(frame.consumed <= stun::kStreamFrameBytesMax);
  if (frame.is_channel_data) {
    BELLHOP_ASSERT(frame.bytes.size() == 4U + stun::load16(input.data() + 2));
    BELLHOP_ASSERT(!stun::Message::parse(frame.bytes));
  } else {
    BELLHOP_ASSERT(frame.bytes.size() == frame.consumed);
    BELLHOP_ASSERT(frame.bytes.size() == stun::kHeaderBytes + stun::load16(input.data() + 2));
  }
}

Frames read_whole(Bytes input) {
  Frames frames;
  while (frames.rest < input.size()) {
    const Bytes rest = input.subspan(frames.rest);
    const auto first = stun::first_frame(rest);
    frames.is_lost = !first;
    if (!first || !*first) break;
    check_frame(**first, rest);
    frames.found.push_back({.begin = frames.rest,
                            .size = (*first)->bytes.size(),
                            .consumed = (*first)->consumed,
                            .is_channel_data = (*first)->is_channel_data});
    frames.rest += (*first)->consumed;
  }
  return frames;
}

// Every beginning of a frame asks for more; what is lost once stays lost.
void check_cuts(Bytes input, const Frames& frames) {
  for (const Found& found : frames.found) {
    const Bytes frame = input.subspan(found.begin, found.consumed);
    for (std::size_t cut = 0; cut < frame.size(); ++cut) {
      const auto first = stun::first_frame(frame.first(cut));
      BELLHOP_ASSERT(first && !*first);
    }
    const auto alone = stun::first_frame(frame);
    BELLHOP_ASSERT(alone && *alone && (*alone)->consumed == found.consumed);
  }
  const Bytes rest = input.subspan(frames.rest);
  bool is_lost = false;
  for (std::size_t cut = 0; cut <= rest.size(); ++cut) {
    const auto first = stun::first_frame(rest.first(cut));
    BELLHOP_ASSERT(!first || !*first);
    BELLHOP_ASSERT(!is_lost || !first);
    is_lost = !first;
    if (!first) BELLHOP_ASSERT(first.error().is(bellhop::relay::errors::not_stun));
  }
  BELLHOP_ASSERT(is_lost == frames.is_lost);
}

// As a session reads: so many bytes at a time into memory for the longest frame.
Frames read_in_pieces(Bytes input, std::size_t piece) {
  Frames frames;
  std::vector<std::uint8_t> memory;
  for (std::size_t at = 0; at < input.size() && !frames.is_lost;) {
    const std::size_t room = stun::kStreamFrameBytesMax - memory.size();
    const Bytes read = input.subspan(at, std::min({piece, room, input.size() - at}));
    BELLHOP_ASSERT(!read.empty());  // else a frame longer than the memory would stall it
    memory.insert(memory.end(), read.begin(), read.end());
    at += read.size();
    const Frames some = read_whole(memory);
    for (Found found : some.found) {
      found.begin += frames.rest;
      frames.found.push_back(found);
    }
    memory.erase(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(some.rest));
    frames.rest += some.rest;
    frames.is_lost = some.is_lost;
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  const Frames frames = read_whole(input);
  check_cuts(input, frames);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1400}}) {
    if (piece < 1400 && size > 4096) continue;  // each piece looks at what it has so far
    const Frames pieces = read_in_pieces(input, piece);
    BELLHOP_ASSERT(pieces.found == frames.found);
    BELLHOP_ASSERT(pieces.rest == frames.rest && pieces.is_lost == frames.is_lost);
  }
  return 0;
}

// Where a message ends in a TCP or TLS connection (RFC 8489 §6.2.2, RFC 8656 §12.5).
#pragma once

#include <cstddef>
#include <optional>

#include "component/base/error.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::stun {

/// A STUN message or ChannelData at the start of a stream.
struct StreamFrame {
  Bytes bytes;           ///< the message; ChannelData without its padding
  std::size_t consumed;  ///< with padding (TURN-C04)
  bool is_channel_data;
};

/// Longest frame: a STUN message with the largest length that is a multiple of 4; ChannelData with
/// header and padding is shorter (65540).
inline constexpr std::size_t kStreamFrameBytesMax = kHeaderBytes + 65532;

/// The first frame of `input`; nothing: more bytes are needed. Errors: errors::not_stun, when the
/// first byte is of neither kind, or the cookie or the length of a STUN header is wrong: framing is
/// lost then, and the connection must end (STN-01).
[[nodiscard]] base::Result<std::optional<StreamFrame>> first_frame(Bytes input);

}  // namespace bellhop::stun

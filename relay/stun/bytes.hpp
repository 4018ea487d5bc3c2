// The bytes of a datagram, seen and not owned.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bellhop::stun {

using Bytes = std::span<const std::uint8_t>;

/// Texts of attributes; UTF-8 is not checked.
[[nodiscard]] inline std::string_view to_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace bellhop::stun

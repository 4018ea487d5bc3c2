// Numbers in network order, read and written by copying: attributes need not be aligned in memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bellhop::stun {

static_assert(std::endian::native == std::endian::little, "swapping is right on these only");

/// The bytes at `at` must be there: whoever calls has checked.
[[nodiscard]] inline std::uint16_t load16(const std::uint8_t* at) {
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap16(value);
}
[[nodiscard]] inline std::uint32_t load32(const std::uint8_t* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}

/// There must be room at `at`.
inline void store16(std::uint8_t* at, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(at, &value, sizeof value);
}
inline void store32(std::uint8_t* at, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, sizeof value);
}

/// RFC 8489 §14: type and length before the value of an attribute.
inline constexpr std::size_t kAttributeHeaderBytes = 4;

/// RFC 8489 §14, RFC 8656 §12.5: up to the next multiple of four.
[[nodiscard]] constexpr std::size_t padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

}  // namespace bellhop::stun

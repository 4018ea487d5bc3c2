#include "relay/stun/crc32.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace bellhop::stun {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // RFC 1952 §8, bits reversed
constexpr std::size_t kStride = 8;                 // bytes that one step takes

// kTables[k][b]: what byte b followed by k zero bytes makes of the remainder.
using Tables = std::array<std::array<std::uint32_t, 256>, kStride>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1U) != 0 ? kPolynomial : 0);
    }
    tables[0][byte] = remainder;
  }
  for (std::size_t k = 1; k < kStride; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t take_stride(std::uint32_t remainder, const std::uint8_t* at) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  word ^= remainder;
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < kStride; ++i) {
    result ^= kTables[kStride - 1 - i][(word >> (8 * i)) & 0xFFU];
  }
  return result;
}

}  // namespace

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (; bytes.size() >= kStride; bytes = bytes.subspan(kStride)) {
    remainder = take_stride(remainder, bytes.data());
  }
  for (const std::uint8_t byte : bytes) {
    remainder = (remainder >> 8) ^ kTables[0][(remainder ^ byte) & 0xFFU];
  }
  return ~remainder;
}

}  // namespace bellhop::stun

// The checksum against the value that everybody knows, and against the sample code's way bit by
// bit.
#include "relay/stun/crc32.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace bellhop::stun {
namespace {

// RFC 1952 §8 without tables.
std::uint32_t slow_crc32(Bytes bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    remainder ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1U) != 0 ? (remainder >> 1) ^ 0xEDB88320 : remainder >> 1;
    }
  }
  return ~remainder;
}

TEST(Crc32, IsTheOneOfTheCheckValue) {
  EXPECT_EQ(crc32(to_bytes("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Crc32, IsTheSameAsBitByBitAtEverySizeAndAlignment) {
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < 200; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 167 + i / 7));
  for (std::size_t begin = 0; begin < 8; ++begin) {
    for (std::size_t size = 0; begin + size <= bytes.size(); ++size) {
      const Bytes part = Bytes(bytes).subspan(begin, size);
      ASSERT_EQ(crc32(part), slow_crc32(part)) << begin << ' ' << size;
    }
  }
}

}  // namespace
}  // namespace bellhop::stun

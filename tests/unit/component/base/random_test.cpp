// Random bytes: as many as wanted, and others each time.
#include "component/base/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace bellhop::base {
namespace {

TEST(Random, MakesAsManyBytesAsWantedAndOthersEachTime) {
  EXPECT_EQ(random_bytes(0), "");
  const std::string first = random_bytes(32);
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, random_bytes(32));
  EXPECT_NE(first, std::string(32, '\0'));
}

TEST(Random, FillsTheWholeOfAnArray) {
  std::array<unsigned char, 64> bytes{};
  fill_random(bytes);
  const auto last_half = std::string(bytes.begin() + 32, bytes.end());
  EXPECT_NE(last_half, std::string(32, '\0'));
}

}  // namespace
}  // namespace bellhop::base

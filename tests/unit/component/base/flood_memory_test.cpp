// When the memory of a flood is given back.
#include "component/base/flood_memory.hpp"

#include <gtest/gtest.h>

namespace bellhop::base {
namespace {

TEST(FloodMemory, GivesNothingBackWithoutAFlood) {
  FloodMemory memory;
  for (const std::size_t open : {std::size_t{0}, FloodMemory::kFlood - 1, std::size_t{0}}) {
    EXPECT_FALSE(memory.note(open)) << open;
  }
}

TEST(FloodMemory, GivesBackAtEachHalvingUntilFewAreLeft) {
  FloodMemory memory;
  EXPECT_FALSE(memory.note(8000));
  EXPECT_FALSE(memory.note(4001));
  EXPECT_TRUE(memory.note(4000));
  EXPECT_FALSE(memory.note(2001));
  EXPECT_TRUE(memory.note(200));
  EXPECT_FALSE(memory.note(150)) << "below what a flood is, but it began as one";
  EXPECT_TRUE(memory.note(FloodMemory::kFew));
  EXPECT_FALSE(memory.note(0)) << "it is over";
}

TEST(FloodMemory, SeesTheNextFlood) {
  FloodMemory memory;
  EXPECT_FALSE(memory.note(FloodMemory::kFlood));
  EXPECT_TRUE(memory.note(0));
  EXPECT_FALSE(memory.note(FloodMemory::kFlood));
  EXPECT_TRUE(memory.note(0));
}

}  // namespace
}  // namespace bellhop::base

// Bars.
#include "api/ctl/sparkline.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bellhop::ctl {
namespace {

TEST(Sparkline, HasABarPerValue) {
  EXPECT_EQ(sparkline({0, 1, 4, 8}, 10, true), " ▁▄█");
  EXPECT_EQ(sparkline({0, 1, 4, 8}, 10, false), "_.:#");
  EXPECT_EQ(sparkline({}, 10, true), "");
  EXPECT_EQ(sparkline({0, 0}, 10, true), "  ");
}

TEST(Sparkline, ShowsWhatIsNotNothing) {
  EXPECT_EQ(sparkline({1, std::numeric_limits<std::uint64_t>::max()}, 10, true), "▁█");
}

TEST(Sparkline, KeepsTheHighestWhenItIsNarrowed) {
  EXPECT_EQ(sparkline({0, 8, 0, 0, 1, 0}, 3, true), "█ ▁");
  EXPECT_EQ(sparkline({1, 2, 3}, 1, true), "█");
  EXPECT_EQ(sparkline({1, 2, 3}, 0, true), "");
}

}  // namespace
}  // namespace bellhop::ctl

// Range against the size of a file.
#include "proxy/http/byte_range.hpp"

#include <gtest/gtest.h>

#include <string>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using Ranges = std::vector<ByteRange>;

// The outcome in short: "whole", "416", or the ranges as they were selected.
std::string select(std::string_view range, std::uint64_t size) {
  const RangeSelection selection = select_ranges(range, size);
  if (selection.outcome == RangeOutcome::whole) return "whole";
  if (selection.outcome == RangeOutcome::unsatisfiable) return "416";
  std::string text;
  for (const ByteRange& each : selection.ranges) {
    if (!text.empty()) text += ' ';
    text += std::to_string(each.first) + '-' + std::to_string(each.last);
  }
  return text;
}

// HUP-28: one range in each of its forms.
TEST(ByteRange, SelectsOneRange) {
  EXPECT_EQ(select("bytes=0-499", 1000), "0-499");
  EXPECT_EQ(select("bytes=500-", 1000), "500-999");
  EXPECT_EQ(select("bytes=0-", 1000), "0-999");
  EXPECT_EQ(select("bytes=-1", 1000), "999-999");
  EXPECT_EQ(select("bytes=999-999", 1000), "999-999");
  EXPECT_EQ(select("bytes=0-0", 1), "0-0");
  EXPECT_EQ(select(" BYTES=0-0 ", 1), "0-0");
}

TEST(ByteRange, CutsAtTheEndOfTheFile) {
  EXPECT_EQ(select("bytes=500-1000", 1000), "500-999");
  EXPECT_EQ(select("bytes=0-99999999999999999999999999", 1000), "0-999");
  EXPECT_EQ(select("bytes=-1001", 1000), "0-999");
  EXPECT_EQ(select("bytes=-99999999999999999999999999", 1000), "0-999");
}

// HUP-28: 416 with the size.
TEST(ByteRange, SaysWhatLiesBehindTheEnd) {
  EXPECT_EQ(select("bytes=1000-", 1000), "416");
  EXPECT_EQ(select("bytes=1000-1001", 1000), "416");
  EXPECT_EQ(select("bytes=-0", 1000), "416");
  EXPECT_EQ(select("bytes=1000-, -0, 2000-3000", 1000), "416");
  EXPECT_EQ(select("bytes=99999999999999999999999999-", 1000), "416");
  EXPECT_EQ(unsatisfied_range(1000), "bytes */1000");
}

TEST(ByteRange, SelectsFromAnEmptyFile) {
  EXPECT_EQ(select("bytes=0-", 0), "416");
  EXPECT_EQ(select("bytes=0-0", 0), "416");
  EXPECT_EQ(select("bytes=-0", 0), "416");
  EXPECT_EQ(select("bytes=-5", 0), "whole");
  EXPECT_EQ(select("bytes=0-0,-5", 0), "whole");
  EXPECT_EQ(unsatisfied_range(0), "bytes */0");
}

TEST(ByteRange, SelectsSeveralRangesAndLeavesOutWhatIsNotThere) {
  EXPECT_EQ(select("bytes=0-1,4-5,8-", 10), "0-1 4-5 8-9");
  EXPECT_EQ(select("bytes= 0-1 , ,4-5,", 10), "0-1 4-5");
  EXPECT_EQ(select("bytes=0-1,20-", 10), "0-1");
}

// RFC 9110 §14.2, §15.3.7.2; CVE-2011-3192.
TEST(ByteRange, MergesWhatOverlapsOrTouches) {
  EXPECT_EQ(select("bytes=0-4,3-6", 10), "0-6");
  EXPECT_EQ(select("bytes=0-4,5-6", 10), "0-6");
  EXPECT_EQ(select("bytes=0-4,6-7", 10), "0-4 6-7");
  EXPECT_EQ(select("bytes=0-9,2-3,5-5", 10), "0-9");
  EXPECT_EQ(select("bytes=0-0,0-0,0-0", 10), "0-0");
  EXPECT_EQ(select("bytes=-3,0-", 10), "0-9");
}

TEST(ByteRange, GivesRangesInTheOrderOfTheFile) {
  EXPECT_EQ(select("bytes=8-,4-5,0-1", 10), "0-1 4-5 8-9");
}

TEST(ByteRange, IgnoresOtherUnitsAndWhatDoesNotParse) {
  for (const std::string_view ignored : {"",
                                         "bytes",
                                         "bytes=",
                                         "bytes=,",
                                         "bytes=-",
                                         "bytes=--1",
                                         "bytes=5-4",
                                         "bytes=a-b",
                                         "bytes=0-1;2-3",
                                         "bytes=0 - 1",
                                         "bytes 0-1",
                                         "bytes =0-1",
                                         "seconds=0-1",
                                         "octets=0-",
                                         "bytes=0-1,x",
                                         "bytes=0-1-2",
                                         "bytes=0x0-0x1",
                                         "bytes=+0-1",
                                         "=0-1",
                                         "bytes=5",
                                         "bytes=0-1,5-4",
                                         "bytes=\"0-1\"",
                                         "bytes=\"0-1"}) {
    EXPECT_EQ(select(ignored, 10), "whole") << ignored;
  }
}

TEST(ByteRange, ReadsSixteenRangesAndNotOneMore) {
  std::string range = "bytes=";
  for (std::size_t i = 0; i < kRangesMax; ++i)
    range += std::to_string(2 * i) + '-' + std::to_string(2 * i) + ',';
  EXPECT_EQ(select_ranges(range, 1000).ranges.size(), kRangesMax);
  EXPECT_EQ(select(range + "900-", 1000), "whole");
  EXPECT_EQ(select("bytes=0-0," + std::string(1 << 20, ','), 1000), "whole");
}

TEST(ByteRange, DoesNotOverflowWithTheLargestFile) {
  EXPECT_EQ(select("bytes=0-", kFileBytesMax), "0-9223372036854775806");
  EXPECT_EQ(select("bytes=-9223372036854775807", kFileBytesMax), "0-9223372036854775806");
  EXPECT_EQ(select("bytes=9223372036854775806-9223372036854775807", kFileBytesMax),
            "9223372036854775806-9223372036854775806");
  EXPECT_EQ(select("bytes=9223372036854775807-", kFileBytesMax), "416");
  EXPECT_EQ(select("bytes=18446744073709551615-18446744073709551616", kFileBytesMax), "416");
  EXPECT_EQ(select("bytes=0-9223372036854775806,0-18446744073709551615", kFileBytesMax),
            "0-9223372036854775806");
  EXPECT_EQ(satisfied_range({0, kFileBytesMax - 1}, kFileBytesMax),
            "bytes 0-9223372036854775806/9223372036854775807");
}

// Every range of a small file, against what it says.
TEST(ByteRange, SelectsExactlyTheBytesThatWereAskedFor) {
  constexpr std::uint64_t kSize = 6;
  for (std::uint64_t first = 0; first < 9; ++first) {
    for (std::uint64_t last = first; last < 9; ++last) {
      const std::string range = "bytes=" + std::to_string(first) + '-' + std::to_string(last);
      const RangeSelection selection = select_ranges(range, kSize);
      if (first >= kSize) {
        EXPECT_EQ(selection.outcome, RangeOutcome::unsatisfiable) << range;
      } else {
        EXPECT_EQ(selection.ranges, (Ranges{{first, std::min(last, kSize - 1)}})) << range;
      }
    }
  }
}

}  // namespace
}  // namespace bellhop::http

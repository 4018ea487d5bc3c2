// Sizes, rates, durations and moments, at their bounds.
#include "api/ctl/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bellhop::ctl {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

const Moment kNow(std::chrono::seconds(1'772'366'400));  // 2026-03-01 12:00:00 UTC

std::uint64_t size(std::string_view text) {
  const auto parsed = parse_size(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : 0;
}

TEST(Units, ReadsSizesInPowersOf1000AndOf1024) {
  EXPECT_EQ(size("0"), 0U);
  EXPECT_EQ(size("1500"), 1'500U);
  EXPECT_EQ(size("500k"), 500'000U);
  EXPECT_EQ(size("10M"), 10'000'000U);
  EXPECT_EQ(size("1Gi"), 1'073'741'824U);
  EXPECT_EQ(size("512 KiB"), 524'288U);
  EXPECT_EQ(size("3TB"), 3'000'000'000'000U);
  EXPECT_EQ(size("7B"), 7U);
}

TEST(Units, ReadsFractionsExactly) {
  EXPECT_EQ(size("1.5G"), 1'500'000'000U);
  EXPECT_EQ(size("0.5Ki"), 512U);
  EXPECT_EQ(size("0.1M"), 100'000U);
  EXPECT_EQ(size("1.999999999999k"), 1'999U);
}

TEST(Units, ReadsTheLargestSizeAndRefusesOneMore) {
  EXPECT_EQ(size("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(parse_size("18446744073709551616"));
  EXPECT_EQ(size("16383Pi"), 16'383ULL << 50U);
  EXPECT_FALSE(parse_size("16384Pi"));
}

TEST(Units, RefusesWhatIsNoSizeAndSaysWhatIs) {
  for (const char* text : {"", "k", "-1", "+1", "1x", "1kk", "1i", "1.", ".5", "1e3", "0x10", " 1",
                           "1 k i", "ten", "1KiBs", "\n"}) {
    const auto parsed = parse_size(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().detail().find("500k"), std::string::npos);
  }
  EXPECT_FALSE(parse_size(std::string(1'000, '1')));
  EXPECT_LT(parse_size(std::string(1'000, 'x')).error().detail().size(), 200U);
}

TEST(Units, ReadsLimitsAndTheirAbsence) {
  EXPECT_EQ(*parse_size_limit("2Ki"), 2048U);
  EXPECT_EQ(*parse_size_limit("none"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(*parse_count_limit("12"), 12U);
  EXPECT_EQ(*parse_count_limit("none"), std::numeric_limits<std::uint32_t>::max());
  for (const char* text : {"", "0", "-1", "None", "no", "1x", " 1"}) {
    EXPECT_FALSE(parse_size_limit(text)) << text;
    EXPECT_FALSE(parse_count_limit(text)) << text;
  }
  EXPECT_FALSE(parse_count_limit("4294967296"));
  EXPECT_FALSE(parse_count_limit("1.5"));
}

TEST(Units, ReadsRatesWithOrWithoutTheSecond) {
  EXPECT_EQ(*parse_rate("2MiB/s"), 2U << 20U);
  EXPECT_EQ(*parse_rate("500k"), 500'000U);
  EXPECT_FALSE(parse_rate("500k/m"));
  EXPECT_FALSE(parse_rate("/s"));
}

TEST(Units, ReadsDurations) {
  EXPECT_EQ(*parse_duration("500ms"), 500ms);
  EXPECT_EQ(*parse_duration("90s"), 90s);
  EXPECT_EQ(*parse_duration("90"), 90s);
  EXPECT_EQ(*parse_duration("1.5"), 1'500ms);
  EXPECT_EQ(*parse_duration("10m"), 10min);
  EXPECT_EQ(*parse_duration("2h"), 2h);
  EXPECT_EQ(*parse_duration("1d"), 24h);
  EXPECT_EQ(*parse_duration("2w"), 336h);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("1h 30m"), 90min);
  EXPECT_EQ(*parse_duration("0"), 0s);
}

TEST(Units, ReadsTheLongestDurationAndRefusesMore) {
  EXPECT_EQ(*parse_duration("36525d"), milliseconds(kDurationMax));
  EXPECT_FALSE(parse_duration("36525d1ms"));
  EXPECT_FALSE(parse_duration("99999999999999999999d"));
  for (const char* text : {"", "s", "-1s", "1 y", "1h30", "5 minutes", "1s,2s", "1..5s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Units, ReadsMomentsAgoAheadAndOnADate) {
  EXPECT_EQ(*parse_moment("now", kNow), kNow);
  EXPECT_EQ(*parse_moment("1h", kNow), kNow - 1h);
  EXPECT_EQ(*parse_future("1h", kNow), kNow + 1h);
  EXPECT_EQ(*parse_moment("2026-03-01T12:00:00Z", Moment{}), kNow);
  EXPECT_EQ(*parse_future("2026-03-01", Moment{}), kNow - 12h);
}

TEST(Units, RefusesDatesThatDoNotExist) {
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-00-01", "1969-12-31", "2101-01-01", "2026-3-1",
        "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:00",
        "2026-03-01T12:00:00+01", "2026-03-01 12:00:00Z", "2026-03-0 ", "yesterday"}) {
    EXPECT_FALSE(parse_moment(text, kNow)) << text;
  }
}

TEST(Units, WritesBytesInFourDigitsAtMost) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1'000), "1.0 KiB");
  EXPECT_EQ(format_bytes(1'536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1'023'900), "999.9 KiB");
  EXPECT_EQ(format_bytes(1'023'999), "1.0 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
  EXPECT_EQ(format_rate(0), "-");
  EXPECT_EQ(format_rate(2'097'152), "2.0 MiB/s");
}

TEST(Units, WritesDurations) {
  EXPECT_EQ(format_duration(-5s), "0s");
  EXPECT_EQ(format_duration(999ms), "0s");
  EXPECT_EQ(format_duration(59s), "59s");
  EXPECT_EQ(format_duration(200s), "3m 20s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(3'601s), "1h");
  EXPECT_EQ(format_duration(76h), "3d 4h");
  EXPECT_EQ(format_age(76h), "3d");
  EXPECT_EQ(format_age(0s), "0s");
}

TEST(Units, WritesMomentsInLocalTime) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(format_moment(kNow), "2026-03-01 12:00:00");
  EXPECT_EQ(format_moment(Moment{}), "-");
  EXPECT_EQ(format_time_of_day(kNow), "12:00:00");
}

}  // namespace
}  // namespace bellhop::ctl

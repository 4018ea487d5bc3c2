// Ids that sort by time.
#include "component/base/ulid.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace bellhop::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

system_clock::time_point at(std::int64_t ms) {
  return system_clock::time_point(milliseconds(ms));
}

TEST(Ulid, IsTwentySixDigitsOfCrockfordsBase32) {
  UlidSource source;
  const std::string text = source.next(system_clock::now()).text();
  EXPECT_EQ(text.size(), 26U);
  EXPECT_EQ(text.find_first_not_of(kCrockford), std::string::npos) << text;
}

TEST(Ulid, WritesTheSmallestAndTheLargestValue) {
  Ulid id;
  EXPECT_EQ(id.text(), "00000000000000000000000000");
  id.bytes.fill(0xff);
  EXPECT_EQ(id.text(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

// The example of the ULID specification: 1469918176385 ms is written 01ARYZ6S41.
TEST(Ulid, BeginsWithTheMillisecondsOfItsTime) {
  UlidSource source;
  EXPECT_EQ(source.next(at(1469918176385)).text().substr(0, 10), "01ARYZ6S41");
}

TEST(Ulid, SortsByTimeAsValueAndAsText) {
  UlidSource source;
  const Ulid earlier = source.next(at(1'700'000'000'000));
  const Ulid later = source.next(at(1'700'000'000'001));
  EXPECT_LT(earlier, later);
  EXPECT_LT(earlier.text(), later.text());
}

TEST(Ulid, ReadsWhatItWrites) {
  UlidSource source;
  for (int i = 0; i < 1000; ++i) {
    const Ulid id = source.next(at(1'700'000'000'000 + i));
    EXPECT_EQ(Ulid::parse(id.text()), id) << id.text();
  }
  Ulid largest;
  largest.bytes.fill(0xff);
  EXPECT_EQ(Ulid::parse(largest.text()), largest);
  EXPECT_EQ(Ulid::parse(Ulid{}.text()), Ulid{});
}

TEST(Ulid, ReadsBothCases) {
  const auto upper = Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");
  ASSERT_TRUE(upper);
  EXPECT_EQ(Ulid::parse("01arz3ndektsv4rrffq69g5fav"), upper);
  EXPECT_EQ(Ulid::parse("01arz3ndektSV4RRFFQ69G5FAV"), upper);
  EXPECT_EQ(upper->text(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

// More than 128 bits, letters that Crockford left out, a digit too few or too many.
TEST(Ulid, ReadsNothingElse) {
  const std::string good = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  EXPECT_FALSE(Ulid::parse(""));
  EXPECT_FALSE(Ulid::parse(good.substr(1)));
  EXPECT_FALSE(Ulid::parse(good + "0"));
  EXPECT_FALSE(Ulid::parse(std::string(1'000'000, '0')));
  EXPECT_TRUE(Ulid::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  EXPECT_FALSE(Ulid::parse("80000000000000000000000000"));
  EXPECT_FALSE(Ulid::parse("Z0000000000000000000000000"));
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (const char bad : std::string_view("ILOUilou -/:@[`{\x7f\x80\xff\0", 20)) {
      std::string text = good;
      text[place] = bad;
      EXPECT_FALSE(Ulid::parse(text)) << text;
    }
  }
}

// Each of the 256 bytes in each place is a digit, or the text is refused.
TEST(Ulid, ReadsEachDigitInEachPlace) {
  for (std::size_t place = 1; place < 26; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(26, '0');
      text[place] = static_cast<char>(byte);
      const auto id = Ulid::parse(text);
      text[place] = static_cast<char>(std::toupper(byte));
      EXPECT_EQ(id.has_value(), byte < 128 && kCrockford.find(text[place]) != kCrockford.npos);
      EXPECT_EQ(id.value_or(Ulid{}).text(), id ? text : std::string(26, '0'));
    }
  }
}

TEST(UlidSource, NeverRepeatsAnIdOfOneMillisecond) {
  UlidSource one;
  UlidSource other;
  std::set<Ulid> seen;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(seen.insert(one.next(at(1))).second);
    EXPECT_TRUE(seen.insert(other.next(at(1))).second);
  }
}

}  // namespace
}  // namespace bellhop::base

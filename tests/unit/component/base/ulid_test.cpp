// Ids that sort by time.
#include "component/base/ulid.hpp"

#include <gtest/gtest.h>

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

// How long files are kept, by purpose and size.
#include "proxy/files/retention.hpp"

#include <gtest/gtest.h>

namespace bellhop::files {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLargest = 1'000'000;

config::FilesSettings settings() {
  config::FilesSettings settings;
  settings.file_bytes_max = kLargest;
  settings.retention = 1000s;
  settings.retention_min = 200s;
  settings.profile_retention = 5000s;
  return settings;
}

TEST(Retention, IsTheLongestForTheSmallestAndTheShortestForTheLargest) {
  EXPECT_EQ(retention_of(settings(), Purpose::message, 0), 1000);
  EXPECT_EQ(retention_of(settings(), Purpose::message, kLargest), 200);
  EXPECT_EQ(retention_of(settings(), Purpose::message, kLargest / 2), 300);  // 200 + 800 / 8
}

TEST(Retention, NeverGrowsWithTheSize) {
  Second last = retention_of(settings(), Purpose::message, 0);
  for (std::uint64_t size = 0; size <= kLargest; size += 10'000) {
    const Second kept = retention_of(settings(), Purpose::message, size);
    EXPECT_LE(kept, last) << size;
    EXPECT_GE(kept, 200) << size;
    last = kept;
  }
}

// A quota may allow one user more than the option says.
TEST(Retention, IsTheShortestForFilesAboveTheMaximum) {
  EXPECT_EQ(retention_of(settings(), Purpose::message, kLargest + 1), 200);
  EXPECT_EQ(retention_of(settings(), Purpose::message, ~std::uint64_t{0}), 200);
}

TEST(Retention, HasNoMinimumAboveTheMaximum) {
  auto odd = settings();
  odd.retention_min = 2000s;
  EXPECT_EQ(retention_of(odd, Purpose::message, 0), 1000);
  EXPECT_EQ(retention_of(odd, Purpose::message, kLargest), 1000);
}

// HUP-11, HUP-13: what XEP-0363 §5 says of each purpose.
TEST(Retention, IsAsThePurposeAsks) {
  EXPECT_EQ(retention_of(settings(), Purpose::permanent, kLargest), 0);
  EXPECT_EQ(retention_of(settings(), Purpose::profile, kLargest), 5000);
  EXPECT_EQ(retention_of(settings(), Purpose::ephemeral, kLargest), 200);
}

TEST(Retention, IsForEverWhenTheSettingsSaySo) {
  auto ever = settings();
  ever.retention = 0s;
  ever.profile_retention = 0s;
  EXPECT_EQ(retention_of(ever, Purpose::message, kLargest), 0);
  EXPECT_EQ(retention_of(ever, Purpose::profile, 1), 0);
}

// HUP-12: expire-before wins over a later end, never over an earlier one.
TEST(Expiry, IsTheEarlierOfAgeAndLatestMoment) {
  FileFacts facts;
  EXPECT_EQ(expiry_of(facts, 1000), 0);
  facts.retention = 50;
  EXPECT_EQ(expiry_of(facts, 1000), 1050);
  facts.expires_at_latest = 1049;
  EXPECT_EQ(expiry_of(facts, 1000), 1049);
  facts.expires_at_latest = 1051;
  EXPECT_EQ(expiry_of(facts, 1000), 1050);
  facts.retention = 0;
  EXPECT_EQ(expiry_of(facts, 1000), 1051);
}

}  // namespace
}  // namespace bellhop::files

// Who moves most, in fixed memory.
#include "api/observe/heavy_hitters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace bellhop::observe {
namespace {

using Truth = std::map<std::string, std::uint64_t>;

std::string user(std::uint64_t number) {
  return "user" + std::to_string(number) + "@example.org";
}

// Few move much, many move little.
std::uint64_t skewed(std::mt19937_64& random, std::uint64_t users) {
  const std::uint64_t below = 1 + random() % users;
  return random() % below;
}

// Every promise of the header, for each key of the truth.
void check_bounds(const HeavyHitters& sketch, const Truth& truth) {
  for (const auto& [key, bytes] : truth) {
    const HeavyHitter known = sketch.estimate(key);
    ASSERT_GE(known.count, bytes) << key;
    ASSERT_LE(known.count - known.error, bytes) << key;
    ASSERT_LE(known.error, sketch.error_max()) << key;
  }
}

TEST(HeavyHitters, AreExactWhileThereIsRoom) {
  HeavyHitters sketch(3);
  sketch.add("a", 5);
  sketch.add("b", 7);
  sketch.add("c", 1);
  sketch.add("a", 6);
  EXPECT_EQ(sketch.error_max(), 1U);  // a fourth key may have had as much as the lightest
  EXPECT_EQ(sketch.total(), 19U);
  const std::vector<HeavyHitter> expected{{"a", 11, 0}, {"b", 7, 0}, {"c", 1, 0}};
  EXPECT_EQ(sketch.top(10), expected);
}

TEST(HeavyHitters, HandTheLightestCounterOn) {
  HeavyHitters sketch(2);
  sketch.add("a", 10);
  EXPECT_EQ(sketch.error_max(), 0U);
  sketch.add("b", 3);
  sketch.add("c", 4);
  const std::vector<HeavyHitter> expected{{"a", 10, 0}, {"c", 7, 3}};
  EXPECT_EQ(sketch.top(10), expected);
  EXPECT_EQ(sketch.estimate("b"), (HeavyHitter{"b", 7, 7}));
  EXPECT_EQ(sketch.total(), 17U);
}

TEST(HeavyHitters, WorkWithOneCounter) {
  HeavyHitters sketch(1);
  for (std::uint64_t i = 0; i < 100; ++i) sketch.add(user(i), 1);
  EXPECT_EQ(sketch.top(5), (std::vector<HeavyHitter>{{user(99), 100, 99}}));
}

TEST(HeavyHitters, OrderEqualOnesByKey) {
  HeavyHitters sketch(10);
  for (const auto* key : {"c", "a", "b"}) sketch.add(key, 4);
  const auto top = sketch.top(2);
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].key, "a");
  EXPECT_EQ(top[1].key, "b");
}

TEST(HeavyHitters, EvictNobodyForNothing) {
  HeavyHitters sketch(1);
  sketch.add("a", 1);
  sketch.add("b", 0);
  EXPECT_EQ(sketch.top(1), (std::vector<HeavyHitter>{{"a", 1, 0}}));
}

TEST(HeavyHitters, ForgetWhenCleared) {
  HeavyHitters sketch(2);
  for (std::uint64_t i = 0; i < 5; ++i) sketch.add(user(i), 9);
  sketch.clear();
  EXPECT_EQ(sketch.total(), 0U);
  EXPECT_EQ(sketch.error_max(), 0U);
  EXPECT_TRUE(sketch.top(5).empty());
  sketch.add("a", 2);
  EXPECT_EQ(sketch.top(5), (std::vector<HeavyHitter>{{"a", 2, 0}}));
}

TEST(HeavyHitters, CutKeysBetweenCharacters) {
  HeavyHitters sketch(4);
  const std::string longest(kHeavyKeyBytesMax, 'x');
  sketch.add(longest, 1);
  sketch.add(longest + "y", 2);  // counts as the same
  EXPECT_EQ(sketch.top(1), (std::vector<HeavyHitter>{{longest, 3, 0}}));
  const std::string wide = std::string(kHeavyKeyBytesMax - 1, 'x') + "\xC3\xA9";
  sketch.add(wide, 9);
  EXPECT_EQ(sketch.top(1)[0].key, std::string(kHeavyKeyBytesMax - 1, 'x'));
  EXPECT_EQ(sketch.estimate(wide).count, 9U);
}

TEST(HeavyHitters, KeepTheirBoundsOnRandomStreams) {
  for (const std::size_t capacity : {1U, 2U, 3U, 50U, 1024U}) {
    std::mt19937_64 random(capacity);
    HeavyHitters sketch(capacity);
    Truth truth;
    std::uint64_t total = 0;
    for (int i = 0; i < 30'000; ++i) {
      const std::string key = user(skewed(random, 3000));
      const std::uint64_t bytes = random() % 100'000;
      sketch.add(key, bytes);
      truth[key] += bytes;
      total += bytes;
    }
    check_bounds(sketch, truth);
    EXPECT_EQ(sketch.total(), total);
    EXPECT_LE(sketch.error_max(), total / capacity);
    EXPECT_EQ(sketch.top(100'000).size(), std::min(capacity, truth.size()));
    std::uint64_t sum = 0;
    for (const auto& hitter : sketch.top(capacity)) sum += hitter.count;
    EXPECT_EQ(sum, total);  // what one counter loses another has
  }
}

TEST(HeavyHitters, FindWhoeverIsAboveTheErrorBound) {
  std::mt19937_64 random(7);
  HeavyHitters sketch(50);
  for (int i = 0; i < 20'000; ++i) sketch.add(user(random() % 5000), 1);
  sketch.add("hog@example.org", sketch.error_max() + 1);
  for (int i = 0; i < 1000; ++i) sketch.add(user(random() % 5000), 1);
  EXPECT_EQ(sketch.top(1)[0].key, "hog@example.org");
}

// A stranger's flood of names: one counter each, and the heavy ones stay.
TEST(HeavyHitters, KeepHeavyOnesThroughAFloodOfNames) {
  HeavyHitters sketch(100);
  for (std::uint64_t i = 0; i < 10; ++i) sketch.add("heavy" + std::to_string(i), 1'000'000);
  for (std::uint64_t i = 0; i < 50'000; ++i) sketch.add(user(i), 100);
  for (const auto& hitter : sketch.top(10)) EXPECT_EQ(hitter.key.substr(0, 5), "heavy");
}

TEST(HeavyHitters, KeepTheirBoundsWhenMerged) {
  std::mt19937_64 random(3);
  std::vector<HeavyHitters> sketches;
  Truth truth;
  for (const std::size_t capacity : {20U, 40U, 1U, 5000U}) {
    HeavyHitters& sketch = sketches.emplace_back(capacity);
    for (int i = 0; i < 5000; ++i) {
      const std::string key = user(skewed(random, 500));
      sketch.add(key, i % 997U);
      truth[key] += i % 997U;
    }
  }
  std::vector<const HeavyHitters*> all;
  std::uint64_t error_max = 0;
  for (const auto& sketch : sketches) {
    all.push_back(&sketch);
    error_max += sketch.error_max();
  }
  const auto top = HeavyHitters::top_of(all, 100'000);
  std::uint64_t before = ~std::uint64_t{0};
  for (const auto& hitter : top) {
    EXPECT_GE(hitter.count, truth[hitter.key]);
    EXPECT_LE(hitter.count - hitter.error, truth[hitter.key]);
    EXPECT_LE(hitter.error, error_max);
    EXPECT_LE(hitter.count, before);
    before = hitter.count;
  }
}

}  // namespace
}  // namespace bellhop::observe

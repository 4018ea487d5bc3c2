// Counters of shards and their sum.
#include "component/base/counters.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace bellhop::base {
namespace {

enum class Fruit : std::uint8_t { apple, pear, count_ };

constexpr std::array<CounterName, 2> kNames{{
    {"bellhop_test_fruit_total", "apple"},
    {"bellhop_test_fruit_total", "pear"},
}};

TEST(CounterBlock, AddsSubtractsAndSetsEachCounterAlone) {
  CounterBlock<Fruit> block;
  EXPECT_EQ(block.read(Fruit::apple), 0U);
  block.add(Fruit::apple);
  block.add(Fruit::apple, 41);
  block.subtract(Fruit::apple, 2);
  block.set(Fruit::pear, 7);
  EXPECT_EQ(block.read(Fruit::apple), 40U);
  EXPECT_EQ(block.read(Fruit::pear), 7U);
}

TEST(CounterBlock, NeverSharesACacheLine) {
  ShardedCounters<Fruit> counters(2);
  const auto first = reinterpret_cast<std::uintptr_t>(&counters.of_shard(0));
  const auto second = reinterpret_cast<std::uintptr_t>(&counters.of_shard(1));
  EXPECT_EQ(first % 128, 0U);
  EXPECT_EQ(second % 128, 0U);
  EXPECT_NE(first / 128, second / 128);
}

TEST(ShardedCounters, SumOverAllShards) {
  ShardedCounters<Fruit> counters(3);
  counters.of_shard(0).add(Fruit::pear, 1);
  counters.of_shard(1).add(Fruit::pear, 10);
  counters.of_shard(2).add(Fruit::pear, 100);
  EXPECT_EQ(counters.sum(Fruit::pear), 111U);
  EXPECT_EQ(counters.sum(Fruit::apple), 0U);
}

// A gauge may be raised on one shard and lowered on another; only the sum has a meaning.
TEST(ShardedCounters, SumAGaugeThatGoesBelowZeroOnOneShard) {
  ShardedCounters<Fruit> counters(2);
  counters.of_shard(0).add(Fruit::apple, 3);
  counters.of_shard(1).subtract(Fruit::apple, 2);
  EXPECT_EQ(counters.sum(Fruit::apple), 1U);
}

TEST(CounterRegistry, ReadsEveryCounterUnderItsNameAsItIsNow) {
  ShardedCounters<Fruit> counters(1);
  CounterRegistry registry;
  EXPECT_TRUE(registry.read().empty());
  registry.add(counters, kNames);
  counters.of_shard(0).add(Fruit::pear, 5);
  const auto readings = registry.read();
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].name.reason, "apple");
  EXPECT_EQ(readings[0].value, 0U);
  EXPECT_EQ(readings[1].name.metric, "bellhop_test_fruit_total");
  EXPECT_EQ(readings[1].name.reason, "pear");
  EXPECT_EQ(readings[1].value, 5U);
}

}  // namespace
}  // namespace bellhop::base

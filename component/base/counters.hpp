// Counters per shard: one writer each, summed by whoever reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellhop::base {

/// What a counter is called: the metric and, where one metric has several, its reason label.
struct CounterName {
  std::string_view metric;  ///< bellhop_<folder>_<noun>_<unit>[_total]
  std::string_view reason;  ///< from a closed set; empty: none
};

/// The counters that one shard writes, indexed by an enum whose last enumerator is `count_`.
/// Aligned so that two shards never write one cache line.
template <typename Index>
class alignas(128) CounterBlock {
 public:
  /// By the owning shard only: a plain load and store, because there is one writer.
  void add(Index index, std::uint64_t n = 1) {
    auto& value = values_[static_cast<std::size_t>(index)];
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(Index index, std::uint64_t n = 1) {
    auto& value = values_[static_cast<std::size_t>(index)];
    value.store(value.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  /// For gauges that a table knows better.
  void set(Index index, std::uint64_t n) {
    values_[static_cast<std::size_t>(index)].store(n, std::memory_order_relaxed);
  }
  /// From any thread.
  [[nodiscard]] std::uint64_t read(Index index) const {
    return values_[static_cast<std::size_t>(index)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Index::count_)> values_{};
};

/// One block per shard. Blocks never move, so a shard keeps a reference to its own.
template <typename Index>
class ShardedCounters {
 public:
  explicit ShardedCounters(std::size_t shards) : blocks_(shards) {}
  [[nodiscard]] CounterBlock<Index>& of_shard(std::size_t shard) { return blocks_[shard]; }
  /// Sum over all shards, from any thread. Each addend is exact; they are read one after another.
  [[nodiscard]] std::uint64_t sum(Index index) const {
    std::uint64_t total = 0;
    for (const auto& block : blocks_) total += block.read(index);
    return total;
  }

 private:
  std::deque<CounterBlock<Index>> blocks_;
};

/// Where features list their counters so that something can read them all by name.
/// Filled by main before the shards start, read-only afterwards.
class CounterRegistry {
 public:
  struct Reading {
    CounterName name;
    std::uint64_t value;
  };

  /// `counters` must outlive the registry; `names` has one row per enumerator, in order.
  template <typename Index>
  void add(const ShardedCounters<Index>& counters,
           const std::array<CounterName, static_cast<std::size_t>(Index::count_)>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      rows_.push_back({names[i], [&counters, i] { return counters.sum(static_cast<Index>(i)); }});
    }
  }

  [[nodiscard]] std::vector<Reading> read() const {
    std::vector<Reading> readings;
    readings.reserve(rows_.size());
    for (const auto& [name, value] : rows_) readings.push_back({name, value()});
    return readings;
  }

 private:
  std::vector<std::pair<CounterName, std::function<std::uint64_t()>>> rows_;
};

}  // namespace bellhop::base

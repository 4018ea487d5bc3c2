// Who moves most, in fixed memory: the Space-Saving sketch (Metwally, Agrawal, El Abbadi 2005).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bellhop::observe {

/// Longer keys are cut: a bare JID has two parts of 1,023 bytes and an @ (RFC 7622 §3.1).
inline constexpr std::size_t kHeavyKeyBytesMax = 2047;

/// What is known of one key: its true count is at most `count` and at least `count - error`.
struct HeavyHitter {
  std::string key;
  std::uint64_t count = 0;
  std::uint64_t error = 0;

  friend bool operator==(const HeavyHitter&, const HeavyHitter&) = default;
};

/// Counts the heaviest keys of a stream. The lightest counter is handed on to a key that has none,
/// with its count as the error of the new one. So whatever is above error_max() has a counter, and
/// error_max() is at most total() / capacity. add() costs O(log capacity). Memory: `capacity`
/// counters of about 120 bytes and their keys, made when they are first needed. One thread.
class HeavyHitters {
 public:
  /// `capacity`: counters, at least 1.
  explicit HeavyHitters(std::size_t capacity);
  HeavyHitters(HeavyHitters&&) = default;
  HeavyHitters& operator=(HeavyHitters&&) = default;

  /// Counts `n` more for `key`; 0 changes nothing. The total must stay below 2^64.
  void add(std::string_view key, std::uint64_t n);
  /// Forgets everything.
  void clear();

  /// The `n` heaviest, heaviest first, of equal ones in order of their keys.
  [[nodiscard]] std::vector<HeavyHitter> top(std::size_t n) const;
  /// What is known of any key: one without a counter may have had error_max().
  [[nodiscard]] HeavyHitter estimate(std::string_view key) const;
  /// The sum of everything added, exactly.
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// What no error exceeds, and no count of a key that has no counter.
  [[nodiscard]] std::uint64_t error_max() const;

  /// The `n` heaviest of several streams together, each key counted and its errors added over all
  /// sketches; of the sum error_max() of all is what no error exceeds.
  [[nodiscard]] static std::vector<HeavyHitter> top_of(
      std::span<const HeavyHitters* const> sketches, std::size_t n);

 private:
  struct Count {
    std::uint64_t count = 0;
    std::uint64_t error = 0;
    std::size_t place = 0;  // in heap_
  };
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using Counts = std::unordered_map<std::string, Count, KeyHash, std::equal_to<>>;

  void add_counter(std::string_view key, std::uint64_t n);
  void take_over_lightest(std::string_view key, std::uint64_t n);
  void move_up(std::size_t place);
  void move_down(std::size_t place);
  void swap_places(std::size_t a, std::size_t b);
  [[nodiscard]] std::uint64_t count_at(std::size_t place) const {
    return heap_[place]->second.count;
  }

  std::size_t capacity_;
  std::uint64_t total_ = 0;
  Counts counts_;                          // its nodes do not move: heap_ points into them
  std::vector<Counts::value_type*> heap_;  // the lightest at the front
};

}  // namespace bellhop::observe

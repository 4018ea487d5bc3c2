// A set of small numbers out of which one can be drawn.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace bellhop::turn {

/// Numbers from 0 up to a size given at first: all in constant time, no allocation after the
/// constructor. Drawing by a random position is uniform.
class PortSet {
 public:
  explicit PortSet(std::size_t size) : place_(size, kAbsent) { members_.reserve(size); }

  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] bool empty() const { return members_.empty(); }
  /// Any number may be asked for.
  [[nodiscard]] bool contains(std::uint16_t number) const {
    return number < place_.size() && place_[number] != kAbsent;
  }
  /// `position` < size(); which member stands where has no meaning.
  [[nodiscard]] std::uint16_t at(std::size_t position) const { return members_[position]; }

  /// What is in the set already stays in it once.
  void insert(std::uint16_t number) {
    if (contains(number)) return;
    place_[number] = static_cast<std::uint16_t>(members_.size());
    members_.push_back(number);
  }
  /// Nothing happens if it is not there.
  void erase(std::uint16_t number) {
    if (!contains(number)) return;
    const std::uint16_t last = members_.back();
    members_[place_[number]] = last;
    place_[last] = place_[number];
    place_[number] = kAbsent;
    members_.pop_back();
  }

 private:
  // There are fewer ports than this, so no place is equal to it.
  static constexpr std::uint16_t kAbsent = std::numeric_limits<std::uint16_t>::max();

  std::vector<std::uint16_t> members_;
  std::vector<std::uint16_t> place_;  // by number: where in members_
};

}  // namespace bellhop::turn

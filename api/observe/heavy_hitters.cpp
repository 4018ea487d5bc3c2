#include "api/observe/heavy_hitters.hpp"

#include <algorithm>
#include <utility>

#include "component/base/error.hpp"

namespace bellhop::observe {
namespace {

// Cut between two characters, so that what was UTF-8 stays UTF-8.
std::string_view bounded(std::string_view key) {
  if (key.size() <= kHeavyKeyBytesMax) return key;
  std::size_t end = kHeavyKeyBytesMax;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0u) == 0x80) --end;
  return key.substr(0, end);
}

// What several sketches say of one key.
struct Merged {
  std::string_view key;
  std::uint64_t count = 0;
  std::uint64_t error = 0;
  std::uint64_t known = 0;  // error_max() of the sketches that have a counter for it
};

std::vector<HeavyHitter> heaviest(std::vector<Merged> merged, std::size_t n) {
  const auto is_heavier = [](const Merged& a, const Merged& b) {
    return a.count != b.count ? a.count > b.count : a.key < b.key;
  };
  n = std::min(n, merged.size());
  const auto end = merged.begin() + static_cast<std::ptrdiff_t>(n);
  std::partial_sort(merged.begin(), end, merged.end(), is_heavier);
  std::vector<HeavyHitter> hitters;
  hitters.reserve(n);
  for (auto it = merged.begin(); it != end; ++it) {
    hitters.push_back({std::string(it->key), it->count, it->error});
  }
  return hitters;
}

}  // namespace

HeavyHitters::HeavyHitters(std::size_t capacity) : capacity_(capacity) {
  BELLHOP_ASSERT(capacity > 0);
}

void HeavyHitters::add(std::string_view key, std::uint64_t n) {
  if (n == 0) return;
  total_ += n;
  key = bounded(key);
  const auto found = counts_.find(key);
  if (found != counts_.end()) {
    found->second.count += n;
    move_down(found->second.place);
  } else if (counts_.size() < capacity_) {
    add_counter(key, n);
  } else {
    take_over_lightest(key, n);
  }
}

void HeavyHitters::clear() {
  heap_.clear();
  counts_.clear();
  total_ = 0;
}

std::vector<HeavyHitter> HeavyHitters::top(std::size_t n) const {
  const HeavyHitters* self = this;
  return top_of({&self, 1}, n);
}

HeavyHitter HeavyHitters::estimate(std::string_view key) const {
  key = bounded(key);
  const auto found = counts_.find(key);
  if (found == counts_.end()) return {std::string(key), error_max(), error_max()};
  return {found->first, found->second.count, found->second.error};
}

std::uint64_t HeavyHitters::error_max() const {
  return counts_.size() < capacity_ ? 0 : count_at(0);
}

std::vector<HeavyHitter> HeavyHitters::top_of(std::span<const HeavyHitters* const> sketches,
                                              std::size_t n) {
  std::unordered_map<std::string_view, Merged> by_key;
  std::uint64_t error_max = 0;
  for (const HeavyHitters* sketch : sketches) {
    for (const auto& [key, count] : sketch->counts_) {
      Merged& merged = by_key[key];
      merged.key = key;
      merged.count += count.count;
      merged.error += count.error;
      merged.known += sketch->error_max();
    }
    error_max += sketch->error_max();
  }
  std::vector<Merged> all;
  all.reserve(by_key.size());
  for (auto& [key, merged] : by_key) {
    // Where it has no counter it may have had as much as the lightest one that has.
    merged.count += error_max - merged.known;
    merged.error += error_max - merged.known;
    all.push_back(merged);
  }
  return heaviest(std::move(all), n);
}

void HeavyHitters::add_counter(std::string_view key, std::uint64_t n) {
  const Count count{.count = n, .error = 0, .place = heap_.size()};
  heap_.push_back(&*counts_.emplace(std::string(key), count).first);
  move_up(count.place);
}

void HeavyHitters::take_over_lightest(std::string_view key, std::uint64_t n) {
  auto node = counts_.extract(counts_.find(heap_.front()->first));
  node.key() = key;
  node.mapped().error = node.mapped().count;
  node.mapped().count += n;
  counts_.insert(std::move(node));
  move_down(0);
}

void HeavyHitters::move_up(std::size_t place) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (count_at(parent) <= count_at(place)) return;
    swap_places(parent, place);
    place = parent;
  }
}

void HeavyHitters::move_down(std::size_t place) {
  for (;;) {
    const std::size_t left = 2 * place + 1;
    if (left >= heap_.size()) return;
    const std::size_t right = left + 1;
    const bool is_right = right < heap_.size() && count_at(right) < count_at(left);
    const std::size_t lighter = is_right ? right : left;
    if (count_at(place) <= count_at(lighter)) return;
    swap_places(place, lighter);
    place = lighter;
  }
}

void HeavyHitters::swap_places(std::size_t a, std::size_t b) {
  std::swap(heap_[a], heap_[b]);
  heap_[a]->second.place = a;
  heap_[b]->second.place = b;
}

}  // namespace bellhop::observe

#include "config/suggestion.hpp"

#include <algorithm>
#include <array>

#include "config/host_text.hpp"

namespace bellhop::config {
namespace {

// Longer than every key; bounds the work that a hostile file can cause.
constexpr std::size_t kWordBytesMax = 64;

using Row = std::array<std::size_t, kWordBytesMax + 1>;

// How many slips are still the same word: one in short words, a third of longer ones.
std::size_t slips_allowed(std::size_t length) {
  return std::max<std::size_t>(1, length / 3);
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  if (left.size() > kWordBytesMax || right.size() > kWordBytesMax) return kWordBytesMax + 1;
  // Three rows of the table of distances between all beginnings; row i stands in rows[i % 3].
  std::array<Row, 3> rows;
  for (std::size_t j = 0; j <= right.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    Row& current = rows[i % 3];
    const Row& last = rows[(i + 2) % 3];
    const Row& before_last = rows[(i + 1) % 3];
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = left[i - 1] == right[j - 1];
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
  }
  return rows[left.size() % 3][right.size()];
}

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  std::size_t best_distance = slips_allowed(word.size()) + 1;
  const std::string wanted = ascii_lower(word);
  for (const std::string& candidate : known) {
    // The distance is never below the difference of the lengths.
    if (candidate.size() >= wanted.size() + best_distance) continue;
    if (wanted.size() >= candidate.size() + best_distance) continue;
    const std::size_t distance = edit_distance(wanted, ascii_lower(candidate));
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace bellhop::config

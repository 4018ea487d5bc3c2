#include "api/ctl/sparkline.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace bellhop::ctl {
namespace {

constexpr std::array<std::string_view, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 9> kAsciiBars{"_", ".", ".", ":", ":", "-", "=", "+", "#"};

// The highest value of each of `columns` equal pieces.
std::vector<std::uint64_t> narrowed(const std::vector<std::uint64_t>& values, std::size_t columns) {
  if (columns == 0) return {};
  if (values.size() <= columns) return values;
  std::vector<std::uint64_t> result(columns, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint64_t& slot = result[i * columns / values.size()];
    slot = std::max(slot, values[i]);
  }
  return result;
}

}  // namespace

std::string sparkline(const std::vector<std::uint64_t>& values, std::size_t columns, bool is_utf8) {
  const auto bars = is_utf8 ? kBars : kAsciiBars;
  const std::vector<std::uint64_t> shown = narrowed(values, columns);
  const std::uint64_t highest = shown.empty() ? 0 : *std::max_element(shown.begin(), shown.end());
  std::string line;
  for (const std::uint64_t value : shown) {
    std::size_t level = 0;
    if (value != 0) {
      const double share = static_cast<double>(value) / static_cast<double>(highest);
      // What is not nothing has a bar, however small.
      level = std::clamp<std::size_t>(static_cast<std::size_t>(share * 8 + 0.5), 1, 8);
    }
    line += bars[level];
  }
  return line;
}

}  // namespace bellhop::ctl

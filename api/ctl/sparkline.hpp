// A row of small bars: numbers over time in one line of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bellhop::ctl {

/// One bar per value, from nothing (a blank, or `_` in ASCII) to the highest of all. If there are
/// more than `columns` values, neighbours are put together and the highest of them is shown.
[[nodiscard]] std::string sparkline(const std::vector<std::uint64_t>& values, std::size_t columns,
                                    bool is_utf8);

}  // namespace bellhop::ctl

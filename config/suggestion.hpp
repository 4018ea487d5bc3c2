// "Did you mean": the nearest of a few known words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::config {

/// Number of inserted, removed, replaced or (neighbours) swapped bytes between two words.
/// Words longer than 64 bytes are not compared: the answer is then 65.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// The word of `known` nearest to `word`, ignoring ASCII case; none if all are too far to be a
/// slip.
[[nodiscard]] std::optional<std::string> closest(std::string_view word,
                                                 const std::vector<std::string>& known);

}  // namespace bellhop::config

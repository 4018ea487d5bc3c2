// What the counters of the folders mean, for whoever reads a scrape.
#pragma once

#include <string_view>

namespace bellhop::web {

/// One sentence on a counter or gauge of the registry; for one that has none, where it is
/// described.
[[nodiscard]] std::string_view help_of(std::string_view metric);

}  // namespace bellhop::web

// How often this process has asked for memory with `new`.
#pragma once

#include <cstddef>

namespace bellhop::relay {

/// Since the start, all threads together.
[[nodiscard]] std::size_t allocation_count();

}  // namespace bellhop::relay

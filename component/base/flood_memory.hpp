// Memory of a flood of connections, given back to the system.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>

namespace bellhop::base {

/// The C library by itself keeps what lies below the newest allocation for ever. After a flood each
/// halving of the connections gives back what it freed, until few are left. One thread.
class FloodMemory {
 public:
  /// What counts as a flood, and as over.
  static constexpr std::size_t kFlood = 1000;
  static constexpr std::size_t kFew = 50;

  /// So many connections are open now; to be said every second or so. Whether memory was given
  /// back, which takes milliseconds.
  bool note(std::size_t open) {
    peak_ = std::max(peak_, open);
    is_flooded_ = is_flooded_ || peak_ >= kFlood;
    if (!is_flooded_ || open > peak_ / 2) return false;
    ::malloc_trim(0);
    peak_ = open;
    is_flooded_ = open > kFew;
    return true;
  }

 private:
  std::size_t peak_ = 0;  // since memory was last given back
  bool is_flooded_ = false;
};

}  // namespace bellhop::base

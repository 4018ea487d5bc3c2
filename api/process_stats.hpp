// What the kernel says of this process.
#pragma once

#include <cstdint>

namespace bellhop::api {

/// What cannot be read is 0.
struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptor_limit = 0;
  double cpu_seconds = 0;  ///< user and system, of all threads
};

[[nodiscard]] ProcessStats read_process_stats();

}  // namespace bellhop::api

// Sizes and times as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proxy/files/file_facts.hpp"

namespace bellhop::files {

/// `5 bytes`, `1.5 KiB`, `20 GiB`: powers of 1024, one digit behind the point below 10.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// `1 file`, `12 files`.
[[nodiscard]] std::string files_text(std::uint64_t files);
/// `2026-11-27 02:11 UTC`; `never` for 0.
[[nodiscard]] std::string moment_text(Second moment);
/// `30 days`, `12 hours`, `5 minutes`, `1 second`: the largest unit that leaves no rest.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace bellhop::files

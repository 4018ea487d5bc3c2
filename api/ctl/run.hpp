// bellhopctl as a function.
#pragma once

#include <string>
#include <vector>

#include "api/ctl/io.hpp"

namespace bellhop::ctl {

/// Reads a command line (without the program's name), does what it says, and returns the exit code
/// (exit_code.hpp). Blocks; makes calls of the admin API; writes to the streams of `io` only. One
/// thread.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Io& io);

}  // namespace bellhop::ctl

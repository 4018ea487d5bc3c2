// The configuration as text: effective values, the reference page, the example file.
#pragma once

#include <string>

#include "config/origin.hpp"
#include "config/settings.hpp"

namespace bellhop::config {

/// The effective configuration as TOML that loads again, once the secrets, which stand there as a
/// comment, are filled in: `--print-config`. Each value's origin follows it as a comment.
[[nodiscard]] std::string print_config(const Settings& settings, const Origins& origins = {});

/// The reference page (Markdown), generated from the option table: `--print-reference`.
[[nodiscard]] std::string print_reference();

/// The commented example file with every option and its default: `--print-example`.
[[nodiscard]] std::string print_example();

}  // namespace bellhop::config

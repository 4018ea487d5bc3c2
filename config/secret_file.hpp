// Reads a secret from a file.
#pragma once

#include <string>
#include <variant>

#include "config/report.hpp"
#include "config/secret.hpp"

namespace bellhop::config {

/// The text of a regular file of 1 to 4096 bytes with one line; its line end is cut off. Refused,
/// with a reason that quotes the path and nothing of the content: a file that everybody may read
/// (mode & 0004), that cannot be read, is empty, longer, or has several lines.
[[nodiscard]] std::variant<Secret, Refusal> read_secret_file(const std::string& path);

}  // namespace bellhop::config

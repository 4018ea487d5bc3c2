// Reads users and their passwords from a file.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/report.hpp"
#include "config/settings.hpp"

namespace bellhop::config {

/// The users of a regular file of at most 1 MiB with lines `name:password`, in their order; lines
/// that are blank or begin with `#` are left out. A name has 1 to 508 bytes (RFC 8489 §14.3) and no
/// control characters, and is not made of digits only: those are the names that expire. A password
/// has 1 to 256 bytes and may hold colons. Refused, with the number of the line and nothing of its
/// content: any other line, a name that comes twice, and a file as read_secret_file() refuses it.
[[nodiscard]] std::variant<std::vector<TurnUser>, Refusal> read_user_file(const std::string& path);

}  // namespace bellhop::config

// The shared secret of an operator who has not chosen one.
#pragma once

#include <string>

#include "config/secret.hpp"

namespace bellhop::turn {

/// The secret in `path`; where there is none a new one is drawn and kept there (mode 0600), so that
/// credentials stay valid across restarts. Its folder is made if it is missing. An empty path: a
/// new one. Throws std::runtime_error with one line for the operator when the file can be neither
/// read nor made.
[[nodiscard]] config::Secret kept_secret(const std::string& path);

}  // namespace bellhop::turn

// A configuration file, the environment and the command line -> Settings, or every problem at once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/origin.hpp"
#include "config/print.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

namespace bellhop::config {

/// Whether files that hold secrets are opened: `secret_file`, `turn.secret_files`,
/// `turn.users_file`.
enum class SecretFiles : std::uint8_t {
  read,
  skip,  ///< the secrets stay empty: for texts that are not trusted to name files
};

/// What is loaded, and from where else values come. Nothing else of the process is looked at.
struct LoadOptions {
  std::string path;                                ///< for messages, and the base of relative paths
  std::map<std::string, std::string> environment;  ///< BELLHOP_LOG_LEVEL=debug sets log.level
  std::vector<std::string> overrides;  ///< `key=value` from the command line; win over all
  SecretFiles secret_files = SecretFiles::read;
};

/// Problems are complete: every one that can be found in one run, up to 100. Only the first syntax
/// error can be found, and nothing after it. Warnings do not stop the start.
struct LoadOutcome {
  Settings settings;  ///< usable only if problems is empty
  Origins origins;    ///< of every value that is not its default
  std::vector<Problem> problems;
  std::vector<Problem> warnings;
};

/// Reads the text of a configuration file (at most 1 MiB). Opens the secret files that it names, as
/// far as options.secret_files lets it, and nothing else.
[[nodiscard]] LoadOutcome load_text(std::string_view text, const LoadOptions& options);

/// Reads options.path, then as load_text. A file that cannot be read is a problem. Warns if the
/// file holds a secret and everybody may read it.
[[nodiscard]] LoadOutcome load_file(const LoadOptions& options);

}  // namespace bellhop::config

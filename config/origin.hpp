// Where an effective value came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "config/problem.hpp"

namespace bellhop::config {

/// Where a value was set. Later sources win: file, environment, command line.
struct Origin {
  enum class Source : std::uint8_t {
    file,
    environment,
    command_line,
    derived,  ///< not written anywhere: follows from another option
  };
  Source source = Source::file;
  Position at;       ///< of the value; only for `file`
  std::string name;  ///< the environment variable, or what a derived value follows from
};

/// By full option name: `proxy.idle_timeout`, `component[0].jid`. What is absent has its default.
using Origins = std::map<std::string, Origin>;

/// `line 12`, `environment BELLHOP_LOG_LEVEL`, `command line`, `from component[0].jid`.
[[nodiscard]] std::string to_text(const Origin& origin);

}  // namespace bellhop::config

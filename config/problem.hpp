// One thing wrong with a configuration, and where.
#pragma once

#include <cstddef>
#include <string>

namespace bellhop::config {

/// A place in a configuration file. Both count from 1; the column counts code points, not bytes.
struct Position {
  std::size_t line = 0;  ///< 0: no place in a file
  std::size_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// One thing wrong with the configuration, ready to print. No field holds a secret or a control
/// character, whatever the file contains.
struct Problem {
  std::string file;         ///< path as given, "environment" or "command line"
  std::size_t line = 0;     ///< from 1; 0: not about a place in the file
  std::size_t column = 0;   ///< from 1, in code points
  std::string source_line;  ///< the offending line (a secret's value is replaced); may be empty
  std::string message;      ///< what is wrong
  std::string hint;         ///< what is allowed, or "did you mean"; may be empty
};

/// `file:line:column: message`, the line with a caret below the column, the hint. Ends in a
/// newline.
[[nodiscard]] std::string to_text(const Problem& problem);

}  // namespace bellhop::config

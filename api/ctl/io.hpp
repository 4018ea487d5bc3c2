// What bellhopctl gets from the process that it is: so that tests can run it in theirs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>

#include "api/ctl/units.hpp"

namespace bellhop::ctl {

/// Streams, terminal, environment and clock. The streams outlive it.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool is_in_terminal = false;  ///< somebody can be asked
  bool is_out_terminal = false;
  std::size_t columns = 80;  ///< of the terminal; 80 and 24 if there is none
  std::size_t rows = 24;
  std::map<std::string, std::string> environment{};
  std::function<Moment()> now = [] { return Moment(std::chrono::system_clock::now()); };

  /// The variable's value; empty if it is not set.
  [[nodiscard]] std::string variable(const std::string& name) const;
  /// Whether the locale of the environment writes UTF-8 (LC_ALL, LC_CTYPE, LANG in this order).
  [[nodiscard]] bool is_utf8() const;
};

/// Standard streams, terminal and environment of this process.
[[nodiscard]] Io process_io();

}  // namespace bellhop::ctl

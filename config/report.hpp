// Collects what is wrong with one configuration.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/origin.hpp"
#include "config/problem.hpp"
#include "config/source_text.hpp"

namespace bellhop::config {

/// Why a value is not accepted.
struct Refusal {
  std::string message;  ///< what is wrong; no secret in it
  std::string hint;     ///< what is allowed, or "did you mean"; may be empty
};

/// Keeps the first 100 problems and the first 100 warnings and counts the rest, so that a hostile
/// file costs bounded memory.
class Report {
 public:
  /// `source` must outlive the report; `file` is the name that problems carry.
  Report(std::string file, const SourceText& source);

  void problem(const Origin& where, Refusal refusal);
  void warning(const Origin& where, Refusal refusal);

  /// Those of the file first, by line and column; at the end "and N more" if some were not kept.
  /// The report is empty afterwards.
  [[nodiscard]] std::vector<Problem> take_problems();
  [[nodiscard]] std::vector<Problem> take_warnings();

 private:
  struct List {
    std::vector<Problem> kept;
    std::size_t dropped = 0;
  };

  void add(List& list, const Origin& where, Refusal refusal);
  [[nodiscard]] std::vector<Problem> take(List& list, const std::string& noun) const;

  std::string file_;
  const SourceText& source_;
  List problems_;
  List warnings_;
};

}  // namespace bellhop::config

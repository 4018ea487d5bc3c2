// Tables and lists of fields for people.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/ctl/text.hpp"

namespace bellhop::ctl {

/// What the place can show that output goes to.
struct Style {
  std::size_t columns_max = 0;  ///< lines are cut to this; 0: never, as for files and pipes
  bool is_colored = false;
  bool is_utf8 = true;  ///< else marks are made of ASCII

  /// What stands for text that was cut off.
  [[nodiscard]] std::string_view ellipsis() const { return is_utf8 ? "…" : "~"; }
  /// `text`, in colour if there is any.
  [[nodiscard]] std::string painted(std::string_view text, Tone tone) const {
    return is_colored ? paint(text, tone) : std::string(text);
  }
};

/// Which side of a column the text stands at.
enum class Align : unsigned char { left, right };

/// One column.
struct Column {
  std::string title;
  Align align = Align::left;
  bool may_cut = false;       ///< text that a narrow terminal may shorten; figures stay whole
  std::size_t width_min = 8;  ///< but not to less; of a JID less than this says nothing any more
};

/// One cell: text of whatever origin (it is cleaned), and how it looks.
struct Cell {
  Cell(std::string_view raw) : text(clean(raw)) {}    // NOLINT: text *is* a cell
  Cell(const std::string& raw) : text(clean(raw)) {}  // NOLINT
  Cell(const char* raw) : text(clean(raw)) {}         // NOLINT
  Cell(std::string_view raw, Tone how) : text(clean(raw)), tone(how) {}

  std::string text;
  Tone tone = Tone::plain;
};

/// Rows under aligned titles. Printed in pieces if there are many: what has been printed keeps its
/// widths, later pieces may only widen.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// One row, with as many cells as there are columns.
  void add(std::vector<Cell> cells);
  /// Writes what was added since the last call, the titles first.
  void print(std::ostream& out, const Style& style);

 private:
  [[nodiscard]] std::vector<std::size_t> fitted_widths(const Style& style) const;
  void print_row(std::ostream& out, const std::vector<Cell>& cells,
                 const std::vector<std::size_t>& widths, const Style& style) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;  // of the widest cell so far
  std::vector<std::vector<Cell>> rows_;
  bool is_begun_ = false;
};

/// `label:  value` lines, the values aligned. Fields with an empty value are left out.
class FieldList {
 public:
  void add(std::string label, Cell value);
  void print(std::ostream& out, const Style& style) const;

 private:
  std::vector<std::pair<std::string, Cell>> fields_;
};

}  // namespace bellhop::ctl

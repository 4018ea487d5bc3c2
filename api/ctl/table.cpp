#include "api/ctl/table.hpp"

#include <algorithm>
#include <ostream>

#include "component/base/error.hpp"

namespace bellhop::ctl {
namespace {

constexpr std::string_view kGap = "  ";

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t total = widths.empty() ? 0 : kGap.size() * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  return total;
}

// One column of a line; `room` is what the terminal has left for it.
std::string padded(const Cell& cell, std::size_t width, Align align, const Style& style) {
  const std::string shown = cut(cell.text, width, style.ellipsis());
  const std::string blanks(width - std::min(width, display_width(shown)), ' ');
  const std::string painted = style.painted(shown, cell.tone);
  return align == Align::left ? painted + blanks : blanks + painted;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(display_width(column.title));
}

void Table::add(std::vector<Cell> cells) {
  BELLHOP_ASSERT(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], display_width(cells[i].text));
  }
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out, const Style& style) {
  const std::vector<std::size_t> widths = fitted_widths(style);
  if (!is_begun_) {
    std::vector<Cell> titles;
    for (const Column& column : columns_) titles.emplace_back(column.title, Tone::title);
    print_row(out, titles, widths, style);
    is_begun_ = true;
  }
  for (const std::vector<Cell>& row : rows_) print_row(out, row, widths, style);
  rows_.clear();
}

// Takes a column after the other from the widest text until the line fits or nothing can give.
std::vector<std::size_t> Table::fitted_widths(const Style& style) const {
  std::vector<std::size_t> widths = widths_;
  if (style.columns_max == 0) return widths;
  while (total_of(widths) > style.columns_max) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool can_give = columns_[i].may_cut && widths[i] > columns_[i].width_min;
      if (can_give && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

void Table::print_row(std::ostream& out, const std::vector<Cell>& cells,
                      const std::vector<std::size_t>& widths, const Style& style) const {
  std::string line;
  std::size_t used = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::size_t width = widths[i];
    if (style.columns_max != 0) {
      if (used >= style.columns_max) break;
      width = std::min(width, style.columns_max - used);
    }
    line += padded(cells[i], width, columns_[i].align, style);
    used += width;
    if (i + 1 == cells.size()) break;
    line += kGap;
    used += kGap.size();
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void FieldList::add(std::string label, Cell value) {
  if (!value.text.empty()) fields_.emplace_back(std::move(label), std::move(value));
}

void FieldList::print(std::ostream& out, const Style& style) const {
  std::size_t width = 0;
  for (const auto& [label, value] : fields_) width = std::max(width, display_width(label));
  for (const auto& [label, value] : fields_) {
    out << style.painted(label + ":", Tone::title)
        << std::string(width - display_width(label) + kGap.size(), ' ')
        << style.painted(value.text, value.tone) << '\n';
  }
}

}  // namespace bellhop::ctl

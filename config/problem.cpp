#include "config/problem.hpp"

namespace bellhop::config {
namespace {

bool starts_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Blanks that end below the given column; tabs stay tabs, so that any tab width shows it right.
std::string caret_padding(const std::string& line, std::size_t column) {
  std::string padding;
  for (const char byte : line) {
    if (!starts_code_point(byte)) continue;
    if (padding.size() + 1 >= column) break;
    padding += byte == '\t' ? '\t' : ' ';
  }
  return padding;
}

}  // namespace

std::string to_text(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  text += ": " + problem.message + '\n';
  if (problem.line > 0 && !problem.source_line.empty()) {
    const std::string number = std::to_string(problem.line);
    const std::string blank(number.size(), ' ');
    text += "  " + number + " | " + problem.source_line + '\n';
    text += "  " + blank + " | " + caret_padding(problem.source_line, problem.column) + "^\n";
  }
  if (!problem.hint.empty()) text += "  " + problem.hint + '\n';
  return text;
}

}  // namespace bellhop::config

#include "config/report.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

constexpr std::size_t kKeptMax = 100;

std::string file_of(const Origin& where, const std::string& config_file) {
  switch (where.source) {
    case Origin::Source::environment:
      return "environment";
    case Origin::Source::command_line:
      return "command line";
    case Origin::Source::file:
    case Origin::Source::derived:
      break;
  }
  return config_file;
}

}  // namespace

std::string to_text(const Origin& origin) {
  switch (origin.source) {
    case Origin::Source::file:
      return "line " + std::to_string(origin.at.line);
    case Origin::Source::environment:
      return "environment " + origin.name;
    case Origin::Source::command_line:
      return "command line";
    case Origin::Source::derived:
      return "from " + origin.name;
  }
  return {};
}

Report::Report(std::string file, const SourceText& source)
    : file_(printable(file)), source_(source) {}

void Report::problem(const Origin& where, Refusal refusal) {
  add(problems_, where, std::move(refusal));
}

void Report::warning(const Origin& where, Refusal refusal) {
  add(warnings_, where, std::move(refusal));
}

void Report::add(List& list, const Origin& where, Refusal refusal) {
  if (list.kept.size() >= kKeptMax) {
    ++list.dropped;
    return;
  }
  Problem problem{.file = file_of(where, file_),
                  .line = 0,
                  .column = 0,
                  .source_line = {},
                  .message = std::move(refusal.message),
                  .hint = std::move(refusal.hint)};
  if (where.source == Origin::Source::file && where.at.line > 0) {
    problem.line = where.at.line;
    problem.column = where.at.column;
    problem.source_line = source_.shown_line(where.at.line);
  }
  if (where.source == Origin::Source::environment && !where.name.empty()) {
    problem.message = where.name + ": " + problem.message;
  }
  list.kept.push_back(std::move(problem));
}

std::vector<Problem> Report::take(List& list, const std::string& noun) const {
  std::vector<Problem> result = std::exchange(list.kept, {});
  const std::size_t dropped = std::exchange(list.dropped, 0);
  const auto order = [](const Problem& problem) {
    return std::make_tuple(problem.line == 0, problem.line, problem.column);
  };
  std::stable_sort(result.begin(), result.end(), [&](const Problem& left, const Problem& right) {
    return order(left) < order(right);
  });
  if (dropped > 0) {
    Problem more;
    more.file = file_;
    more.message = "and " + std::to_string(dropped) + " more " + noun;
    result.push_back(std::move(more));
  }
  return result;
}

std::vector<Problem> Report::take_problems() {
  return take(problems_, "problems");
}
std::vector<Problem> Report::take_warnings() {
  return take(warnings_, "warnings");
}

}  // namespace bellhop::config

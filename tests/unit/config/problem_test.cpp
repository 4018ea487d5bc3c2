// How a problem looks to a person.
#include "config/problem.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

Problem at(std::size_t line, std::size_t column, std::string source_line) {
  return {.file = "f.toml",
          .line = line,
          .column = column,
          .source_line = std::move(source_line),
          .message = "wrong",
          .hint = "right"};
}

TEST(Problem, PointsACaretAtTheColumn) {
  EXPECT_EQ(to_text(at(12, 5, "a = 1")),
            "f.toml:12:5: wrong\n"
            "  12 | a = 1\n"
            "     |     ^\n"
            "  right\n");
}

TEST(Problem, KeepsTabsAndCountsCodePointsBeforeTheCaret) {
  EXPECT_EQ(to_text(at(1, 4, "\t\xC3\xA9 x")),
            "f.toml:1:4: wrong\n"
            "  1 | \t\xC3\xA9 x\n"
            "    | \t  ^\n"
            "  right\n");
}

TEST(Problem, PutsACaretBehindAShortenedLineAtItsEnd) {
  EXPECT_NE(to_text(at(1, 400, "ab")).find("    |   ^\n"), std::string::npos);
}

TEST(Problem, ShowsNoLineWhereThereIsNone) {
  EXPECT_EQ(to_text(at(0, 0, "")), "f.toml: wrong\n  right\n");
  EXPECT_EQ(to_text(at(3, 1, "")), "f.toml:3:1: wrong\n  right\n");
  Problem problem = at(0, 0, "");
  problem.hint.clear();
  EXPECT_EQ(to_text(problem), "f.toml: wrong\n");
}

}  // namespace
}  // namespace bellhop::config

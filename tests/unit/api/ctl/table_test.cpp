// The layout of tables, on terminals of any width.
#include "api/ctl/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace bellhop::ctl {
namespace {

Table people() {
  Table table({{.title = "ID"},
               {.title = "NAME", .may_cut = true},
               {.title = "COMMENT", .may_cut = true},
               {.title = "BYTES", .align = Align::right}});
  table.add({"1", "alice@example.org", "x", "5"});
  table.add({"22", "bob@example.org", "nobody knows", "12345"});
  return table;
}

std::string printed(Table table, const Style& style) {
  std::ostringstream out;
  table.print(out, style);
  return out.str();
}

TEST(Table, AlignsColumns) {
  EXPECT_EQ(printed(people(), {}),
            "ID  NAME               COMMENT       BYTES\n"
            "1   alice@example.org  x                 5\n"
            "22  bob@example.org    nobody knows  12345\n");
}

TEST(Table, CutsTheWidestTextOnANarrowTerminal) {
  EXPECT_EQ(printed(people(), {.columns_max = 42}), printed(people(), {}));
  EXPECT_EQ(printed(people(), {.columns_max = 38}),
            "ID  NAME           COMMENT       BYTES\n"
            "1   alice@exampl…  x                 5\n"
            "22  bob@example.…  nobody knows  12345\n");
}

TEST(Table, CutsTheEndOfLinesWhenNoTextCanGive) {
  const std::string text = printed(people(), {.columns_max = 20, .is_utf8 = false});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 20U) << line;
}

TEST(Table, CutsNothingWithoutATerminal) {
  Table table({{.title = "NAME", .may_cut = true}});
  table.add({std::string(500, 'x')});
  EXPECT_EQ(printed(std::move(table), {}), "NAME\n" + std::string(500, 'x') + "\n");
}

TEST(Table, IsNotDeceivedByWhatTheCellsHold) {
  Table table({{.title = "A"}, {.title = "B"}});
  table.add({"日本", "x"});
  table.add({"\x1B[31m", "y"});
  EXPECT_EQ(printed(std::move(table), {}), "A      B\n日本   x\n�[31m  y\n");
}

TEST(Table, IsPrintedInPiecesUnderOneTitle) {
  Table table({{.title = "A"}, {.title = "B"}});
  std::ostringstream out;
  table.add({"wide cell", "1"});
  table.print(out, {});
  table.add({"x", "2"});
  table.print(out, {});
  EXPECT_EQ(out.str(), "A          B\nwide cell  1\nx          2\n");
}

TEST(Table, WithoutRowsIsItsTitles) {
  EXPECT_EQ(printed(Table({{.title = "A"}, {.title = "B"}}), {}), "A  B\n");
}

TEST(Table, PaintsOnlyWhereThereAreColours) {
  Table table({{.title = "A"}});
  table.add({Cell("x", Tone::good)});
  EXPECT_EQ(printed(table, {}), "A\nx\n");
  EXPECT_EQ(printed(table, {.is_colored = true}), "\x1B[1mA\x1B[0m\n\x1B[32mx\x1B[0m\n");
}

TEST(FieldList, AlignsValuesAndLeavesOutEmptyOnes) {
  FieldList fields;
  fields.add("a", "1");
  fields.add("long one", "2\n3");
  fields.add("nothing", "");
  std::ostringstream out;
  fields.print(out, {});
  EXPECT_EQ(out.str(), "a:         1\nlong one:  2�3\n");
}

}  // namespace
}  // namespace bellhop::ctl

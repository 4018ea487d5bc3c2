// Order and number of what is kept.
#include "config/report.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

Origin line(std::size_t number, std::size_t column = 1) {
  return {Origin::Source::file, {number, column}, {}};
}

TEST(Report, OrdersByPlaceAndPutsWhatHasNoneLast) {
  const SourceText source("one\ntwo\n");
  Report report("f.toml", source);
  report.problem({Origin::Source::environment, {}, "BELLHOP_X"}, {"third", {}});
  report.problem(line(2), {"second", {}});
  report.problem(line(1, 3), {"first", {}});
  const auto problems = report.take_problems();
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].message, "first");
  EXPECT_EQ(problems[0].source_line, "one");
  EXPECT_EQ(problems[0].column, 3U);
  EXPECT_EQ(problems[1].message, "second");
  EXPECT_EQ(problems[2].file, "environment");
  EXPECT_EQ(problems[2].message, "BELLHOP_X: third");
  EXPECT_EQ(problems[2].line, 0U);
}

TEST(Report, KeepsAHundredAndCountsTheRest) {
  const SourceText source("x");
  Report report("f.toml", source);
  for (int i = 0; i < 100; ++i) report.problem(line(1), {"same", {}});
  EXPECT_EQ(report.take_problems().size(), 100U);
  for (int i = 0; i < 103; ++i) report.problem(line(1), {"same", {}});
  const auto problems = report.take_problems();
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_EQ(problems.back().message, "and 3 more problems");
}

TEST(Report, IsEmptyAfterTaking) {
  const SourceText source("x");
  Report report("f.toml", source);
  report.warning(line(1), {"careful", {}});
  EXPECT_TRUE(report.take_problems().empty());
  EXPECT_EQ(report.take_warnings().size(), 1U);
  EXPECT_TRUE(report.take_warnings().empty());
}

TEST(Report, ShowsNoControlCharacterOfAFileName) {
  const SourceText source("x");
  Report report("f\x1B[31m", source);
  report.problem(line(1), {"wrong", {}});
  EXPECT_EQ(report.take_problems().at(0).file, "f?[31m");
}

TEST(Report, NamesEveryOrigin) {
  EXPECT_EQ(to_text(line(7)), "line 7");
  EXPECT_EQ(to_text({Origin::Source::environment, {}, "BELLHOP_X"}), "environment BELLHOP_X");
  EXPECT_EQ(to_text({Origin::Source::command_line, {}, {}}), "command line");
  EXPECT_EQ(to_text({Origin::Source::derived, {}, "proxy.sessions_max"}),
            "from proxy.sessions_max");
}

}  // namespace
}  // namespace bellhop::config

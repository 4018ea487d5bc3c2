// Lines of a chart.
#include "api/observe/history_query.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "api/observe/history.hpp"

namespace bellhop::observe {
namespace {

using Group = HistoryQuery::Group;
using Points = std::vector<HistoryPoint>;

constexpr Second kNow = 1'700'006'400;  // a multiple of 4 hours
constexpr Second kDay = 86'400;

HistoryQuery query(Second start, Second end, Second step, Group group = Group::none) {
  HistoryQuery query;
  query.start = start;
  query.end = end;
  query.step = step;
  query.group = group;
  return query;
}

HistoryPoint point(Second time, std::uint64_t bytes, std::uint64_t peak) {
  return {.time = time, .bytes = bytes, .peak = peak, .error = 0, .sessions = 0};
}

// Two kinds and two domains within three seconds.
std::vector<HistorySlot> sample() {
  History history;
  history.add(kNow, "socks5", "a.example", "alice@a.example", 100);
  history.add(kNow, "ibb", "b.example", "bob@b.example", 10);
  history.add(kNow + 1, "ibb", "a.example", "alice@a.example", 40);
  history.add(kNow + 2, "socks5", "b.example", "bob@b.example", 300);
  return history.slots(Tier::second, 0, kNow + 10);
}

TEST(HistoryQuery, SumsEverythingIntoOneLine) {
  const auto lines = summarise(sample(), query(kNow, kNow + 3, 1));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].key, "");
  EXPECT_EQ(lines[0].points,
            (Points{point(kNow, 110, 110), point(kNow + 1, 40, 40), point(kNow + 2, 300, 300)}));
}

TEST(HistoryQuery, KeepsThePeakInCoarserSteps) {
  const auto lines = summarise(sample(), query(kNow, kNow + 10, 10));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].points, (Points{point(kNow, 450, 300)}));
}

TEST(HistoryQuery, MakesOneLineForEachKindOrDomain) {
  auto lines = summarise(sample(), query(kNow, kNow + 10, 10, Group::kind));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].key, "socks5");
  EXPECT_EQ(lines[0].points, (Points{point(kNow, 400, 300)}));
  EXPECT_EQ(lines[1].key, "ibb");
  EXPECT_EQ(lines[1].points, (Points{point(kNow, 50, 40)}));
  lines = summarise(sample(), query(kNow, kNow + 10, 10, Group::domain));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].key, "b.example");
  EXPECT_EQ(lines[0].points, (Points{point(kNow, 310, 300)}));
  EXPECT_EQ(lines[1].points, (Points{point(kNow, 140, 100)}));
}

TEST(HistoryQuery, FiltersByKindAndDomain) {
  HistoryQuery wanted = query(kNow, kNow + 10, 10);
  wanted.kind = "ibb";
  EXPECT_EQ(summarise(sample(), wanted)[0].points, (Points{point(kNow, 50, 40)}));
  wanted.group = Group::domain;
  const auto lines = summarise(sample(), wanted);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].key, "a.example");
  EXPECT_EQ(lines[0].points, (Points{point(kNow, 40, 40)}));
  wanted.group = Group::kind;
  wanted.domain = "b.example";
  EXPECT_EQ(summarise(sample(), wanted)[0], (HistoryLine{"ibb", {point(kNow, 10, 10)}}));
  wanted.domain = "nobody.example";
  EXPECT_TRUE(summarise(sample(), wanted).empty());
}

TEST(HistoryQuery, ShowsTheHeaviestUsersWithTheirErrors) {
  HistorySlot first;
  first.begin = kNow;
  first.heavy = {{"alice@a.example", 50, 7}, {"bob@b.example", 20, 3}};
  HistorySlot second;
  second.begin = kNow + 1;
  second.heavy = {{"bob@b.example", 90, 0}};
  HistoryQuery wanted = query(kNow, kNow + 2, 2, Group::jid);
  const auto lines = summarise({first, second}, wanted);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].key, "bob@b.example");
  EXPECT_EQ(lines[0].points, (Points{{kNow, 110, 0, 3, 0}}));
  EXPECT_EQ(lines[1].points, (Points{{kNow, 50, 0, 7, 0}}));
  wanted.group = Group::none;
  wanted.jid = "alice@a.example";
  EXPECT_EQ(summarise({second, first}, wanted)[0], (HistoryLine{"", {{kNow, 50, 0, 7, 0}}}));
}

TEST(HistoryQuery, TakesPartsOfSlotsInAnyOrder) {
  HistorySlot part;
  part.begin = kNow;
  part.sums = {{"", "", 5, 3, 2}};
  HistorySlot other = part;
  other.sums = {{"", "", 6, 4, 1}};
  HistorySlot earlier = part;
  earlier.begin = kNow - 1;
  const auto lines = summarise({other, part, earlier}, query(kNow - 1, kNow + 1, 1));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].points, (Points{{kNow - 1, 5, 3, 0, 2}, {kNow, 11, 4, 0, 2}}));
}

TEST(HistoryQuery, RoundsItsEndsToWholeSteps) {
  const auto lines = summarise(sample(), query(kNow + 2, kNow + 3, 10));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].points, (Points{point(kNow, 450, 300)}));
  EXPECT_TRUE(summarise(sample(), query(kNow + 10, kNow + 20, 10)).empty());
  EXPECT_TRUE(summarise(sample(), query(kNow, kNow, 1)).empty());
}

TEST(HistoryQuery, ShowsTheHeaviestLinesUpToTheirMaximum) {
  HistorySlot slot;
  slot.begin = kNow;
  for (std::uint64_t i = 0; i <= kHistoryLinesMax; ++i) {
    slot.heavy.push_back({"user" + std::to_string(i), i + 1, 0});
  }
  const auto lines = summarise({slot}, query(kNow, kNow + 1, 1, Group::jid));
  ASSERT_EQ(lines.size(), kHistoryLinesMax);
  EXPECT_EQ(lines.front().key, "user1000");
  EXPECT_EQ(lines.back().key, "user1");
}

TEST(HistoryFit, MakesAtMostAThousandPointsWhenNoStepIsNamed) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    const auto back = static_cast<Second>(random() % static_cast<std::uint64_t>(800 * kDay));
    const Second start = kNow - back;
    const Second end = start + static_cast<Second>(random() % static_cast<std::uint64_t>(back + 1));
    const HistoryQuery fitted = fit(query(start, end, 0), kNow);
    ASSERT_LE(fitted.start, start);
    ASSERT_GE(fitted.end, end);
    ASSERT_LE((fitted.end - fitted.start) / fitted.step, kHistoryPointsMax);
    ASSERT_EQ(fitted.step % finest_step(fitted.start, kNow), 0);
    ASSERT_EQ(fitted.start % fitted.step, 0);
    ASSERT_EQ(fitted.end % fitted.step, 0);
  }
  EXPECT_EQ(fit(query(kNow - 900, kNow, 0), kNow).step, 1);
  EXPECT_EQ(fit(query(kNow - 14'400, kNow, 0), kNow).step, 20);
}

TEST(HistoryFit, RoundsTheStepUpToWhatIsKept) {
  EXPECT_EQ(fit(query(kNow - 100, kNow, 7), kNow).step, 7);
  EXPECT_EQ(fit(query(kNow - 1000, kNow, 7), kNow).step, 10);
  EXPECT_EQ(fit(query(kNow - kDay, kNow, 7), kNow).step, 60);
  EXPECT_EQ(fit(query(kNow - kDay, kNow, 61), kNow).step, 120);
  EXPECT_EQ(fit(query(kNow - 20 * kDay, kNow, 61), kNow).step, 3600);
  // Rounded down, its start is where no seconds are kept any more.
  EXPECT_EQ(fit(query(kNow - 900, kNow, 7), kNow).step, 10);
}

TEST(HistoryFit, TakesThePresentSecondInWhereAStepBeginsWithIt) {
  const Second minute = round_down(kNow, 60);
  EXPECT_EQ(fit(query(minute - 600, minute, 60), minute).end, minute + 60);
  EXPECT_EQ(fit(query(minute - 600, minute, 60), minute + 1).end, minute);
  EXPECT_EQ(fit(query(minute - 600, minute + 1, 60), minute + 1).end, minute + 60);
}

TEST(HistoryFit, ReachesBackBehindTheStartOfTheProcessByMinutes) {
  EXPECT_EQ(fit(query(kNow - 100, kNow, 1), kNow, kNow - 100).step, 1);
  EXPECT_EQ(fit(query(kNow - 100, kNow, 1), kNow, kNow - 99).step, 60);
  EXPECT_EQ(fit(query(kNow - 20 * kDay, kNow, 1), kNow, kNow).step, 3600);
}

TEST(HistoryFit, TakesAnyValues) {
  constexpr Second kLeast = std::numeric_limits<Second>::min();
  constexpr Second kMost = std::numeric_limits<Second>::max();
  for (const Second start : {kLeast, Second{-1}, Second{0}, kNow, kMost}) {
    for (const Second end : {kLeast, Second{-1}, Second{0}, kNow, kMost}) {
      for (const Second step : {kLeast, Second{-1}, Second{0}, Second{1}, kMost}) {
        const HistoryQuery fitted = fit(query(start, end, step), kNow);
        EXPECT_GT(fitted.step, 0);
        EXPECT_GE(fitted.start, 0);
        EXPECT_GE(fitted.end, fitted.start);
        EXPECT_TRUE(summarise({}, fitted).empty());
      }
    }
  }
}

}  // namespace
}  // namespace bellhop::observe

// Who moved most within the last minute, hour and day.
#include "api/observe/talker_windows.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace bellhop::observe {
namespace {

constexpr Second kNow = 1'700'006'400;  // a multiple of 4 hours

struct Row {
  TalkerWindow window;
  Second sixth;
};
constexpr Row kRows[] = {
    {TalkerWindow::minute, 10}, {TalkerWindow::hour, 600}, {TalkerWindow::day, 14'400}};

std::uint64_t total(const TalkerWindows& windows, TalkerWindow window, Second now) {
  return windows.top(window, now, 10).total;
}

TEST(TalkerWindows, CoverTheWindowAndAtMostASixthMore) {
  for (const auto& [window, sixth] : kRows) {
    TalkerWindows windows(10);
    windows.add(kNow, "alice@example.org", 5);
    EXPECT_EQ(total(windows, window, kNow), 5U);
    EXPECT_EQ(total(windows, window, kNow + 6 * sixth), 5U);
    EXPECT_EQ(total(windows, window, kNow + 7 * sixth - 1), 5U);
    EXPECT_EQ(total(windows, window, kNow + 7 * sixth), 0U);
  }
}

TEST(TalkerWindows, AddUpWhatASubjectMovedInSeveralSixths) {
  TalkerWindows windows(10);
  for (Second i = 0; i < 6; ++i) windows.add(kNow + 10 * i, "alice@example.org", 100);
  windows.add(kNow + 55, "bob@example.org", 250);
  const auto answer = windows.top(TalkerWindow::minute, kNow + 59, 10);
  const std::vector<HeavyHitter> expected{{"alice@example.org", 600, 0},
                                          {"bob@example.org", 250, 0}};
  EXPECT_EQ(answer.talkers, expected);
  EXPECT_EQ(answer.total, 850U);
  EXPECT_EQ(answer.error_max, 0U);
  EXPECT_EQ(windows.top(TalkerWindow::minute, kNow + 59, 1).talkers.size(), 1U);
}

TEST(TalkerWindows, ForgetAFormerRoundOfTheRing) {
  TalkerWindows windows(10);
  windows.add(kNow, "old@example.org", 5);
  windows.add(kNow + 75, "new@example.org", 6);  // sixths between were skipped
  const auto answer = windows.top(TalkerWindow::minute, kNow + 75, 10);
  ASSERT_EQ(answer.talkers.size(), 1U);
  EXPECT_EQ(answer.talkers[0].key, "new@example.org");
  EXPECT_EQ(answer.total, 6U);
  EXPECT_EQ(total(windows, TalkerWindow::hour, kNow + 75), 11U);
  windows.add(kNow + 1'000'000, "later@example.org", 7);
  EXPECT_EQ(total(windows, TalkerWindow::day, kNow + 1'000'000), 7U);
}

TEST(TalkerWindows, HoldStillWhileTheClockIsALittleBack) {
  TalkerWindows windows(10);
  windows.add(kNow, "alice@example.org", 5);
  windows.add(kNow - 60, "alice@example.org", 5);
  EXPECT_EQ(total(windows, TalkerWindow::minute, kNow - 60), 10U);
  EXPECT_EQ(total(windows, TalkerWindow::minute, kNow + 60), 10U);
}

TEST(TalkerWindows, StartAnewWhenTheClockIsFarBack) {
  TalkerWindows windows(10);
  windows.add(kNow, "alice@example.org", 5);
  EXPECT_EQ(total(windows, TalkerWindow::minute, kNow - 61), 0U);
  windows.add(kNow - 61, "alice@example.org", 6);
  EXPECT_EQ(total(windows, TalkerWindow::minute, kNow - 61), 6U);
  EXPECT_EQ(total(windows, TalkerWindow::hour, kNow), 11U);
}

// Against everything that was added, kept in full.
TEST(TalkerWindows, KeepTheirBoundsOnARandomStream) {
  struct Event {
    Second time;
    std::string key;
    std::uint64_t bytes;
  };
  std::mt19937_64 random(11);
  std::vector<Event> events;
  TalkerWindows windows(20);
  Second now = kNow;
  for (int i = 0; i < 5000; ++i) {
    now += static_cast<Second>(random() % 20);
    const std::string key = "user" + std::to_string(random() % (1 + random() % 200));
    events.push_back({now, key, random() % 1000});
    windows.add(now, key, events.back().bytes);
  }
  for (const auto& [window, sixth] : kRows) {
    const Second begin = round_down(now, sixth) - 6 * sixth;
    const auto answer = windows.top(window, now, 1000);
    std::uint64_t total = 0;
    for (const Event& event : events) total += event.time >= begin ? event.bytes : 0;
    EXPECT_EQ(answer.total, total);
    for (const auto& talker : answer.talkers) {
      std::uint64_t truth = 0;
      for (const Event& event : events) {
        if (event.time >= begin && event.key == talker.key) truth += event.bytes;
      }
      EXPECT_GE(talker.count, truth);
      EXPECT_LE(talker.count - talker.error, truth);
      EXPECT_LE(talker.error, answer.error_max);
    }
  }
}

}  // namespace
}  // namespace bellhop::observe

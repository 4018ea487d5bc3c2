// Bytes of a day and of a month, over midnights, restarts and clocks that are set.
#include "api/observe/usage_ledger.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace bellhop::observe {
namespace {

constexpr Second kDay = 86'400;
constexpr Second kNoon = 1'700'049'600;  // 2023-11-15 12:00 UTC
constexpr Second kDaysLeft = 15;         // of that November
const std::string kAlice = "jid:alice@example.org";

void expect_usage(const UsageLedger::Usage& usage, std::uint64_t day, std::uint64_t month) {
  EXPECT_EQ(usage.day_bytes, day);
  EXPECT_EQ(usage.month_bytes, month);
}

// What a store would hold after the rows were added to it.
std::map<std::pair<std::string, Day>, std::uint64_t> sums(const std::vector<UsageRow>& rows) {
  std::map<std::pair<std::string, Day>, std::uint64_t> result;
  for (const UsageRow& row : rows) result[{row.subject, row.day}] += row.bytes;
  return result;
}

TEST(UsageLedger, CountsADayAndAMonth) {
  UsageLedger ledger;
  expect_usage(ledger.of(kAlice, kNoon), 0, 0);
  expect_usage(ledger.add(kNoon, kAlice, 5), 5, 5);
  expect_usage(ledger.add(kNoon + 1, kAlice, 7), 12, 12);
  expect_usage(ledger.of(kAlice, kNoon + 1), 12, 12);
  expect_usage(ledger.of("jid:bob@example.org", kNoon), 0, 0);
}

TEST(UsageLedger, ADayEndsAtMidnightUtcAndNotASecondBefore) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  const Second last = kNoon + kDay / 2 - 1;
  EXPECT_FALSE(ledger.advance(last));
  expect_usage(ledger.of(kAlice, last), 5, 5);
  expect_usage(ledger.of(kAlice, last + 1), 0, 5);  // also before anybody advances it
  EXPECT_TRUE(ledger.advance(last + 1));
  EXPECT_FALSE(ledger.advance(last + 1));
  expect_usage(ledger.of(kAlice, last + 1), 0, 5);
  expect_usage(ledger.add(last + 1, kAlice, 1), 1, 6);
}

TEST(UsageLedger, AMonthEndsWithItsLastDay) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  const Second last = kNoon + kDaysLeft * kDay + kDay / 2 - 1;  // of November 30
  expect_usage(ledger.add(last, kAlice, 3), 3, 8);
  expect_usage(ledger.of(kAlice, last + 1), 0, 0);
  EXPECT_TRUE(ledger.advance(last + 1));
  expect_usage(ledger.of(kAlice, last + 1), 0, 0);
  std::size_t rows = 0;
  ledger.for_each(last + 1, [&rows](const std::string&, const UsageLedger::Usage&) { ++rows; });
  EXPECT_EQ(rows, 0U);
  expect_usage(ledger.add(last + 2, kAlice, 2), 2, 2);
}

TEST(UsageLedger, TheSameDayOfTheNextYearIsAnotherMonth) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  expect_usage(ledger.of(kAlice, kNoon + 366 * kDay), 0, 0);
  expect_usage(ledger.add(kNoon + 366 * kDay, kAlice, 1), 1, 1);
}

TEST(UsageLedger, AClockThatIsSetBackDoesNotBringYesterdayBack) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  EXPECT_FALSE(ledger.advance(kNoon - kDay));
  expect_usage(ledger.of(kAlice, kNoon - kDay), 5, 5);
  expect_usage(ledger.add(kNoon - kDay, kAlice, 2), 7, 7);
  EXPECT_EQ(sums(ledger.take_unsaved()), sums({{kAlice, day_of(kNoon), 7}}));
}

TEST(UsageLedger, AClockThatIsSetBackByAMonthForgivesNothing) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  const Second october = kNoon - 20 * kDay;
  expect_usage(ledger.add(october, kAlice, 2), 7, 7);
  expect_usage(ledger.of(kAlice, october), 7, 7);
}

TEST(UsageLedger, HandsOutEachByteOnce) {
  UsageLedger ledger;
  EXPECT_TRUE(ledger.take_unsaved().empty());
  (void)ledger.add(kNoon, kAlice, 5);
  (void)ledger.add(kNoon, kAlice, 5);
  (void)ledger.add(kNoon, "total", 10);
  (void)ledger.add(kNoon, "domain:silent.example", 0);
  EXPECT_EQ(sums(ledger.take_unsaved()),
            sums({{kAlice, day_of(kNoon), 10}, {"total", day_of(kNoon), 10}}));
  EXPECT_TRUE(ledger.take_unsaved().empty());
  (void)ledger.add(kNoon, kAlice, 1);
  EXPECT_EQ(sums(ledger.take_unsaved()), sums({{kAlice, day_of(kNoon), 1}}));
  expect_usage(ledger.of(kAlice, kNoon), 11, 11);
}

TEST(UsageLedger, WhatWasNotSavedByMidnightIsSavedForItsDay) {
  UsageLedger ledger;
  (void)ledger.add(kNoon, kAlice, 5);
  (void)ledger.add(kNoon + kDay, kAlice, 3);
  (void)ledger.add(kNoon + (kDaysLeft + 1) * kDay, kAlice, 2);  // December
  EXPECT_EQ(sums(ledger.take_unsaved()), sums({{kAlice, day_of(kNoon), 5},
                                               {kAlice, day_of(kNoon) + 1, 3},
                                               {kAlice, day_of(kNoon) + kDaysLeft + 1, 2}}));
}

TEST(UsageLedger, GoesOnAfterARestartWhereItWas) {
  std::vector<UsageRow> stored;
  {
    UsageLedger before;
    (void)before.add(kNoon - 3 * kDay, kAlice, 100);
    (void)before.add(kNoon, kAlice, 5);
    stored = before.take_unsaved();
  }
  UsageLedger after;
  after.restore(stored, kNoon + 60);
  expect_usage(after.of(kAlice, kNoon + 60), 5, 105);
  EXPECT_TRUE(after.take_unsaved().empty()) << "it is stored already";
  expect_usage(after.add(kNoon + 61, kAlice, 1), 6, 106);
  EXPECT_EQ(sums(after.take_unsaved()), sums({{kAlice, day_of(kNoon), 1}}));
}

TEST(UsageLedger, RestoresTheCurrentMonthOnly) {
  UsageLedger ledger;
  const Day today = day_of(kNoon);
  ledger.restore({{kAlice, today - 31, 1},
                  {kAlice, today - 1, 20},
                  {kAlice, today, 300},
                  {kAlice, today + 31, 4000}},
                 kNoon);
  expect_usage(ledger.of(kAlice, kNoon), 300, 320);
  UsageLedger next_day;
  next_day.restore({{kAlice, today, 300}}, kNoon + kDay);
  expect_usage(next_day.of(kAlice, kNoon + kDay), 0, 300);
}

TEST(UsageLedger, HasAMaximumOfSubjectsAndCountsTheRestAsLeftOut) {
  UsageLedger ledger;
  const auto subject = [](std::size_t i) { return "jid:u" + std::to_string(i) + "@example.org"; };
  for (std::size_t i = 0; i < kUsageSubjectsMax; ++i) (void)ledger.add(kNoon, subject(i), 1);
  EXPECT_EQ(ledger.left_out(), 0U);
  expect_usage(ledger.add(kNoon, subject(kUsageSubjectsMax), 9), 0, 0);
  EXPECT_EQ(ledger.left_out(), 9U);
  expect_usage(ledger.add(kNoon, subject(kUsageSubjectsMax - 1), 1), 2, 2);
  EXPECT_EQ(ledger.left_out(), 9U);
  EXPECT_EQ(ledger.take_unsaved().size(), kUsageSubjectsMax);
  ledger.restore({{subject(kUsageSubjectsMax), day_of(kNoon), 1}}, kNoon);
  expect_usage(ledger.of(subject(kUsageSubjectsMax), kNoon), 0, 0);
  // A new month makes room.
  expect_usage(ledger.add(kNoon + 20 * kDay, subject(kUsageSubjectsMax), 9), 9, 9);
}

}  // namespace
}  // namespace bellhop::observe

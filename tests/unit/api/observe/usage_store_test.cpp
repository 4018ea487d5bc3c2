// Bytes per subject and day on disk.
#include "api/observe/usage_store.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "api/observe/schema.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::observe {
namespace {

namespace chrono = std::chrono;
using namespace std::chrono_literals;
using store::Database;
using store::TemporaryFolder;

using Rows = std::vector<UsageRow>;

Day day(chrono::year_month_day date) {
  return chrono::sys_days(date).time_since_epoch().count();
}

constexpr UsageBytes bytes(std::uint64_t day_bytes, std::uint64_t month_bytes) {
  return {.day_bytes = day_bytes, .month_bytes = month_bytes};
}

TEST(UsageDays, BeginAtMidnightUtc) {
  EXPECT_EQ(day_of(0), 0);
  EXPECT_EQ(day_of(86'399), 0);
  EXPECT_EQ(day_of(86'400), 1);
  EXPECT_EQ(day_of(-1), -1);
}

TEST(UsageDays, BelongToCalendarMonths) {
  EXPECT_EQ(month_of(0), 1970y / 1);
  EXPECT_EQ(month_of(day(2024y / 2 / 29)), 2024y / 2);
  EXPECT_EQ(month_of(day(2024y / 3 / 1)), 2024y / 3);
  EXPECT_EQ(month_of(day(2024y / 12 / 31)), 2024y / 12);
  EXPECT_EQ(month_of(-1), 1969y / 12);
  EXPECT_EQ(first_day_of(2024y / 3), day(2024y / 3 / 1));
}

TEST(UsageStore, AddsUpAcrossARestart) {
  const TemporaryFolder folder;
  const Day today = day(2024y / 2 / 29);
  for (int start = 0; start < 2; ++start) {
    Database database = Database::open(folder.file("a.db"), kMigrations);
    ASSERT_TRUE(UsageStore(database).add({{"jid:a@a.example", today, 10},
                                          {"jid:a@a.example", today, 1},
                                          {"jid:a@a.example", today - 1, 100},
                                          {"domain:a.example", today, 11}}));
  }
  Database database = Database::open(folder.file("a.db"), kMigrations);
  const UsageStore store(database);
  EXPECT_EQ(store.read("jid:a@a.example", today).value(), bytes(22, 222));
  EXPECT_EQ(store.read("jid:a@a.example", today - 5).value(), bytes(0, 222));
  EXPECT_EQ(store.read("jid:a@a.example", today + 1).value(), bytes(0, 0));
  EXPECT_EQ(store.read("domain:a.example", today).value(), bytes(22, 22));
  EXPECT_EQ(store.read("domain:b.example", today).value(), bytes(0, 0));
}

TEST(UsageStore, CountsTheWholeMonthAndNoMore) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  UsageStore store(database);
  ASSERT_TRUE(store.add({{"s", day(2024y / 1 / 31), 1},
                         {"s", day(2024y / 2 / 1), 2},
                         {"s", day(2024y / 2 / 29), 4},
                         {"s", day(2024y / 3 / 1), 8}}));
  EXPECT_EQ(store.read("s", day(2024y / 2 / 1)).value(), bytes(2, 6));
  EXPECT_EQ(store.read("s", day(2024y / 1 / 31)).value(), bytes(1, 1));
  EXPECT_EQ(store.read("s", day(2024y / 3 / 31)).value(), bytes(0, 8));
}

TEST(UsageStore, LoadsTheHeaviestSubjectsOfAMonthWithAllTheirDays) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  UsageStore store(database);
  const Day first = day(2024y / 2 / 1);
  ASSERT_TRUE(store.add({{"light", first, 5},
                         {"heavy", first + 3, 60},
                         {"heavy", first, 50},
                         {"middle", first + 1, 100},
                         {"light", first - 1, 1'000'000},
                         {"nothing", first, 0}}));
  const Rows heavy{{"heavy", first, 50}, {"heavy", first + 3, 60}};
  EXPECT_EQ(store.load(2024y / 2, 1).value(), heavy);
  Rows all = heavy;
  all.push_back({"middle", first + 1, 100});
  EXPECT_EQ(store.load(2024y / 2, 2).value(), all);
  all.push_back({"light", first, 5});
  EXPECT_EQ(store.load(2024y / 2, 100).value(), all);
  EXPECT_TRUE(store.load(2024y / 2, 0).value().empty());
  EXPECT_TRUE(store.load(2024y / 5, 100).value().empty());
}

TEST(UsageStore, ForgetsDaysBeforeOne) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  UsageStore store(database);
  const Day today = day(2024y / 2 / 20);
  ASSERT_TRUE(store.add({{"s", today - 1, 1}, {"s", today, 2}}));
  ASSERT_TRUE(store.prune(today));
  EXPECT_EQ(store.read("s", today).value(), bytes(2, 2));
}

TEST(UsageStore, StopsCountingWhereSqliteDoes) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  UsageStore store(database);
  const Day today = day(2024y / 2 / 20);
  for (int i = 0; i < 2; ++i) {
    for (const Day when : {today, today + 1, today + 2}) {
      ASSERT_TRUE(store.add({{"s", when, ~std::uint64_t{0}}}));
    }
  }
  EXPECT_EQ(store.read("s", today).value(), bytes(kMost, ~std::uint64_t{0}));
  EXPECT_EQ(store.load(2024y / 2, 1).value().size(), 3U);
}

TEST(UsageStore, AgreesWithTheSumsOfARandomStream) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  UsageStore store(database);
  std::mt19937_64 random(9);
  std::map<std::pair<std::string, Day>, std::uint64_t> days;
  std::map<std::pair<std::string, Month>, std::uint64_t> months;
  for (int batch = 0; batch < 20; ++batch) {
    Rows rows;
    for (int i = 0; i < 200; ++i) {
      const UsageRow row{"s" + std::to_string(random() % 10),
                         day(2024y / 1 / 1) + static_cast<Day>(random() % 100), random() % 1000};
      days[{row.subject, row.day}] += row.bytes;
      months[{row.subject, month_of(row.day)}] += row.bytes;
      rows.push_back(row);
    }
    ASSERT_TRUE(store.add(rows));
  }
  for (const auto& [key, sum] : days) {
    EXPECT_EQ(store.read(key.first, key.second).value(),
              bytes(sum, months[{key.first, month_of(key.second)}]));
  }
}

}  // namespace
}  // namespace bellhop::observe

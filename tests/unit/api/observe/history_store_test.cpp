// Minutes and hours of history on disk.
#include "api/observe/history_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "api/observe/errors.hpp"
#include "api/observe/history.hpp"
#include "api/observe/schema.hpp"
#include "component/store/errors.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::observe {
namespace {

using Group = HistoryQuery::Group;
using Slots = std::vector<HistorySlot>;
using store::Database;
using store::TemporaryFolder;

constexpr Second kNow = 1'700'006'400;  // a multiple of 4 hours
constexpr Second kEver = 10 * kNow;
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

HistoryQuery query(Second start, Second end, Second step, Group group = Group::none) {
  HistoryQuery query;
  query.start = start;
  query.end = end;
  query.step = step;
  query.group = group;
  return query;
}

HistorySlot slot(Tier tier, Second begin, std::uint64_t bytes, std::uint64_t peak = 0,
                 std::uint32_t sessions = 0) {
  HistorySlot slot;
  slot.tier = tier;
  slot.begin = begin;
  slot.cells = {{"socks5", "a.example", bytes, peak, sessions}};
  slot.sums = {{"", "", bytes, peak, sessions}};
  slot.heavy = {{"alice@a.example", bytes, 1}};
  return slot;
}

// A few hours of a History, stored as they close; what came since the last advance() with flush().
Slots fill(HistoryStore& store, Second from, Second seconds) {
  std::mt19937_64 random(4);
  History history;
  Slots all;
  const auto take = [&](const Slots& closed) {
    EXPECT_TRUE(store.add(closed));
    all.insert(all.end(), closed.begin(), closed.end());
  };
  for (Second now = from; now < from + seconds; now += static_cast<Second>(random() % 40)) {
    const std::string domain = "d" + std::to_string(random() % 50) + ".example";
    const std::string kind = random() % 2 == 0 ? "socks5" : "ibb";
    history.add(now, kind, domain, "user" + std::to_string(random() % 20) + "@" + domain,
                random() % 100'000);
    history.set_sessions(now, kind, domain, static_cast<std::uint32_t>(random() % 3));
    take(history.advance(now));
  }
  take(history.flush(from + seconds));
  return all;
}

TEST(HistoryStore, KeepsSlotsAsTheyAreAcrossARestart) {
  const TemporaryFolder folder;
  Slots all;
  {
    Database database = Database::open(folder.file("a.db"), kMigrations);
    HistoryStore store(database);
    all = fill(store, kNow, 7000);
  }
  Database database = Database::open(folder.file("a.db"), kMigrations);
  const HistoryStore store(database);
  for (const Tier tier : {Tier::minute, Tier::hour}) {
    Slots expected;
    for (HistorySlot& one : all) {
      if (one.tier != tier) continue;
      for (auto* cells : {&one.cells, &one.sums}) {
        std::sort(cells->begin(), cells->end(), [](const auto& a, const auto& b) {
          return std::tie(a.kind, a.domain) < std::tie(b.kind, b.domain);
        });
      }
      expected.push_back(one);
    }
    EXPECT_EQ(store.read(tier, 0, kEver).value(), expected);
  }
}

TEST(HistoryStore, AddsTheTwoHalvesOfAMinuteAcrossARestart) {
  const TemporaryFolder folder;
  for (const std::uint64_t bytes : {100U, 23U}) {
    Database database = Database::open(folder.file("a.db"), kMigrations);
    HistoryStore store(database);
    History history;
    const Second now = bytes == 100 ? kNow + 10 : kNow + 40;
    history.set_sessions(now, "socks5", "a.example", bytes == 100 ? 3 : 2);
    history.add(now, "socks5", "a.example", "alice@a.example", bytes);
    ASSERT_TRUE(store.add(history.flush(now + 5)));
  }
  Database database = Database::open(folder.file("a.db"), kMigrations);
  for (const Tier tier : {Tier::minute, Tier::hour}) {
    const Slots slots = HistoryStore(database).read(tier, 0, kEver).value();
    ASSERT_EQ(slots.size(), 1U);
    EXPECT_EQ(slots[0].begin, kNow);
    EXPECT_EQ(slots[0].cells, (std::vector<HistoryCell>{{"socks5", "a.example", 123, 100, 3}}));
    EXPECT_EQ(slots[0].heavy, (std::vector<HeavyHitter>{{"alice@a.example", 123, 0}}));
  }
}

TEST(HistoryStore, ReadsWhatBeginsWithinTheRange) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  ASSERT_TRUE(store.add({slot(Tier::minute, kNow, 1), slot(Tier::minute, kNow + 60, 2),
                         slot(Tier::minute, kNow + 120, 3), slot(Tier::hour, kNow, 4)}));
  const Slots slots = store.read(Tier::minute, kNow + 60, kNow + 120).value();
  ASSERT_EQ(slots.size(), 1U);
  EXPECT_EQ(slots[0], slot(Tier::minute, kNow + 60, 2));
  EXPECT_TRUE(store.read(Tier::minute, kNow + 180, kEver).value().empty());
}

TEST(HistoryStore, AnswersEachQueryAsIfAllSlotsWereRead) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  (void)fill(store, kNow, 20'000);
  for (const Tier tier : {Tier::minute, Tier::hour}) {
    const Slots everything = store.read(tier, 0, kEver).value();
    for (const Second factor : {1, 3, 20}) {
      for (const Group group : {Group::none, Group::kind, Group::domain, Group::jid}) {
        HistoryQuery wanted = query(kNow + 3600, kNow + 12'345, factor * step_of(tier), group);
        EXPECT_EQ(summarise(store.read(tier, wanted).value(), wanted),
                  summarise(everything, wanted));
        wanted.domain = "d7.example";
        EXPECT_EQ(summarise(store.read(tier, wanted).value(), wanted),
                  summarise(everything, wanted));
        wanted.kind = "ibb";
        wanted.jid = group == Group::jid ? "user3@d7.example" : "";
        EXPECT_EQ(summarise(store.read(tier, wanted).value(), wanted),
                  summarise(everything, wanted));
      }
    }
  }
}

TEST(HistoryStore, ReadsNoMoreThanAQueryNeeds) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  (void)fill(store, kNow, 7200);
  const Slots slots = store.read(Tier::minute, query(kNow, kNow + 7200, 3600)).value();
  ASSERT_EQ(slots.size(), 2U);
  for (const auto& one : slots) {
    EXPECT_EQ(one.cells.size() + one.sums.size(), 1U);
    EXPECT_TRUE(one.heavy.empty());
  }
}

TEST(HistoryStore, RefusesToReadMoreRowsThanTheirMaximum) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  for (const std::string table : {"INTO history_cell SELECT 2, 60 * n, '', '', 1, 1, 1",
                                  "INTO history_heavy SELECT 2, 60 * n, 'j', 1, 0"}) {
    ASSERT_TRUE(
        database.run("WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
                     "count WHERE n < " +
                     std::to_string(kHistoryRowsMax) + ") INSERT " + table + " FROM count"));
  }
  EXPECT_EQ(store.read(Tier::minute, query(60, kEver, 60)).value().size(), kHistoryRowsMax);
  ASSERT_TRUE(store.add({slot(Tier::minute, 0, 1)}));
  for (const Group group : {Group::none, Group::jid}) {
    const auto refused = store.read(Tier::minute, query(0, kEver, 60, group));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(errors::history_too_large));
  }
}

TEST(HistoryStore, StopsCountingWhereSqliteDoes) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(store.add({slot(Tier::minute, kNow, ~std::uint64_t{0}, ~std::uint64_t{0})}));
  }
  const Slots slots = store.read(Tier::minute, 0, kEver).value();
  EXPECT_EQ(slots[0].cells[0].bytes, kMost);
  EXPECT_EQ(slots[0].cells[0].peak, kMost);
  EXPECT_EQ(slots[0].heavy[0].count, kMost);
}

TEST(HistoryStore, KeepsHostileNamesAsTheyAre) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  HistorySlot hostile = slot(Tier::hour, kNow, 1);
  hostile.cells[0].domain = "'; DROP TABLE history_cell; --\n\xF0\x9F\x8E\x92";
  hostile.heavy[0].key = std::string(kHeavyKeyBytesMax, '\'');
  ASSERT_TRUE(store.add({hostile}));
  EXPECT_EQ(store.read(Tier::hour, 0, kEver).value(), Slots{hostile});
}

TEST(HistoryStore, ForgetsWhatIsOlderThanItsTier) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  for (const Tier tier : {Tier::minute, Tier::hour}) {
    const Second oldest = kNow - span_of(tier);
    ASSERT_TRUE(store.add({slot(tier, oldest, 1), slot(tier, oldest - step_of(tier), 2)}));
  }
  ASSERT_TRUE(store.prune(kNow));
  for (const Tier tier : {Tier::minute, Tier::hour}) {
    const Slots slots = store.read(tier, 0, kEver).value();
    ASSERT_EQ(slots.size(), 1U);
    EXPECT_EQ(slots[0], slot(tier, kNow - span_of(tier), 1));
  }
  ASSERT_TRUE(store.prune(kNow + 1));  // a slot that has begun before its span reaches into it
  EXPECT_EQ(store.read(Tier::minute, 0, kEver).value().size(), 1U);
}

// A process that was killed stored its minutes and never its hour.
TEST(HistoryStore, MakesTheHourOfAKilledProcessOfItsMinutes) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  ASSERT_TRUE(store.add(
      {slot(Tier::minute, kNow - 60, 1000, 9, 1), slot(Tier::hour, kNow - 3600, 5000, 7, 8),
       slot(Tier::minute, kNow, 100, 30, 2), slot(Tier::minute, kNow + 60, 50, 40, 1)}));
  for (int starts = 0; starts < 2; ++starts) {  // the second one changes nothing
    ASSERT_TRUE(store.recover());
    const Slots hours = store.read(Tier::hour, 0, kEver).value();
    ASSERT_EQ(hours.size(), 2U);
    EXPECT_EQ(hours[0].cells, (std::vector<HistoryCell>{{"socks5", "a.example", 5000, 9, 8}}));
    EXPECT_EQ(hours[0].heavy, (std::vector<HeavyHitter>{{"alice@a.example", 5000, 1}}));
    EXPECT_EQ(hours[1].cells, (std::vector<HistoryCell>{{"socks5", "a.example", 150, 40, 2}}));
    EXPECT_EQ(hours[1].sums, (std::vector<HistoryCell>{{"", "", 150, 40, 2}}));
    EXPECT_EQ(hours[1].heavy, (std::vector<HeavyHitter>{{"alice@a.example", 150, 2}}));
  }
}

TEST(HistoryStore, RecoversNothingFromNothing) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  ASSERT_TRUE(store.recover());
  EXPECT_TRUE(store.read(Tier::hour, 0, kEver).value().empty());
  ASSERT_TRUE(store.add({}));
}

TEST(HistoryStore, AddsAllOrNothing) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  HistoryStore store(database);
  ASSERT_TRUE(
      database.run("CREATE TRIGGER full BEFORE INSERT ON history_heavy "
                   "BEGIN SELECT raise(ABORT, 'no room'); END"));
  const auto refused = store.add({slot(Tier::minute, kNow, 1)});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(store::errors::database_failed));
  EXPECT_TRUE(store.read(Tier::minute, 0, kEver).value().empty());
}

}  // namespace
}  // namespace bellhop::observe

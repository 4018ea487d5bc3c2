// Bytes over time in four tiers.
#include "api/observe/history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace bellhop::observe {
namespace {

constexpr Second kDay = 86'400;
constexpr Second kMidnight = 19'675 * kDay;
constexpr Second kNow = kMidnight + 10 * 3600;
constexpr Second kEver = std::numeric_limits<Second>::max();

using Slots = std::vector<HistorySlot>;

std::string domain(std::uint64_t number) {
  return "d" + std::to_string(number) + ".example";
}

void add(History& history, Second now, std::uint64_t bytes, std::string_view at = "a.example") {
  history.add(now, "socks5", at, "alice@" + std::string(at), bytes);
}

Slots in_memory(const History& history, Tier tier) {
  return history.slots(tier, std::numeric_limits<Second>::min(), kEver);
}

std::uint64_t bytes_of(const std::vector<HistoryCell>& cells) {
  std::uint64_t bytes = 0;
  for (const auto& cell : cells) bytes += cell.bytes;
  return bytes;
}

std::uint64_t bytes_of(const Slots& slots, Tier tier) {
  std::uint64_t bytes = 0;
  for (const auto& slot : slots) bytes += slot.tier == tier ? bytes_of(slot.cells) : 0;
  return bytes;
}

// A cell of a slot, of its sums when kind or domain is empty; an empty one if it is not there.
HistoryCell cell_of(const HistorySlot& slot, std::string_view kind, std::string_view domain) {
  for (const auto* cells : {&slot.cells, &slot.sums}) {
    for (const auto& cell : *cells) {
      if (cell.kind == kind && cell.domain == domain) return cell;
    }
  }
  return {};
}

HistorySlot slot_at(const Slots& slots, Tier tier, Second begin) {
  const auto found = std::find_if(slots.begin(), slots.end(), [&](const HistorySlot& slot) {
    return slot.tier == tier && slot.begin == begin;
  });
  return found == slots.end() ? HistorySlot() : *found;
}

void append(Slots& slots, Slots more) {
  for (auto& slot : more) slots.push_back(std::move(slot));
}

TEST(History, ShowsTheOpenSlotOfEveryTierAtOnce) {
  History history;
  add(history, kNow + 5, 100);
  for (const Tier tier : kTiers) {
    const Slots slots = in_memory(history, tier);
    ASSERT_EQ(slots.size(), 1U);
    EXPECT_EQ(slots[0].tier, tier);
    EXPECT_EQ(slots[0].begin, round_down(kNow + 5, step_of(tier)));
    EXPECT_EQ(slots[0].cells, (std::vector<HistoryCell>{{"socks5", "a.example", 100, 100, 0}}));
    EXPECT_EQ(slots[0].sums, (std::vector<HistoryCell>{{"", "", 100, 100, 0},
                                                       {"", "a.example", 100, 100, 0},
                                                       {"socks5", "", 100, 100, 0}}));
    EXPECT_EQ(slots[0].heavy, (std::vector<HeavyHitter>{{"alice@a.example", 100, 0}}));
  }
}

TEST(History, IsEmptyAtFirst) {
  History history;
  for (const Tier tier : kTiers) EXPECT_TRUE(in_memory(history, tier).empty());
  EXPECT_TRUE(history.advance(kNow).empty());
  EXPECT_TRUE(history.flush(kNow).empty());
}

TEST(History, HandsOutAMinuteAndAnHourOnceWhenTheyClose) {
  History history;
  add(history, kNow, 10);
  EXPECT_TRUE(history.advance(kNow + 59).empty());
  Slots closed = history.advance(kNow + 60);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].tier, Tier::minute);
  EXPECT_EQ(closed[0].begin, kNow);
  EXPECT_EQ(bytes_of(closed[0].cells), 10U);
  EXPECT_TRUE(history.advance(kNow + 60).empty());
  EXPECT_TRUE(in_memory(history, Tier::minute).empty());
  for (Second minute = 2; minute < 60; ++minute) {
    EXPECT_TRUE(history.advance(kNow + 60 * minute).empty());
  }
  closed = history.advance(kNow + 3600);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].tier, Tier::hour);
  EXPECT_EQ(bytes_of(closed[0].cells), 10U);
}

// The fastest second of a sum is neither the sum nor the greatest of its parts' fastest seconds.
TEST(History, KeepsTheFastestSecondOfEachCellAndEachSum) {
  History history;
  add(history, kNow, 40, "a.example");
  add(history, kNow, 30, "a.example");
  add(history, kNow, 10, "b.example");
  add(history, kNow + 7, 50, "b.example");
  add(history, kNow + 7, 20, "c.example");
  const Slots closed = history.advance(kNow + 60);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(cell_of(closed[0], "socks5", "a.example").peak, 70U);
  EXPECT_EQ(cell_of(closed[0], "socks5", "b.example").peak, 50U);
  EXPECT_EQ(cell_of(closed[0], "", "c.example").peak, 20U);
  EXPECT_EQ(cell_of(closed[0], "socks5", "").peak, 80U);
  EXPECT_EQ(cell_of(closed[0], "", "").peak, 80U);
  EXPECT_EQ(cell_of(closed[0], "", "").bytes, 150U);
}

TEST(History, HoldsTheNumberOfSessionsUntilItChanges) {
  History history;
  history.set_sessions(kNow, "socks5", "a.example", 2);
  history.set_sessions(kNow, "socks5", "a.example", 5);
  history.set_sessions(kNow, "socks5", "a.example", 1);
  history.set_sessions(kNow + 3, "ibb", "a.example", 3);
  history.set_sessions(kNow + 5, "socks5", "a.example", 0);
  history.set_sessions(kNow + 6, "ibb", "a.example", 0);
  (void)history.advance(kNow + 20);
  const Slots seconds = in_memory(history, Tier::second);
  std::vector<std::uint32_t> total;
  for (const auto& slot : seconds) total.push_back(cell_of(slot, "", "").sessions);
  // Most at one time within each second, beginning with what ran when it began.
  EXPECT_EQ(total, (std::vector<std::uint32_t>{5, 1, 1, 4, 4, 4, 3}));
  const HistorySlot ten = slot_at(in_memory(history, Tier::ten_seconds), Tier::ten_seconds, kNow);
  EXPECT_EQ(cell_of(ten, "socks5", "a.example").sessions, 5U);
  EXPECT_EQ(cell_of(ten, "ibb", "").sessions, 3U);
  EXPECT_EQ(cell_of(ten, "", "a.example").sessions, 5U);
  EXPECT_EQ(bytes_of(ten.cells), 0U);
}

TEST(History, GivesCellsToTheFirstDomainsOfADayAndSumsTheRest) {
  History history;
  for (std::uint64_t i = 0; i < kHistoryDomainsMax; ++i) add(history, kNow, 1, domain(i));
  HistorySlot slot = in_memory(history, Tier::second)[0];
  EXPECT_EQ(slot.cells.size(), kHistoryDomainsMax);
  EXPECT_EQ(cell_of(slot, "socks5", kOtherName).bytes, 0U);
  add(history, kNow, 5, domain(kHistoryDomainsMax));
  add(history, kNow, 6, domain(kHistoryDomainsMax + 1));
  add(history, kNow, 7, "");
  add(history, kNow, 2, domain(0));
  slot = in_memory(history, Tier::second)[0];
  EXPECT_EQ(slot.cells.size(), kHistoryDomainsMax + 1);
  EXPECT_EQ(cell_of(slot, "socks5", kOtherName).bytes, 18U);
  EXPECT_EQ(cell_of(slot, "socks5", domain(0)).bytes, 3U);
  EXPECT_EQ(bytes_of(slot.cells), kHistoryDomainsMax + 20);
  EXPECT_EQ(cell_of(slot, "", "").bytes, kHistoryDomainsMax + 20);
}

TEST(History, GivesCellsToTheFirstKindsOfADay) {
  History history;
  for (std::uint64_t i = 0; i <= kHistoryKindsMax; ++i) {
    history.add(kNow, "kind" + std::to_string(i), "a.example", "alice@a.example", 1);
  }
  const HistorySlot slot = in_memory(history, Tier::second)[0];
  EXPECT_EQ(slot.cells.size(), kHistoryKindsMax + 1);
  EXPECT_EQ(cell_of(slot, kOtherName, "a.example").bytes, 1U);
}

TEST(History, SumsTheSessionsOfDomainsWithoutACell) {
  History history;
  for (std::uint64_t i = 0; i < kHistoryDomainsMax + 3; ++i) {
    history.set_sessions(kNow, "socks5", domain(i), 2);
  }
  history.set_sessions(kNow + 1, "socks5", domain(kHistoryDomainsMax), 0);
  (void)history.advance(kNow + 2);
  const Slots slots = in_memory(history, Tier::second);
  EXPECT_EQ(cell_of(slots[0], "socks5", kOtherName).sessions, 6U);
  EXPECT_EQ(cell_of(slots[2], "socks5", kOtherName).sessions, 4U);
  EXPECT_EQ(cell_of(slots[2], "", "").sessions, 2U * (kHistoryDomainsMax + 2));
}

TEST(History, StartsEachDayWithTheDomainsOfMostSessions) {
  History history;
  const Second evening = kMidnight - 2;
  for (std::uint64_t i = 0; i < kHistoryDomainsMax + 5; ++i) {
    history.set_sessions(evening, "socks5", domain(i), static_cast<std::uint32_t>(i + 1));
  }
  (void)history.advance(kMidnight);
  const Slots slots = in_memory(history, Tier::second);
  const HistorySlot before = slot_at(slots, Tier::second, kMidnight - 1);
  const HistorySlot after = slot_at(slots, Tier::second, kMidnight);
  EXPECT_EQ(cell_of(before, "socks5", domain(0)).sessions, 1U);
  EXPECT_EQ(cell_of(after, "socks5", domain(0)).sessions, 0U);
  EXPECT_EQ(cell_of(after, "socks5", kOtherName).sessions, 1U + 2 + 3 + 4 + 5);
  EXPECT_EQ(cell_of(after, "socks5", domain(kHistoryDomainsMax + 4)).sessions,
            kHistoryDomainsMax + 5);
  EXPECT_EQ(cell_of(after, "", "").sessions, cell_of(before, "", "").sessions);
}

TEST(History, TellsPairsWithSessionsApartUpToTheirMaximum) {
  History history;
  for (std::uint64_t i = 0; i < kHistoryGaugesMax; ++i) {
    history.set_sessions(kNow, "socks5", domain(i), 1);
  }
  history.set_sessions(kNow, "socks5", "one.too.many.example", 1);
  EXPECT_EQ(cell_of(in_memory(history, Tier::second)[0], "", "").sessions, kHistoryGaugesMax);
  history.set_sessions(kNow + 1, "socks5", domain(0), 0);
  history.set_sessions(kNow + 1, "socks5", "one.too.many.example", 3);
  (void)history.advance(kNow + 2);
  EXPECT_EQ(cell_of(in_memory(history, Tier::second)[2], "", "").sessions, kHistoryGaugesMax + 2);
}

TEST(History, KeepsSecondsForAQuarterOfAnHourAndTensForFourHours) {
  History history;
  const Second end = kNow + 5 * 3600;
  for (Second now = kNow; now <= end; ++now) {
    add(history, now, 1);
    if (now % 600 == 0) (void)history.advance(now);
  }
  const Slots seconds = history.slots(Tier::second, end - 900, kEver);
  EXPECT_EQ(seconds.size(), 901U);  // with the open one
  EXPECT_EQ(bytes_of(seconds, Tier::second), 901U);
  EXPECT_LE(in_memory(history, Tier::second).size(), 903U);
  const Slots tens = history.slots(Tier::ten_seconds, end - 4 * 3600, kEver);
  EXPECT_EQ(bytes_of(tens, Tier::ten_seconds), 4U * 3600 + 1);
  EXPECT_LE(in_memory(history, Tier::ten_seconds).size(), 1443U);
  EXPECT_EQ(history.slots(Tier::second, end - 5, end - 2).size(), 3U);
}

TEST(History, CountsWhatIsALittleLateIntoTheNewestSecond) {
  History history;
  add(history, kNow, 1);
  add(history, kNow - 2, 2);
  const Slots seconds = in_memory(history, Tier::second);
  ASSERT_EQ(seconds.size(), 1U);
  EXPECT_EQ(bytes_of(seconds[0].cells), 3U);
}

TEST(History, LosesNothingWhenTheClockJumps) {
  for (const Second jump : {-3, -90, -5000, -200'000, 901, 5000, 200'000}) {
    History history;
    add(history, kNow, 1);
    history.set_sessions(kNow, "socks5", "a.example", 4);
    add(history, kNow + 30, 2);
    Slots all;
    append(all, history.advance(kNow + 30 + jump));
    add(history, kNow + 30 + jump, 4);
    append(all, history.flush(kNow + 31 + jump));
    EXPECT_EQ(bytes_of(all, Tier::minute), 7U) << jump;
    EXPECT_EQ(bytes_of(all, Tier::hour), 7U) << jump;
    if (jump < 0) {
      EXPECT_EQ(bytes_of(in_memory(history, Tier::second), Tier::second), 7U) << jump;
    }
    for (const auto& slot : all) EXPECT_EQ(cell_of(slot, "", "").sessions, 4U) << jump;
  }
}

TEST(History, FillsAShortGapWithTheSessionsThatRan) {
  History history;
  history.set_sessions(kNow, "socks5", "a.example", 4);
  const Slots closed = history.advance(kNow + 900);
  EXPECT_EQ(closed.size(), 15U);
  EXPECT_EQ(in_memory(history, Tier::second).size(), 901U);
}

TEST(History, HandsOutOpenSlotsAsPartsThatAddUp) {
  History history;
  add(history, kNow + 10, 5);
  Slots parts = history.flush(kNow + 20);
  EXPECT_EQ(parts.size(), 2U);
  EXPECT_TRUE(history.flush(kNow + 20).empty());
  add(history, kNow + 30, 6);
  append(parts, history.flush(kNow + 40));
  EXPECT_EQ(parts.size(), 4U);
  EXPECT_EQ(bytes_of(parts, Tier::minute), 11U);
  EXPECT_EQ(bytes_of(parts, Tier::hour), 11U);
  for (const auto& part : parts) EXPECT_EQ(part.begin, kNow);
  EXPECT_EQ(bytes_of(in_memory(history, Tier::second), Tier::second), 11U);
  EXPECT_EQ(bytes_of(in_memory(history, Tier::ten_seconds), Tier::ten_seconds), 11U);
  EXPECT_TRUE(in_memory(history, Tier::hour).empty());
}

TEST(History, KeepsTheHeaviestUsersOfASlot) {
  History history;
  for (std::uint64_t i = 0; i < 30; ++i) {
    history.add(kNow, "socks5", "a.example", "user" + std::to_string(i) + "@a.example", i + 1);
  }
  const HistorySlot slot = in_memory(history, Tier::second)[0];
  ASSERT_EQ(slot.heavy.size(), kHistoryHeavyMax);
  EXPECT_EQ(slot.heavy[0], (HeavyHitter{"user29@a.example", 30, 0}));
  EXPECT_EQ(slot.heavy[9], (HeavyHitter{"user20@a.example", 21, 0}));
}

TEST(History, GivesUpTheOldestWhenNobodyFetchesWhatClosed) {
  History history;
  const Second minutes = static_cast<Second>(kHistoryClosedMax) + 100;
  for (Second i = 0; i <= minutes; ++i) add(history, kNow + 60 * i, 1);
  const Slots closed = history.advance(kNow + 60 * minutes);
  EXPECT_EQ(closed.size(), kHistoryClosedMax);
  EXPECT_GT(closed.front().begin, kNow);
  EXPECT_EQ(closed.back().begin, kNow + 60 * (minutes - 1));
}

// What was added, second by second, to compare with.
class Reference {
 public:
  void add(Second now, const std::string& kind, const std::string& domain, std::uint64_t bytes) {
    seconds_[now] += bytes;
    bytes_[{round_down(now, 60), kind, domain}] += bytes;
    total_ += bytes;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t peak(Second begin, Second step) const {
    std::uint64_t peak = 0;
    for (auto it = seconds_.lower_bound(begin); it != seconds_.end() && it->first < begin + step;
         ++it) {
      peak = std::max(peak, it->second);
    }
    return peak;
  }
  [[nodiscard]] std::uint64_t minute(Second begin, const HistoryCell& cell) const {
    const auto found = bytes_.find({begin, cell.kind, cell.domain});
    return found == bytes_.end() ? 0 : found->second;
  }

 private:
  std::map<Second, std::uint64_t> seconds_;
  std::map<std::tuple<Second, std::string, std::string>, std::uint64_t> bytes_;
  std::uint64_t total_ = 0;
};

// Two hours around midnight, more domains than cells, pauses: nothing is lost in any tier.
TEST(History, AgreesWithTheSumsOfARandomStream) {
  std::mt19937_64 random(5);
  History history;
  Reference reference;
  Slots stored;
  Second now = kMidnight - 3600;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 3 == 0) now += random() % 500 == 0 ? static_cast<Second>(random() % 300) : 1;
    const std::string kind = random() % 2 == 0 ? "socks5" : "ibb";
    const std::string at = domain(random() % (1 + random() % 60));
    const std::uint64_t bytes = random() % 1'000'000;
    history.add(now, kind, at, "user" + std::to_string(random() % 3000) + "@" + at, bytes);
    reference.add(now, kind, at, bytes);
    if (random() % 100 == 0) append(stored, history.advance(now));
  }
  append(stored, history.advance(now));
  for (const Tier tier : {Tier::minute, Tier::hour}) append(stored, in_memory(history, tier));
  Slots all = stored;
  append(all, in_memory(history, Tier::ten_seconds));
  for (const Tier tier : {Tier::ten_seconds, Tier::minute, Tier::hour}) {
    EXPECT_EQ(bytes_of(all, tier), reference.total());
  }
  for (const auto& slot : all) {
    const HistoryCell total = cell_of(slot, "", "");
    ASSERT_EQ(total.bytes, bytes_of(slot.cells));
    ASSERT_EQ(total.peak, reference.peak(slot.begin, step_of(slot.tier)));
    std::uint64_t by_kind = 0;
    for (const auto& cell : slot.sums) by_kind += cell.domain.empty() ? cell.bytes : 0;
    ASSERT_EQ(by_kind, 2 * total.bytes);  // the kinds and the total itself
    for (const auto& cell : slot.cells) {
      if (slot.tier != Tier::minute || cell.domain == kOtherName) continue;
      ASSERT_EQ(cell.bytes, reference.minute(slot.begin, cell));
    }
  }
}

}  // namespace
}  // namespace bellhop::observe

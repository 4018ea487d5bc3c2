// The budget of sources: no more goes out than came in, whatever comes, and no memory is spent.
#include "relay/source_budget.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string_view>

#include "tests/unit/relay/allocation_count.hpp"

namespace bellhop::relay {
namespace {

using namespace std::chrono_literals;

const base::TimePoint kStart{1000h};
constexpr std::size_t kBurst = SourceBudget::kBurstBytes;

base::IpAddress ip(std::string_view text) {
  return base::IpAddress::parse(text).value();
}

// How many answers of `wanted` bytes get out at once.
std::size_t answers(SourceBudget& budget, std::string_view source, std::size_t received,
                    std::size_t wanted, base::TimePoint now) {
  std::size_t count = 0;
  while (count < 1'000'000 && budget.may_answer(ip(source), received, wanted, now)) ++count;
  return count;
}

// STN-17
TEST(SourceBudget, AnswersABurstAndThenNoMoreThanWasReceived) {
  SourceBudget budget;
  EXPECT_EQ(answers(budget, "198.51.100.7", 28, 92, kStart), kBurst / 64);
  EXPECT_FALSE(budget.may_answer(ip("198.51.100.7"), 28, 92, kStart));
  // What came in meanwhile is credit.
  EXPECT_TRUE(budget.may_answer(ip("198.51.100.7"), 28, 28 + 28, kStart));
}

TEST(SourceBudget, AnswersForEverWhoGetsNoMoreThanHeSends) {
  SourceBudget budget;
  EXPECT_EQ(answers(budget, "198.51.100.7", 100, 100, kStart), 1'000'000u);
}

TEST(SourceBudget, SavesUpNoMoreThanTheBurst) {
  SourceBudget budget;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(budget.may_answer(ip("198.51.100.7"), 1500, 0, kStart));
  }
  EXPECT_EQ(answers(budget, "198.51.100.7", 0, 1, kStart), kBurst);
}

TEST(SourceBudget, AnswersWhatIsLargerThanTheBurstIfMoreCame) {
  SourceBudget budget;
  EXPECT_TRUE(budget.may_answer(ip("198.51.100.7"), 65'535, 65'535, kStart));
  EXPECT_FALSE(budget.may_answer(ip("198.51.100.7"), 0, 65'535, kStart));
}

TEST(SourceBudget, ForgivesWhatLiesTenToFifteenSecondsBack) {
  for (const auto offset : {0ms, 1ms, 2500ms, 4999ms}) {
    SourceBudget budget;
    const auto begin = kStart + offset;
    EXPECT_EQ(answers(budget, "198.51.100.7", 0, 1, begin), kBurst);
    EXPECT_FALSE(budget.may_answer(ip("198.51.100.7"), 0, 1, begin + 10s));
    EXPECT_EQ(answers(budget, "198.51.100.7", 0, 1, begin + 15s), kBurst);
  }
}

// A keep-alive every 15 seconds of each of a hundred clients behind one address.
TEST(SourceBudget, NeverSilencesBindingRequestsOfManyClients) {
  SourceBudget budget;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(budget.may_answer(ip("198.51.100.7"), 20, 32, kStart + i * 150ms)) << i;
  }
}

TEST(SourceBudget, TakesAnIpv6CustomerAsOneSource) {
  SourceBudget budget;
  EXPECT_EQ(answers(budget, "2001:db8:1:2::1", 0, 1, kStart), kBurst);
  EXPECT_FALSE(budget.may_answer(ip("2001:db8:1:ff:1:2:3:4"), 0, 1, kStart));
  EXPECT_TRUE(budget.may_answer(ip("2001:db8:1:100::1"), 0, 1, kStart));
}

TEST(SourceBudget, GivesNeighboursRowsOfTheirOwn) {
  SourceBudget budget;
  std::size_t with_budget = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    with_budget += budget.may_answer(base::IpAddress::from_v4(0xCB007100 + i), 0, kBurst, kStart);
  }
  // Of 1,000 sources 30 share a row of 16,384 with one before.
  EXPECT_GT(with_budget, 900u);
}

TEST(SourceBudget, ChoosesOtherRowsInEachProcess) {
  SourceBudget one;
  SourceBudget another;
  int different = 0;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto source = base::IpAddress::from_v4(i);
    different +=
        one.may_answer(source, 0, kBurst, kStart) != another.may_answer(source, 0, kBurst, kStart);
  }
  EXPECT_GT(different, 1000);
}

// STN-17: whatever the order of large and small, of pauses and of crowds.
TEST(SourceBudget, NeverSendsMoreThanWasReceivedOverAnyTenSeconds) {
  struct Datagram {
    base::TimePoint at;
    std::int64_t balance;  // sent less received
  };
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    SourceBudget budget;
    std::deque<Datagram> last;
    base::TimePoint now = kStart;
    for (int i = 0; i < 5000; ++i) {
      constexpr base::Duration kPauses[] = {0ms, 1ms, 30ms, 700ms, 4s, 11s};
      now += kPauses[std::min<std::size_t>(random() % (seed + 2), 5)];
      const std::size_t received = random() % 3 == 0 ? random() % 1500 : random() % 60;
      const std::size_t wanted = random() % (seed % 2 == 0 ? 120 : 1500);
      const bool is_sent = budget.may_answer(ip("198.51.100.7"), received, wanted, now);
      last.push_back({now, static_cast<std::int64_t>(is_sent ? wanted : 0) -
                               static_cast<std::int64_t>(received)});
      while (now - last.front().at > 10s) last.pop_front();
      // Every window that ends here.
      std::int64_t balance = 0;
      for (auto datagram = last.rbegin(); datagram != last.rend(); ++datagram) {
        balance += datagram->balance;
        ASSERT_LE(balance, static_cast<std::int64_t>(kBurst)) << seed << ' ' << i;
      }
    }
  }
}

TEST(SourceBudget, SpendsNoMemoryOnAMillionSpoofedSources) {
  SourceBudget budget;
  std::mt19937 random(1);
  const std::size_t before = allocation_count();
  std::size_t received = 0;
  std::size_t sent = 0;
  std::array<std::uint8_t, 16> bytes{0x20, 0x01};
  for (int i = 0; i < 1'000'000; ++i) {
    for (std::size_t k = 2; k < 8; k += 2) {
      const auto word = random();
      bytes[k] = static_cast<std::uint8_t>(word);
      bytes[k + 1] = static_cast<std::uint8_t>(word >> 8);
    }
    const auto source = i % 2 == 0 ? base::IpAddress::from_v4(static_cast<std::uint32_t>(random()))
                                   : base::IpAddress::from_v6(bytes);
    received += 28;
    if (budget.may_answer(source, 28, 92, kStart)) sent += 92;
  }
  EXPECT_EQ(allocation_count(), before);
  // And what is reflected is bounded by the table, not by the number of sources.
  EXPECT_LE(sent, received + SourceBudget::kRows * kBurst);
  EXPECT_GT(sent, received);
}

}  // namespace
}  // namespace bellhop::relay

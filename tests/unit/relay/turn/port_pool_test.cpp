// Relayed ports: which are lent, in what order they come back, and what a reservation is good for.
#include "relay/turn/port_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;

const base::TimePoint kStart{1000h};

std::vector<std::uint16_t> take_all(PortPool& pool) {
  std::vector<std::uint16_t> ports;
  while (const auto port = pool.take()) ports.push_back(*port);
  return ports;
}

// TURN-A18
TEST(PortPool, LendsEveryPortOfItsRangeOnceAndNoOther) {
  struct Range {
    std::uint16_t first;
    std::uint16_t last;
  };
  for (const Range range :
       {Range{49152, 65535}, Range{50001, 50008}, Range{50000, 50006}, Range{50001, 50001},
        Range{50000, 50000}, Range{1024, 65535}, Range{65535, 65535}, Range{50001, 50002}}) {
    PortPool pool(range.first, range.last);
    const std::size_t size = range.last - range.first + 1u;
    EXPECT_EQ(pool.free_ports(), size);
    const auto ports = take_all(pool);
    const std::set<std::uint16_t> different(ports.begin(), ports.end());
    EXPECT_EQ(ports.size(), size);
    EXPECT_EQ(different.size(), size);
    EXPECT_EQ(*different.begin(), range.first);
    EXPECT_EQ(*different.rbegin(), range.last);
    EXPECT_EQ(pool.free_ports(), 0u);
    EXPECT_FALSE(pool.take() || pool.take_even() || pool.take_pair(kStart));
  }
}

// TURN-A18: two pools agree in one of 16,384 orders only by chance.
TEST(PortPool, LendsInAnOrderThatNobodyCanGuess) {
  PortPool one(49152, 65535);
  PortPool another(49152, 65535);
  const auto ports = take_all(one);
  EXPECT_NE(ports, take_all(another));
  std::size_t neighbours = 0;
  for (std::size_t i = 1; i < ports.size(); ++i) neighbours += ports[i] == ports[i - 1] + 1;
  EXPECT_LT(neighbours, 50u);  // one is expected
}

TEST(PortPool, LendsEachPortEquallyOften) {
  std::vector<int> counts(8);
  for (int i = 0; i < 8000; ++i) {
    PortPool pool(50000, 50007);
    ++counts[pool.take().value() - 50000u];
  }
  for (const int count : counts) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(PortPool, LendsAPortAgainOnlyWhenAsManyOthersHaveComeBack) {
  PortPool pool(49152, 65535);
  const std::uint16_t used = pool.take().value();
  pool.give_back(used);
  // Half of the free ones rest: so many have to come back before this one is drawn from.
  for (int i = 0; i < 8000; ++i) {
    const std::uint16_t port = pool.take().value();
    ASSERT_NE(port, used) << i;
    pool.give_back(port);
  }
}

TEST(PortPool, WakesTheOneFirstThatCameBackFirst) {
  PortPool pool(50000, 50003);
  const auto ports = take_all(pool);
  for (const std::uint16_t port : ports) pool.give_back(port);
  const std::set<std::uint16_t> first_back{ports[0], ports[1]};
  EXPECT_TRUE(first_back.contains(pool.take().value()));
}

TEST(PortPool, LendsWhatRestsRatherThanNothing) {
  PortPool pool(50000, 50000);
  for (int i = 0; i < 100; ++i) {
    const auto port = pool.take_even();
    ASSERT_EQ(port, 50000);
    EXPECT_FALSE(pool.take());
    pool.give_back(*port);
  }
}

// TURN-A19
TEST(PortPool, LendsEvenPortsWhileThereAreSome) {
  PortPool pool(50001, 50008);
  std::set<std::uint16_t> ports;
  while (const auto port = pool.take_even()) {
    EXPECT_EQ(*port % 2, 0);
    ports.insert(*port);
  }
  EXPECT_EQ(ports, (std::set<std::uint16_t>{50002, 50004, 50006, 50008}));
  EXPECT_EQ(pool.free_ports(), 4u);
  EXPECT_TRUE(pool.take());
}

TEST(PortPool, FindsAnEvenPortAmongThoseThatRest) {
  PortPool pool(50000, 50003);
  const auto ports = take_all(pool);
  for (const std::uint16_t port : ports) {
    if (port % 2 == 1) pool.give_back(port);
  }
  pool.give_back(50002);
  EXPECT_EQ(pool.take_even(), 50002);
  EXPECT_FALSE(pool.take_even());
}

TEST(PortPool, OfOneOddPortHasNoEvenOne) {
  PortPool pool(50001, 50001);
  EXPECT_FALSE(pool.take_even());
  EXPECT_FALSE(pool.take_pair(kStart));
  EXPECT_EQ(pool.take(), 50001);
}

// TURN-A19: ends of the range that have no partner are no pair.
TEST(PortPool, LendsPairsThatLieWithinItsRange) {
  PortPool pool(50001, 50006);
  std::set<std::uint16_t> ports;
  while (const auto pair = pool.take_pair(kStart)) {
    EXPECT_EQ(pool.take_reserved(pair->token, kStart), pair->port + 1);
    ports.insert(pair->port);
  }
  EXPECT_EQ(ports, (std::set<std::uint16_t>{50002, 50004}));
  EXPECT_EQ(pool.free_ports(), 2u);
}

TEST(PortPool, FindsAPairAmongThoseThatRest) {
  PortPool pool(50000, 50003);
  for (const std::uint16_t port : take_all(pool)) {
    if (port != 50001) pool.give_back(port);
  }
  const auto pair = pool.take_pair(kStart);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->port, 50002);
  EXPECT_FALSE(pool.take_pair(kStart));
}

// TURN-A19
TEST(PortPool, HoldsAReservedPortForThirtySecondsAndNotLonger) {
  PortPool pool(50000, 50001);
  const auto pair = pool.take_pair(kStart);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pool.free_ports(), 0u);
  pool.give_back(pair->port);
  pool.expire(kStart + 30s - 1ns);
  EXPECT_EQ(pool.free_ports(), 1u);
  EXPECT_EQ(pool.take(), 50000);
  pool.expire(kStart + 30s);
  EXPECT_EQ(pool.free_ports(), 1u);
  EXPECT_FALSE(pool.take_reserved(pair->token, kStart + 30s));
  EXPECT_EQ(pool.take(), 50001);
}

TEST(PortPool, GivesAReservedPortUntilTheLastMoment) {
  PortPool pool(50000, 50001);
  const auto token = pool.take_pair(kStart).value().token;
  EXPECT_EQ(pool.take_reserved(token, kStart + 30s - 1ns), 50001);
}

// Between two calls of expire() the port of a lapsed token is nobody's.
TEST(PortPool, RefusesALapsedTokenBeforeItsPortIsFree) {
  PortPool pool(50000, 50001);
  const auto token = pool.take_pair(kStart).value().token;
  EXPECT_FALSE(pool.take_reserved(token, kStart + 30s));
  EXPECT_FALSE(pool.take());
  pool.expire(kStart + 31s);
  EXPECT_EQ(pool.take(), 50001);
}

TEST(PortPool, TakesATokenOnce) {
  PortPool pool(50000, 50001);
  const auto pair = pool.take_pair(kStart).value();
  EXPECT_EQ(pool.take_reserved(pair.token, kStart), 50001);
  EXPECT_FALSE(pool.take_reserved(pair.token, kStart));
  // What was taken does not come free when its reservation would have lapsed.
  pool.expire(kStart + 1h);
  EXPECT_EQ(pool.free_ports(), 0u);
  pool.give_back(50001);
  EXPECT_EQ(pool.take(), 50001);
}

TEST(PortPool, KnowsNoTokenThatItDidNotMake) {
  PortPool pool(49152, 65535);
  const auto pair = pool.take_pair(kStart).value();
  EXPECT_FALSE(pool.take_reserved(ReservationToken{}, kStart));
  for (std::size_t bit = 0; bit < 64; ++bit) {
    ReservationToken forged = pair.token;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(pool.take_reserved(forged, kStart));
  }
  EXPECT_TRUE(pool.take_reserved(pair.token, kStart));
}

TEST(PortPool, MakesTokensThatDifferInAboutHalfOfTheirBits) {
  PortPool pool(49152, 65535);
  std::set<ReservationToken> tokens;
  std::array<int, 64> ones{};
  while (const auto pair = pool.take_pair(kStart)) {
    tokens.insert(pair->token);
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += pair->token[bit / 8] >> (bit % 8) & 1;
  }
  EXPECT_EQ(tokens.size(), 8192u);
  for (const int count : ones) {
    EXPECT_GT(count, 8192 * 2 / 5);
    EXPECT_LT(count, 8192 * 3 / 5);
  }
}

// Random use against a plain set: no port is lent twice, none is lost.
TEST(PortPool, AgreesWithAPlainSetOverRandomUse) {
  std::mt19937 random(8656);
  for (const std::uint16_t last : {std::uint16_t{50002}, std::uint16_t{50031}}) {
    PortPool pool(50001, last);
    std::set<std::uint16_t> lent;
    std::vector<std::pair<ReservationToken, std::uint16_t>> reserved;
    base::TimePoint now = kStart;
    const auto lend = [&](std::optional<std::uint16_t> port) {
      if (port) {
        EXPECT_TRUE(lent.insert(*port).second) << *port;
        EXPECT_TRUE(*port >= 50001 && *port <= last);
      }
    };
    for (int step = 0; step < 50'000; ++step) {
      switch (random() % 6) {
        case 0:
          lend(pool.take());
          break;
        case 1:
          lend(pool.take_even());
          break;
        case 2:
          if (const auto pair = pool.take_pair(now)) {
            lend(pair->port);
            reserved.emplace_back(pair->token, pair->port + 1);
          }
          break;
        case 3:
          if (!reserved.empty()) {
            const auto [token, port] = reserved[random() % reserved.size()];
            const auto taken = pool.take_reserved(token, now);
            EXPECT_TRUE(!taken || *taken == port);
            lend(taken);
          }
          break;
        case 4:
          now += 1s;
          pool.expire(now);
          break;
        default:
          for (int i = 0; i < 3 && !lent.empty(); ++i) {
            const auto port = *std::next(lent.begin(), static_cast<long>(random() % lent.size()));
            lent.erase(port);
            pool.give_back(port);
          }
      }
      EXPECT_LE(pool.free_ports() + lent.size(), last - 50000u);
    }
    for (const std::uint16_t port : lent) pool.give_back(port);
    pool.expire(now + 31s);
    EXPECT_EQ(pool.free_ports(), last - 50000u);
  }
}

}  // namespace
}  // namespace bellhop::turn

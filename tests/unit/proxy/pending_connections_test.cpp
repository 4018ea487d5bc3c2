// Connections that are not activated yet.
#include "proxy/pending_connections.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/errors.hpp"

namespace bellhop::proxy {
namespace {

using namespace std::chrono_literals;
using Handshake = PendingConnections::Handshake;
using Ticket = PendingConnections::Ticket;

constexpr base::TimePoint kStart{base::Duration(1h)};
constexpr PendingConnections::Limits kLimits{
    .per_address_max = 2, .total_max = 4, .handshake_timeout = 15s};

base::IpAddress ip(std::string_view text) {
  return base::IpAddress::parse(text).value();
}

// One client under way, as a session holds it: the ticket goes back when its coroutine has ended.
struct Client {
  Client(PendingConnections& table, std::string_view from, base::TimePoint now = kStart)
      : ticket(table.admit(ip(from), 0).value()) {
    table.begin(handshake, ip(from), now);
  }
  Ticket ticket;
  bool is_closed = false;
  Handshake handshake{[this] { is_closed = true; }};
};

// "admitted", or why not.
std::string_view try_admit(PendingConnections& table, std::string_view from,
                           std::uint64_t others = 0) {
  const auto ticket = table.admit(ip(from), others);
  return ticket ? "admitted" : ticket.error().kind().name;
}

TEST(PendingConnections, CountTicketsUntilTheyGoBack) {
  PendingConnections table(kLimits);
  {
    Ticket one = table.admit(ip("192.0.2.1"), 0).value();
    const Ticket other = table.admit(ip("192.0.2.2"), 0).value();
    EXPECT_EQ(table.count(), 2U);
    EXPECT_EQ(table.addresses(), 2U);
    one.reset();
    one.reset();
    EXPECT_EQ(table.count(), 1U);
  }
  EXPECT_EQ(table.count(), 0U);
  EXPECT_EQ(table.addresses(), 0U);
}

TEST(PendingConnections, CountATicketOnceHoweverItMoves) {
  PendingConnections table(kLimits);
  Ticket one = table.admit(ip("192.0.2.1"), 0).value();
  Ticket moved(std::move(one));
  Ticket other = table.admit(ip("192.0.2.2"), 0).value();
  EXPECT_EQ(table.count(), 2U);
  other = std::move(moved);
  EXPECT_EQ(table.count(), 1U);
  EXPECT_EQ(table.addresses(), 1U);
  Ticket& same = other;
  other = std::move(same);
  EXPECT_EQ(table.count(), 1U);
}

// S5B-35, S5B-15: in total, those of running sessions included.
TEST(PendingConnections, RefuseOneAboveTheTotal) {
  PendingConnections table(kLimits);
  std::vector<Ticket> tickets;
  for (const std::string_view from : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
    tickets.push_back(table.admit(ip(from), 0).value());
  }
  EXPECT_EQ(try_admit(table, "192.0.2.5"), "connections-total");
  tickets.pop_back();
  EXPECT_EQ(try_admit(table, "192.0.2.5", 1), "connections-total");
  EXPECT_EQ(try_admit(table, "192.0.2.5"), "admitted");
}

// S5B-35: parked connections cannot make room, so the newcomer is refused.
TEST(PendingConnections, RefuseAnAddressWhoseConnectionsAllWaitForActivation) {
  PendingConnections table(kLimits);
  const Ticket one = table.admit(ip("192.0.2.1"), 0).value();
  const Ticket other = table.admit(ip("192.0.2.1"), 0).value();
  EXPECT_EQ(try_admit(table, "192.0.2.1"), "connections-of-address");
  EXPECT_EQ(try_admit(table, "192.0.2.2"), "admitted");
  EXPECT_EQ(table.count(), 2U);
}

// S5B-35: silent connections cannot lock out who else sits behind the address.
TEST(PendingConnections, LetANewcomerReplaceTheOldestHandshakeOfItsAddress) {
  PendingConnections table(kLimits);
  Client oldest(table, "192.0.2.1");
  Client younger(table, "192.0.2.1", kStart + 1s);
  Client stranger(table, "192.0.2.2", kStart - 1s);
  const Ticket newcomer = table.admit(ip("192.0.2.1"), 0).value();
  EXPECT_TRUE(oldest.is_closed);
  EXPECT_TRUE(oldest.handshake.reason.is(errors::connections_of_address));
  EXPECT_FALSE(younger.is_closed);
  EXPECT_FALSE(stranger.is_closed);
  EXPECT_EQ(table.evicted(), 1U);
}

TEST(PendingConnections, EvictNobodyWhenTheTotalIsReached) {
  PendingConnections table({.per_address_max = 1, .total_max = 1, .handshake_timeout = 15s});
  Client only(table, "192.0.2.1");
  EXPECT_EQ(try_admit(table, "192.0.2.1"), "connections-total");
  EXPECT_FALSE(only.is_closed);
}

TEST(PendingConnections, LeaveAHandshakeAloneThatIsOver) {
  PendingConnections table(kLimits);
  auto over = std::make_unique<Client>(table, "192.0.2.1");
  Client running(table, "192.0.2.1", kStart + 1s);
  const Ticket parked = std::move(over->ticket);
  over.reset();  // the handshake is done, its connection waits
  const Ticket newcomer = table.admit(ip("192.0.2.1"), 0).value();
  EXPECT_TRUE(running.is_closed);
  EXPECT_EQ(table.evicted(), 1U);
}

// One subscriber has a whole /64; the neighbour's is another one.
TEST(PendingConnections, TakeAnIpv6NetworkForOneAddress) {
  PendingConnections table(kLimits);
  const Ticket one = table.admit(ip("2001:db8:0:1::1"), 0).value();
  const Ticket other = table.admit(ip("2001:db8:0:1:ffff::2"), 0).value();
  EXPECT_EQ(table.addresses(), 1U);
  EXPECT_EQ(try_admit(table, "2001:db8:0:1::3"), "connections-of-address");
  EXPECT_EQ(try_admit(table, "2001:db8:0:2::1"), "admitted");
}

TEST(PendingConnections, TakeAMappedAddressForTheIpv4AddressItIs) {
  PendingConnections table(kLimits);
  const Ticket one = table.admit(ip("192.0.2.1"), 0).value();
  const Ticket other = table.admit(ip("::ffff:192.0.2.1"), 0).value();
  EXPECT_EQ(try_admit(table, "192.0.2.1"), "connections-of-address");
}

// S5B-34
TEST(PendingConnections, EndAHandshakeAtItsDeadlineAndNotBefore) {
  PendingConnections table(kLimits);
  Client first(table, "192.0.2.1", kStart);
  Client second(table, "192.0.2.2", kStart + 1ns);
  table.expire(kStart + 15s - 1ns);
  EXPECT_FALSE(first.is_closed);
  table.expire(kStart + 15s);
  EXPECT_TRUE(first.is_closed);
  EXPECT_TRUE(first.handshake.reason.is(errors::handshake_timeout));
  EXPECT_FALSE(second.is_closed);
  table.expire(kStart + 16s);
  EXPECT_TRUE(second.is_closed);
  EXPECT_EQ(table.count(), 2U) << "tickets go back with their sessions";
}

TEST(PendingConnections, ObeyOtherLimitsFromNowOn) {
  PendingConnections table(kLimits);
  Client one(table, "192.0.2.1");
  Client two(table, "192.0.2.2");
  table.set_limits({.per_address_max = 2, .total_max = 2, .handshake_timeout = 5s});
  EXPECT_EQ(try_admit(table, "192.0.2.3"), "connections-total");
  table.expire(kStart + 5s - 1ns);
  EXPECT_FALSE(one.is_closed);
  table.expire(kStart + 5s);
  EXPECT_TRUE(one.is_closed && two.is_closed);
  table.set_limits({.per_address_max = 2, .total_max = 3, .handshake_timeout = 5s});
  EXPECT_EQ(try_admit(table, "192.0.2.3"), "admitted");
}

TEST(PendingConnections, CloseAllHandshakesWhenTheProxyStops) {
  PendingConnections table(kLimits);
  Client first(table, "192.0.2.1");
  Client second(table, "192.0.2.2");
  table.close_all();
  EXPECT_TRUE(first.is_closed && second.is_closed);
  EXPECT_TRUE(first.handshake.reason.is(errors::proxy_closed));
  table.close_all();
}

TEST(PendingConnectionsDeathTest, OutliveTheirTickets) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave_a_ticket = [] {
    Ticket ticket;
    PendingConnections table(kLimits);
    ticket = table.admit(ip("192.0.2.1"), 0).value();
  };
  EXPECT_DEATH(leave_a_ticket(), "broken invariant");
}

}  // namespace
}  // namespace bellhop::proxy

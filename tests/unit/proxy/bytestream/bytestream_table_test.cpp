// States of bytestreams: half-paired, paired, active.
#include "proxy/bytestream/bytestream_table.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/errors.hpp"

namespace bellhop::bytestream {
namespace {

using namespace std::chrono_literals;
using Parked = BytestreamTable::Parked;

constexpr base::TimePoint kStart{base::Duration(1h)};

DstAddr name(char digit) {
  return DstAddr::from_hex(std::string(40, digit)).value();
}
const DstAddr kStream = name('a');

// A connection that can be told from others by its port, and by whether it is still open.
ParkedConnection connection(std::uint16_t port) {
  return {base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
          {base::IpAddress::from_v4(0x7f000001), port},
          {}};
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

bool nobody_gone(const ParkedConnection&) {
  return false;
}

std::string_view outcome(const base::Result<void>& result) {
  return result ? "admitted" : result.error().kind().name;
}
std::string_view outcome(const base::Result<BytestreamTable::Pair>& result) {
  return result ? "activated" : result.error().kind().name;
}

class BytestreamTableTest : public ::testing::Test {
 protected:
  Parked park(const DstAddr& dst_addr, std::uint16_t port, base::TimePoint now = kStart) {
    EXPECT_EQ(outcome(table_.admit(dst_addr, nobody_gone)), "admitted");
    return table_.park(dst_addr, connection(port), now);
  }
  void pair_up(const DstAddr& dst_addr, base::TimePoint now = kStart) {
    EXPECT_EQ(park(dst_addr, 1, now), Parked::half_paired);
    EXPECT_EQ(park(dst_addr, 2, now), Parked::paired);
  }

  BytestreamTable table_{60s};
};

// S5B-07, S5B-32: in the order of connecting, whoever that was.
TEST_F(BytestreamTableTest, GivesBothConnectionsOfAPairToItsActivation) {
  pair_up(kStream);
  EXPECT_EQ(table_.size(), 1U);
  auto pair = table_.activate(kStream);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->first.peer.port, 1);
  EXPECT_EQ(pair->second.peer.port, 2);
  EXPECT_TRUE(pair->first.socket && pair->second.socket);
  EXPECT_EQ(table_.size(), 1U);
  table_.finish(kStream);
  EXPECT_EQ(table_.size(), 0U);
}

// S5B-09
TEST_F(BytestreamTableTest, HasNoConnectionForAnUnknownHash) {
  pair_up(kStream);
  EXPECT_EQ(outcome(table_.activate(name('b'))), "no-connection");
}

// S5B-08: the connection stays, and the pair can still be completed.
TEST_F(BytestreamTableTest, ActivatesNothingWhileOneSideIsMissing) {
  EXPECT_EQ(park(kStream, 1), Parked::half_paired);
  EXPECT_EQ(outcome(table_.activate(kStream)), "one-side-only");
  EXPECT_EQ(park(kStream, 2), Parked::paired);
  EXPECT_EQ(outcome(table_.activate(kStream)), "activated");
}

// S5B-13
TEST_F(BytestreamTableTest, RefusesASecondActivationUntilTheStreamHasEnded) {
  pair_up(kStream);
  EXPECT_EQ(outcome(table_.activate(kStream)), "activated");
  EXPECT_EQ(outcome(table_.activate(kStream)), "already-active");
  table_.finish(kStream);
  EXPECT_EQ(outcome(table_.activate(kStream)), "no-connection");
  pair_up(kStream);
  EXPECT_EQ(outcome(table_.activate(kStream)), "activated");
  table_.finish(kStream);
}

// S5B-29: before and after activation; the first two are not touched.
TEST_F(BytestreamTableTest, AdmitsNoThirdConnection) {
  pair_up(kStream);
  EXPECT_EQ(outcome(table_.admit(kStream, nobody_gone)), "hash-taken");
  EXPECT_EQ(outcome(table_.admit(name('b'), nobody_gone)), "admitted");
  const auto pair = table_.activate(kStream);
  ASSERT_TRUE(pair);
  EXPECT_TRUE(is_open(pair->first.socket.value()) && is_open(pair->second.socket.value()));
  EXPECT_EQ(outcome(table_.admit(kStream, nobody_gone)), "hash-taken");
  EXPECT_EQ(outcome(table_.admit(kStream, [](const ParkedConnection&) { return true; })),
            "hash-taken");
}

// A client that lost its connection comes back before its ghost has expired.
TEST_F(BytestreamTableTest, LetsANewcomerReplaceAConnectionThatIsGone) {
  for (const std::uint16_t ghost : {std::uint16_t{1}, std::uint16_t{2}}) {
    BytestreamTable table(60s);
    ASSERT_TRUE(table.admit(kStream, nobody_gone));
    table.park(kStream, connection(1), kStart);
    ASSERT_TRUE(table.admit(kStream, nobody_gone));
    table.park(kStream, connection(2), kStart);
    int ghost_fd = -1;
    const auto is_gone = [&](const ParkedConnection& parked) {
      if (parked.peer.port == ghost) ghost_fd = parked.socket.value();
      return parked.peer.port == ghost;
    };
    EXPECT_EQ(outcome(table.admit(kStream, is_gone)), "admitted");
    EXPECT_FALSE(is_open(ghost_fd));
    EXPECT_EQ(table.park(kStream, connection(3), kStart), Parked::paired);
    const auto pair = table.activate(kStream);
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->first.peer.port, 3 - ghost);
    EXPECT_EQ(pair->second.peer.port, 3);
  }
}

TEST_F(BytestreamTableTest, AsksForGhostsOnlyWhenAThirdConnectionComes) {
  const auto never = [](const ParkedConnection&) {
    ADD_FAILURE() << "asked";
    return false;
  };
  ASSERT_TRUE(table_.admit(kStream, never));
  table_.park(kStream, connection(1), kStart);
  ASSERT_TRUE(table_.admit(kStream, never));
}

// S5B-34: from the newest connection on.
TEST_F(BytestreamTableTest, ExpiresWhatWasNotActivatedInTimeAndNotBefore) {
  pair_up(kStream);
  park(name('b'), 3, kStart + 1s);
  EXPECT_TRUE(table_.expire(kStart + 60s - 1ns).empty());
  {
    const auto expired = table_.expire(kStart + 60s);
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0].dst_addr, kStream);
    ASSERT_EQ(expired[0].connections.size(), 2U);
    EXPECT_EQ(expired[0].connections[0].peer.port, 1);
    EXPECT_TRUE(is_open(expired[0].connections[1].socket.value()));
  }
  EXPECT_EQ(outcome(table_.activate(kStream)), "no-connection");
  const auto later = table_.expire(kStart + 1h);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].connections.size(), 1U);
  EXPECT_EQ(table_.size(), 0U);
}

// S5B-34
TEST_F(BytestreamTableTest, GivesAPairTheTimeOfItsSecondConnection) {
  park(kStream, 1, kStart);
  park(kStream, 2, kStart + 59s);
  EXPECT_TRUE(table_.expire(kStart + 119s - 1ns).empty());
  EXPECT_EQ(table_.expire(kStart + 119s).size(), 1U);
}

// A changed time-out is in force at once, for what waits as for what comes.
TEST_F(BytestreamTableTest, ExpiresWhatWaitsByTheTimeOutThatIsInForce) {
  park(kStream, 1);
  table_.set_timeout(120s);
  EXPECT_TRUE(table_.expire(kStart + 120s - 1ns).empty());
  park(name('b'), 2, kStart + 60s);
  table_.set_timeout(30s);
  EXPECT_EQ(table_.expire(kStart + 90s - 1ns).size(), 1U);
  EXPECT_EQ(table_.expire(kStart + 90s).size(), 1U);
}

TEST_F(BytestreamTableTest, NeverExpiresAnActiveStream) {
  pair_up(kStream);
  const auto pair = table_.activate(kStream);
  EXPECT_TRUE(table_.expire(kStart + 24h).empty());
  EXPECT_EQ(table_.size(), 1U);
  table_.finish(kStream);
}

// The stamp of an earlier stream of the same name must not end the later one.
TEST_F(BytestreamTableTest, DoesNotMistakeANewStreamForAnOlderOneOfItsName) {
  pair_up(kStream);
  ASSERT_TRUE(table_.activate(kStream));
  table_.finish(kStream);
  pair_up(kStream, kStart + 30s);
  EXPECT_TRUE(table_.expire(kStart + 60s).empty());
  EXPECT_EQ(table_.expire(kStart + 90s).size(), 1U);
}

// S5B-14
TEST_F(BytestreamTableTest, DropsBothConnectionsThatWait) {
  pair_up(kStream);
  EXPECT_EQ(table_.drop(kStream).size(), 2U);
  EXPECT_EQ(table_.size(), 0U);
  park(kStream, 1);
  EXPECT_EQ(table_.drop(kStream).size(), 1U);
  EXPECT_TRUE(table_.drop(kStream).empty());
}

// S5B-14: whoever may not activate cannot end what runs.
TEST_F(BytestreamTableTest, DropsNoActiveStream) {
  pair_up(kStream);
  ASSERT_TRUE(table_.activate(kStream));
  EXPECT_TRUE(table_.drop(kStream).empty());
  EXPECT_TRUE(table_.drop_all().empty());
  EXPECT_EQ(outcome(table_.activate(kStream)), "already-active");
}

TEST_F(BytestreamTableTest, DropsAllThatWaitsAtTheEnd) {
  pair_up(kStream);
  park(name('b'), 3);
  pair_up(name('c'));
  ASSERT_TRUE(table_.activate(name('c')));
  EXPECT_EQ(table_.drop_all().size(), 2U);
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_TRUE(table_.expire(kStart + 24h).empty());
}

// S5B-36: streams of one requester have names of their own and do not touch each other.
TEST_F(BytestreamTableTest, KeepsStreamsApart) {
  pair_up(name('1'));
  pair_up(name('2'));
  EXPECT_EQ(outcome(table_.activate(name('1'))), "activated");
  EXPECT_EQ(outcome(table_.activate(name('2'))), "activated");
  table_.finish(name('1'));
  EXPECT_EQ(outcome(table_.activate(name('2'))), "already-active");
}

TEST_F(BytestreamTableTest, HoldsTicketsUntilActivation) {
  proxy::PendingConnections pending(
      {.per_address_max = 10, .total_max = 10, .handshake_timeout = 15s});
  BytestreamTable table(60s);
  for (const std::uint16_t port : {std::uint16_t{1}, std::uint16_t{2}}) {
    ParkedConnection parked = connection(port);
    parked.ticket = pending.admit(parked.peer.address, 0).value();
    table.park(kStream, std::move(parked), kStart);
  }
  EXPECT_EQ(pending.count(), 2U);
  (void)table.expire(kStart + 60s);
  EXPECT_EQ(pending.count(), 0U);
}

TEST(BytestreamTableDeathTest, ParksOnlyWhatWasAdmitted) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  BytestreamTable table(60s);
  table.park(kStream, connection(1), kStart);
  table.park(kStream, connection(2), kStart);
  EXPECT_DEATH(table.park(kStream, connection(3), kStart), "broken invariant");
  EXPECT_DEATH(table.finish(kStream), "broken invariant");
}

}  // namespace
}  // namespace bellhop::bytestream

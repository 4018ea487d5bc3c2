// States, deadlines and limits of the connections of one TCP allocation.
#include "relay/turn/tcp_peers.hpp"

#include <gtest/gtest.h>

#include "relay/turn/connection_quota.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using State = TcpPeers::State;

constexpr base::TimePoint kNow{1000h};

base::IpEndpoint peer(std::uint16_t port, const char* address = "192.0.2.1") {
  return {base::IpAddress::parse(address).value(), port};
}

// TURN-T03
TEST(TcpPeers, KnowAPeerFromTheConnectUntilItIsOver) {
  TcpPeers peers;
  peers.begin(7, peer(80), kNow);
  EXPECT_TRUE(peers.has(peer(80)));
  EXPECT_FALSE(peers.has(peer(81)));
  EXPECT_FALSE(peers.has(peer(80, "192.0.2.2")));
  EXPECT_TRUE(peers.connect(7, kNow) && peers.bind(7, kNow) && peers.start(7));
  EXPECT_TRUE(peers.has(peer(80)));
  peers.remove(7);
  EXPECT_FALSE(peers.has(peer(80)));
  peers.accept(8, peer(80), kNow);
  EXPECT_TRUE(peers.has(peer(80)));
}

// TURN-T07
TEST(TcpPeers, AreBoundOnceAndOnlyWhilePending) {
  TcpPeers peers;
  EXPECT_FALSE(peers.bind(7, kNow));
  peers.begin(7, peer(80), kNow);
  EXPECT_FALSE(peers.bind(7, kNow));
  EXPECT_FALSE(peers.start(7));
  EXPECT_TRUE(peers.connect(7, kNow));
  EXPECT_FALSE(peers.connect(7, kNow));
  EXPECT_FALSE(peers.start(7));
  EXPECT_TRUE(peers.bind(7, kNow));
  EXPECT_FALSE(peers.bind(7, kNow));
  EXPECT_TRUE(peers.start(7));
  EXPECT_FALSE(peers.start(7) || peers.bind(7, kNow) || peers.connect(7, kNow));
  EXPECT_EQ(peers.all().front().state, State::relaying);
}

// TURN-T03: 30 seconds for the peer; TURN-T05: as many for the bind.
TEST(TcpPeers, HaveADeadlineInEachStateButTheLast) {
  TcpPeers peers;
  peers.begin(7, peer(80), kNow);
  EXPECT_TRUE(peers.overdue(kNow + 30s - 1ns).empty());
  EXPECT_EQ(peers.overdue(kNow + 30s), std::vector<ConnectionId>{7});
  EXPECT_TRUE(peers.connect(7, kNow + 20s));
  EXPECT_TRUE(peers.overdue(kNow + 50s - 1ns).empty());
  EXPECT_EQ(peers.overdue(kNow + 50s), std::vector<ConnectionId>{7});
  EXPECT_TRUE(peers.bind(7, kNow + 40s));
  EXPECT_TRUE(peers.overdue(kNow + 70s - 1ns).empty());
  EXPECT_EQ(peers.overdue(kNow + 70s), std::vector<ConnectionId>{7});
  EXPECT_TRUE(peers.start(7));
  EXPECT_TRUE(peers.overdue(kNow + 1000h).empty());
  peers.accept(8, peer(81), kNow);
  EXPECT_EQ(peers.overdue(kNow + 30s), std::vector<ConnectionId>{8});
}

// TURN-T11
TEST(TcpPeers, KeepTheDeadlineOfWhatABindFailedOn) {
  TcpPeers peers;
  peers.accept(7, peer(80), kNow);
  EXPECT_FALSE(peers.bind(8, kNow + 20s));
  EXPECT_EQ(peers.all().front().state, State::pending);
  EXPECT_EQ(peers.all().front().deadline, kNow + kBindTimeout);
}

// TURN-T10
TEST(TcpPeers, AreFullAtTheirMaximumUntilOneIsOver) {
  TcpPeers peers(2);
  peers.begin(1, peer(80), kNow);
  EXPECT_FALSE(peers.is_full());
  peers.accept(2, peer(81), kNow);
  EXPECT_TRUE(peers.is_full());
  peers.remove(1);
  EXPECT_FALSE(peers.is_full());
  EXPECT_EQ(peers.all().front().id, 2U);
}

// TURN-T10
TEST(ConnectionQuota, CountsAllCopiesTogether) {
  ConnectionQuota quota(2);
  ConnectionQuota copy = quota;
  EXPECT_TRUE(quota.take() && copy.take());
  EXPECT_FALSE(quota.take() || copy.take());
  EXPECT_EQ(quota.taken(), 2U);
  copy.give_back();
  EXPECT_TRUE(quota.take());
  EXPECT_FALSE(ConnectionQuota().take());
  EXPECT_EQ(ConnectionQuota().taken(), 0U);
}

}  // namespace
}  // namespace bellhop::turn

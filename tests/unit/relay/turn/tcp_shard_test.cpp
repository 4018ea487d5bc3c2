// Connections of several shards: a data connection may arrive at any of them.
#include "relay/turn/tcp_shard.hpp"

#include <set>
#include <vector>

#include "tests/unit/relay/turn/tcp_clients.hpp"

namespace bellhop::turn::test {
namespace {

// TURN-T07
TEST(TcpShard, BindsConnectionsOfOtherShards) {
  ServedTcpRelay::Options options;
  options.threads = 3;
  options.has_tls = true;
  const ServedTcpRelay turn(options);
  for (const TurnTransport transport : {TurnTransport::tcp, TurnTransport::tls}) {
    std::vector<Talk> talks;
    for (int i = 0; i < 4; ++i) {
      talks.push_back(talk(turn, transport));
      // Moves the turn on, so that control and data meet in every combination.
      if (i % 2 == 0) (void)turn.client().binding();
    }
    for (Talk& each : talks) {
      send(each.data, "ping");
      EXPECT_EQ(each.peer.receive(4), "ping");
      each.peer.send("pong");
      EXPECT_EQ(receive(each.data, 4), "pong");
    }
  }
}

// TURN-T04: the remainder names the shard, the rest is drawn.
TEST(TcpShard, DrawsIdsThatTellTheirShardAndNothingElse) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  std::set<std::uint32_t> ids;
  bool has_high_bits = false;
  for (int i = 0; i < 16; ++i) {
    const Acceptor acceptor;
    const std::uint32_t id = id_of(connect(client, place_of(acceptor)));
    has_high_bits = has_high_bits || id > 0xFFFF;
    EXPECT_TRUE(ids.insert(id).second);
  }
  EXPECT_TRUE(has_high_bits);
}

}  // namespace
}  // namespace bellhop::turn::test

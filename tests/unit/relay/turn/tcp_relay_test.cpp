// Connect, ConnectionAttempt and ConnectionBind against a server on loopback: what is granted, what
// is refused, and in which order.
#include "relay/turn/tcp_relay.hpp"

#include <array>
#include <set>
#include <vector>

#include "tests/unit/relay/turn/tcp_clients.hpp"

namespace bellhop::turn::test {
namespace {

using bellhop::test::endpoint_of;
using bellhop::test::Octets;
using stun::AttributeType;
using namespace std::chrono_literals;

// TURN-T01
TEST(TcpRelay, IsAllocatedOverTcpAndNotOverUdp) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  const base::IpEndpoint relayed = allocate_tcp(client);
  EXPECT_EQ(relayed.address.text(), "127.0.0.9");
  TurnClient datagrams = turn.client(TurnTransport::udp);
  EXPECT_EQ(datagrams.allocate({TurnAttribute::transport(6)}).code(), 400);
}

// TURN-T04
TEST(TcpRelay, ConnectsFromTheRelayedAddressAndPort) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  const base::IpEndpoint relayed = allocate_tcp(client);
  const Acceptor acceptor;
  const TurnMessage answer = connect(client, place_of(acceptor));
  EXPECT_EQ(answer.code(), 0);
  EXPECT_TRUE(answer.has(AttributeType::connection_id));
  const base::UniqueFd peer = acceptor.accept();
  EXPECT_EQ(remote_of(peer.value()).text(), relayed.text());
}

// TURN-T03
TEST(TcpRelay, NeedsATcpAllocationToConnect) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  const auto peer = endpoint_of("127.0.0.1", 1);
  EXPECT_EQ(connect(client, peer).code(), 437);
  EXPECT_EQ(client.allocate().code(), 0);  // UDP
  EXPECT_EQ(connect(client, peer).code(), 437);
}

// TURN-T03
TEST(TcpRelay, RefusesPeersInTheOrderOfTheRfc) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  const base::IpEndpoint relayed = allocate_tcp(client);
  const Acceptor acceptor;
  TurnRequest nobody;
  nobody.method = stun::Method::connect;
  EXPECT_EQ(client.ask(nobody).code(), 400);
  EXPECT_EQ(connect(client, endpoint_of("127.0.0.1", 0)).code(), 400);
  EXPECT_EQ(connect(client, endpoint_of("2001:db8::1", 80)).code(), 443);
  EXPECT_EQ(connect(client, endpoint_of("10.0.0.1", 80)).code(), 403);
  EXPECT_EQ(connect(client, relayed).code(), 403);
  const std::uint32_t first = id_of(connect(client, place_of(acceptor)));
  EXPECT_EQ(connect(client, place_of(acceptor)).code(), 446);
  // Bound ones count, too; a connection that is over does not.
  Peer peer(acceptor.accept());
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, first), 0);
  EXPECT_EQ(connect(client, place_of(acceptor)).code(), 446);
}

// TURN-T03
TEST(TcpRelay, SaysWhenAPeerRefuses) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  Acceptor acceptor;
  const base::IpEndpoint gone = place_of(acceptor);
  acceptor.close();
  EXPECT_EQ(connect(client, gone).code(), 447);
  EXPECT_EQ(connect(client, gone).code(), 447);  // not 446: nothing is left of it
}

// TURN-T06
TEST(TcpRelay, AnnouncesPermittedPeersAndClosesOthers) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  const base::IpEndpoint relayed = allocate_tcp(client);
  Peer stranger = call(relayed);
  EXPECT_EQ(stranger.receive_all(), "");
  EXPECT_FALSE(client.next(0ms));
  EXPECT_EQ(client.create_permission({endpoint_of("127.0.0.1", 0)}).code(), 0);
  Peer peer = call(relayed);
  const TurnMessage attempt(client.next().value());
  EXPECT_EQ(attempt.message().method(), stun::Method::connection_attempt);
  EXPECT_EQ(attempt.message().message_class(), stun::MessageClass::indication);
  EXPECT_EQ(attempt.address(AttributeType::xor_peer_address).text(),
            net::bound_to(peer.fd()).text());
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, id_of(attempt)), 0);
  peer.send("from the peer");
  EXPECT_EQ(receive(data, 13), "from the peer");
  send(data, "from the client");
  EXPECT_EQ(peer.receive(15), "from the client");
}

// TURN-T07, TURN-T11
TEST(TcpRelay, RefusesBindsThatNameNothingAndLeavesTheConnectionPending) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const Acceptor acceptor;
  const std::uint32_t id = id_of(connect(client, place_of(acceptor)));
  Peer peer(acceptor.accept());
  TurnClient other = turn.client(TurnTransport::tcp, "juliet");
  EXPECT_EQ(bind_to(other, id), 400);
  TurnClient datagrams = turn.client(TurnTransport::udp);
  EXPECT_EQ(bind_to(datagrams, id), 400);
  EXPECT_EQ(bind_to(client, id), 400);  // the control connection stays one
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, std::nullopt), 400);
  EXPECT_EQ(bind_to(data, id + 1), 400);
  TurnRequest forged = bind_request(id);
  forged.password = "guessed";
  EXPECT_EQ(data.request(forged).code(), 401);
  // The same connection may try again.
  EXPECT_EQ(bind_to(data, id), 0);
  TurnClient late = turn.client();
  EXPECT_EQ(bind_to(late, id), 400);
  send(data, "still there");
  EXPECT_EQ(peer.receive(11), "still there");
}

// TURN-T09
TEST(TcpRelay, HasSeveralConnectsUnderWay) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const std::array<Acceptor, 3> acceptors;
  std::vector<stun::TransactionId> asked;
  for (const Acceptor& acceptor : acceptors) {
    asked.push_back(client.send_request(connect_request(place_of(acceptor))));
  }
  std::set<std::uint32_t> ids;
  for (const auto& id : asked) ids.insert(id_of(client.answer_to(id)));
  EXPECT_EQ(ids.size(), 3U);
}

// TURN-T10
TEST(TcpRelay, LimitsTheConnectionsOfAUserAndOfAnAllocation) {
  ServedTcpRelay::Options options;
  options.connections_per_user_max = 33;
  const ServedTcpRelay turn(options);
  TurnClient first = turn.client();
  (void)allocate_tcp(first);
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  const auto next_peer = [&acceptors] {
    acceptors.push_back(std::make_unique<Acceptor>());
    return place_of(*acceptors.back());
  };
  for (std::size_t i = 0; i < kTcpConnectionsMax; ++i) {
    ASSERT_EQ(connect(first, next_peer()).code(), 0) << i;
  }
  EXPECT_EQ(connect(first, next_peer()).code(), 508);
  TurnClient second = turn.client();
  (void)allocate_tcp(second);
  EXPECT_EQ(connect(second, next_peer()).code(), 0);
  EXPECT_EQ(connect(second, next_peer()).code(), 486);
  TurnClient other = turn.client(TurnTransport::tcp, "juliet");
  (void)allocate_tcp(other);
  EXPECT_EQ(connect(other, next_peer()).code(), 0);
  // What is over makes room.
  EXPECT_EQ(first.refresh(0s).code(), 0);
  EXPECT_EQ(connect(second, next_peer()).code(), 0);
}

// TURN-T12
TEST(TcpRelay, DropsDatagramsAndBindsNoChannels) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const bellhop::test::UdpPeer peer;
  EXPECT_EQ(client.create_permission({peer.local()}).code(), 0);
  EXPECT_EQ(client.channel_bind(0x4000, peer.local()).code(), 403);
  client.send(peer.local(), "lost");
  client.send_channel(0x4000, "lost");
  EXPECT_EQ(client.binding().code(), 0);  // all of that has been read
  EXPECT_FALSE(peer.has_input());
}

// TURN-D09: two allocations reach each other by their relayed addresses.
TEST(TcpRelay, ConnectsToAnotherAllocation) {
  const ServedTcpRelay turn;
  TurnClient romeo = turn.client();
  const base::IpEndpoint from = allocate_tcp(romeo);
  TurnClient juliet = turn.client(TurnTransport::tcp, "juliet");
  const base::IpEndpoint to = allocate_tcp(juliet);
  EXPECT_EQ(juliet.create_permission({from}).code(), 0);
  const std::uint32_t id = id_of(connect(romeo, to));
  const TurnMessage attempt(juliet.next().value());
  EXPECT_EQ(attempt.address(AttributeType::xor_peer_address).text(), from.text());
  TurnClient first = turn.client();
  TurnClient second = turn.client(TurnTransport::tcp, "juliet");
  EXPECT_EQ(bind_to(first, id), 0);
  EXPECT_EQ(bind_to(second, id_of(attempt)), 0);
  send(first, "wherefore");
  EXPECT_EQ(receive(second, 9), "wherefore");
}

}  // namespace
}  // namespace bellhop::turn::test

// Data connections over TLS: the same bytes and ends as over plain TCP.
#include "relay/turn/tls_bridge.hpp"

#include "tests/unit/relay/turn/tcp_clients.hpp"

namespace bellhop::turn::test {
namespace {

ServedTcpRelay::Options with_tls() {
  ServedTcpRelay::Options options;
  options.has_tls = true;
  return options;
}

// TURN-T01, TURN-T07
TEST(TlsBridge, CarriesBytesBothWays) {
  const ServedTcpRelay turn(with_tls());
  Talk talk = test::talk(turn, TurnTransport::tls);
  const std::string bytes = pattern(1'000'003);
  std::jthread sender([&] { send(talk.data, bytes); });
  EXPECT_TRUE(talk.peer.receive(bytes.size()) == bytes);
  sender.join();
  sender = std::jthread([&] { talk.peer.send(bytes); });
  EXPECT_TRUE(receive(talk.data, bytes.size()) == bytes);
}

// TURN-T01
TEST(TlsBridge, ServesAllocationsMadeOverTls) {
  const ServedTcpRelay turn(with_tls());
  TurnClient control = turn.client(TurnTransport::tls);
  (void)allocate_tcp(control);
  const Acceptor acceptor;
  const std::uint32_t id = id_of(connect(control, place_of(acceptor)));
  Peer peer(acceptor.accept());
  TurnClient data = turn.client();  // plain: RFC 6062 does not want the same transport
  EXPECT_EQ(bind_to(data, id), 0);
  send(data, "mixed");
  EXPECT_EQ(peer.receive(5), "mixed");
}

// TURN-T08
TEST(TlsBridge, EndsWhenThePeerEndsBehindItsBytes) {
  const ServedTcpRelay turn(with_tls());
  Talk talk = test::talk(turn, TurnTransport::tls);
  const std::string bytes = pattern(200'000);
  talk.peer.send(bytes);
  talk.peer.close();
  EXPECT_TRUE(receive_all(talk.data) == bytes);
}

// TURN-T08
TEST(TlsBridge, EndsThePeerWhenTheClientLeaves) {
  const ServedTcpRelay turn(with_tls());
  Talk talk = test::talk(turn, TurnTransport::tls);
  send(talk.data, "goodbye");
  talk.data.socket().close();
  EXPECT_EQ(talk.peer.receive_all(), "goodbye");
}

// TURN-T08
TEST(TlsBridge, EndsWithTheAllocation) {
  const ServedTcpRelay turn(with_tls());
  Talk talk = test::talk(turn, TurnTransport::tls);
  EXPECT_EQ(talk.control.refresh(std::chrono::seconds(0)).code(), 0);
  EXPECT_TRUE(talk.data.socket().is_ended());
  EXPECT_EQ(talk.peer.receive_all(), "");
}

// A stop closes what is open in the middle of a transfer.
TEST(TlsBridge, StopsWithTheServer) {
  std::optional<ServedTcpRelay> turn(with_tls());
  Talk talk = test::talk(*turn, TurnTransport::tls);
  send(talk.data, "hello");
  EXPECT_EQ(talk.peer.receive(5), "hello");
  turn.reset();
  EXPECT_TRUE(talk.data.socket().is_ended());
  EXPECT_EQ(talk.peer.receive_all(), "");
}

}  // namespace
}  // namespace bellhop::turn::test

// What a data connection carries, and what ends it.
#include "relay/turn/data_connection.hpp"

#include "tests/unit/relay/turn/tcp_clients.hpp"

namespace bellhop::turn::test {
namespace {

using namespace std::chrono_literals;

// TURN-T07
TEST(DataConnection, CarriesBytesBothWays) {
  const ServedTcpRelay turn;
  Talk talk = test::talk(turn);
  const std::string bytes = pattern(3'000'001);
  std::jthread sender([&] { send(talk.data, bytes); });
  EXPECT_TRUE(talk.peer.receive(bytes.size()) == bytes);
  sender.join();
  sender = std::jthread([&] { talk.peer.send(bytes); });
  EXPECT_TRUE(receive(talk.data, bytes.size()) == bytes);
}

// TURN-T05, TURN-T07
TEST(DataConnection, BeginsWithWhatThePeerSentBeforeTheBind) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const Acceptor acceptor;
  const std::uint32_t id = id_of(connect(client, place_of(acceptor)));
  Peer peer(acceptor.accept());
  const std::string bytes = pattern(64'000'000);
  const std::size_t taken = peer.send_until_full(bytes, 200ms);
  EXPECT_LT(taken, bytes.size());  // nothing reads: the peer has to wait
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, id), 0);
  EXPECT_TRUE(receive(data, taken) == bytes.substr(0, taken));
}

// TURN-T08
TEST(DataConnection, DeliversWhatAPeerSentThatHasLeftBeforeTheBind) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const Acceptor acceptor;
  const std::uint32_t id = id_of(connect(client, place_of(acceptor)));
  Peer peer(acceptor.accept());
  peer.send("last words");
  peer.close();
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, id), 0);
  EXPECT_EQ(receive_all(data), "last words");
}

// TURN-T07
TEST(DataConnection, TakesWhatFollowsTheRequestForThePeer) {
  const ServedTcpRelay turn;
  TurnClient client = turn.client();
  (void)allocate_tcp(client);
  const Acceptor acceptor;
  const std::uint32_t id = id_of(connect(client, place_of(acceptor)));
  Peer peer(acceptor.accept());
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, id + 1), 400);  // which teaches it realm and nonce
  // The first two bits of STUN, of ChannelData and of neither: none of it is looked at.
  const std::string early = std::string("\x00\x01", 2) + "\x40" + "\xFF" + pattern(40'000);
  auto bytes = data.write(bind_request(id));
  const std::string request(bytes.begin(), bytes.end());
  send(data, request + early);
  EXPECT_TRUE(peer.receive(early.size()) == early);
  const TurnMessage answer(data.next().value());
  EXPECT_EQ(answer.code(), 0);
  peer.send("and back");
  EXPECT_EQ(receive(data, 8), "and back");
}

// TURN-T08
TEST(DataConnection, PassesOnTheEndOfEachSideAlone) {
  const ServedTcpRelay turn;
  {
    Talk talk = test::talk(turn);
    send(talk.data, "question");
    ::shutdown(talk.data.socket().fd(), SHUT_WR);
    EXPECT_EQ(talk.peer.receive_all(), "question");
    talk.peer.send("answer");
    talk.peer.close();
    EXPECT_EQ(receive_all(talk.data), "answer");
  }
  Talk talk = test::talk(turn);
  talk.peer.send("question");
  talk.peer.shutdown_send();
  EXPECT_EQ(receive_all(talk.data), "question");
  send(talk.data, "answer");
  talk.data.socket().close();
  EXPECT_EQ(talk.peer.receive_all(), "answer");
}

// TURN-T08
TEST(DataConnection, ClosesTheOtherSideOfOneThatIsReset) {
  const ServedTcpRelay turn;
  Talk talk = test::talk(turn);
  talk.peer.reset();
  EXPECT_TRUE(talk.data.socket().is_ended());
}

// TURN-T08
TEST(DataConnection, EndsWithItsAllocation) {
  const ServedTcpRelay turn;
  Talk talk = test::talk(turn);
  EXPECT_EQ(talk.control.refresh(0s).code(), 0);
  EXPECT_TRUE(talk.data.socket().is_ended());
  EXPECT_EQ(talk.peer.receive_all(), "");
}

// TURN-T08
TEST(DataConnection, EndsWithItsControlConnection) {
  const ServedTcpRelay turn;
  TurnClient control = turn.client();
  const base::IpEndpoint relayed = allocate_tcp(control);
  const Acceptor acceptor;
  const Acceptor unbound;
  const std::uint32_t id = id_of(connect(control, place_of(acceptor)));
  (void)connect(control, place_of(unbound));
  Peer peer(acceptor.accept());
  Peer pending(unbound.accept());
  TurnClient data = turn.client();
  EXPECT_EQ(bind_to(data, id), 0);
  control.socket().close();
  EXPECT_TRUE(data.socket().is_ended());
  EXPECT_EQ(peer.receive_all(), "");
  EXPECT_EQ(pending.receive_all(), "");
  EXPECT_THROW((void)call(relayed), Missed);
}

TEST(DataConnection, IsCountedInItsAllocation) {
  const ServedTcpRelay turn;
  {
    Talk talk = test::talk(turn);
    send(talk.data, std::string(1000, 'c'));
    EXPECT_EQ(talk.peer.receive(1000).size(), 1000U);
    talk.peer.send(std::string(300, 'p'));
    EXPECT_EQ(receive(talk.data, 300).size(), 300U);
    EXPECT_EQ(talk.control.refresh(0s).code(), 0);
  }
  EXPECT_TRUE(bellhop::test::eventually([&] {
    const std::string log = turn.log_text();
    return log.find("bytes_from_first=1000 bytes_from_second=300") != std::string::npos;
  })) << turn.log_text();
}

TEST(DataConnection, ObeysTheRateOfItsAllocation) {
  ServedTcpRelay::Options options;
  options.rate_per_allocation = 2'000'000;
  const ServedTcpRelay turn(options);
  Talk talk = test::talk(turn);
  const std::string bytes = pattern(1'000'000);
  const auto began = std::chrono::steady_clock::now();
  std::jthread sender([&] { send(talk.data, bytes); });
  EXPECT_TRUE(talk.peer.receive(bytes.size()) == bytes);
  // Half a second, less the burst that a bucket begins with.
  EXPECT_GT(std::chrono::steady_clock::now() - began, 400ms);
}

}  // namespace
}  // namespace bellhop::turn::test

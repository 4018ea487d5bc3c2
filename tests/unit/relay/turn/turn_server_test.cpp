// The TURN server as a whole: start, drain, stop, what is shown of it.
#include "relay/turn/turn_server.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/relay/turn/served_turn.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using bellhop::test::endpoint_of;
using bellhop::test::TurnAttribute;
using bellhop::test::TurnClient;
using bellhop::test::TurnMessage;
using bellhop::test::TurnRequest;
using bellhop::test::TurnTransport;
using bellhop::test::UdpPeer;
using stun::AttributeType;
using test::loopback_settings;
using test::ServedTurn;

bool is_ready(std::future<void>& future) {
  return future.wait_for(0s) == std::future_status::ready;
}

TEST(TurnServer, ListensOnOnePortForUdpAndTcp) {
  ServedTurn turn;
  ASSERT_EQ(turn.server->bound().plain.size(), 1U);
  EXPECT_TRUE(turn.server->bound().tls.empty());
  TurnClient by_udp = turn.client("alice");
  TurnClient by_tcp = turn.client("alice", TurnTransport::tcp);
  EXPECT_EQ(by_udp.binding().code(), 0);
  EXPECT_EQ(by_tcp.binding().code(), 0);
  EXPECT_TRUE(turn.log.has("event=turn_bound address=turn:127.0.0.1:"));
}

// The answer leaves from the address that was asked, also where the socket is bound to all.
TEST(TurnServer, AnswersFromTheAddressThatWasAsked) {
  config::Settings settings = loopback_settings();
  settings.turn.listen = {{"0.0.0.0", 0}, {"::", 0}};
  ServedTurn turn(std::move(settings));
  const std::uint16_t port = turn.server->bound().plain[0].port;
  for (const char* address : {"127.0.0.1", "127.0.0.5", "127.9.9.9"}) {
    TurnClient client(endpoint_of(address, port));
    client.set_credentials(test::credentials_of("alice"));
    EXPECT_EQ(client.binding().code(), 0) << address;
    EXPECT_EQ(client.allocate().code(), 0) << address;
  }
  TurnClient by_v6(endpoint_of("::1", turn.server->bound().plain[1].port));
  by_v6.set_credentials(test::credentials_of("alice"));
  EXPECT_EQ(by_v6.allocate().code(), 0);
}

TEST(TurnServer, RefusesToStartWhereAnotherListens) {
  ServedTurn turn;
  config::Settings settings = loopback_settings();
  settings.turn.listen = {{"127.0.0.1", turn.address().port}};
  EXPECT_THROW(const ServedTurn second(std::move(settings)), std::runtime_error);
}

// TURN-F02: nothing but time ends what runs; no XMPP stream is there at all.
TEST(TurnServer, LetsAllocationsEndByThemselvesWhenItStops) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  UdpPeer peer;
  ASSERT_EQ(client.create_permission({peer.local()}).code(), 0);
  auto stopped = turn.begin_stop(1h);
  EXPECT_EQ(turn.client().allocate().code(), 508);
  client.send(peer.local(), "still there");
  EXPECT_EQ(peer.receive().data, "still there");
  EXPECT_FALSE(is_ready(stopped));
  EXPECT_EQ(client.refresh(0s).code(), 0);
  EXPECT_EQ(stopped.wait_for(20s), std::future_status::ready);
}

TEST(TurnServer, StopsAtOnceWhenItIsHurried) {
  ServedTurn turn;
  TurnClient client = turn.client();
  ASSERT_EQ(client.allocate().code(), 0);
  TurnClient by_tcp = turn.client("bob", TurnTransport::tcp);
  ASSERT_EQ(by_tcp.allocate().code(), 0);
  auto stopped = turn.begin_stop(1h);
  turn.on_control([&] { turn.server->hurry(); });
  EXPECT_EQ(stopped.wait_for(20s), std::future_status::ready);
  EXPECT_TRUE(by_tcp.socket().is_ended());
  EXPECT_TRUE(turn.log.has(" reason=shutdown"));
}

// Requests, data and connections of many clients while it stops.
TEST(TurnServer, StopsInTheMiddleOfWork) {
  for (int round = 0; round < 5; ++round) {
    config::Settings settings = loopback_settings();
    settings.turn.threads = 2;
    ServedTurn turn(std::move(settings));
    std::vector<TurnClient> clients;
    for (int i = 0; i < 12; ++i) {
      clients.push_back(turn.client("alice", i % 3 == 0 ? TurnTransport::tcp : TurnTransport::udp));
      TurnRequest unsigned_one;
      unsigned_one.method = stun::Method::refresh;
      clients.back().learn(clients.back().request(unsigned_one));
    }
    TurnRequest allocate;
    allocate.method = stun::Method::allocate;
    allocate.attributes = {TurnAttribute::transport()};
    for (TurnClient& client : clients) client.socket().send(client.write(allocate));
    auto stopped = turn.begin_stop(0s);
    EXPECT_EQ(stopped.wait_for(20s), std::future_status::ready);
  }
}

// TURN-F03: what is shown of an allocation, and that an operator may end it.
TEST(TurnServer, ShowsItsAllocationsAndEndsThem) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  int seen = 0;
  turn.for_each_session([&](runtime::Session& session) {
    ++seen;
    const runtime::SessionFacts facts = session.facts();
    EXPECT_EQ(facts.kind, "turn");
    EXPECT_EQ(facts.requester, "turn+alice@example.org");
    EXPECT_EQ(facts.first, client.socket().local().text());
    EXPECT_EQ(facts.second, answer.address(AttributeType::xor_relayed_address).text());
    EXPECT_EQ(session.parent_domain(), "example.org");
    session.end(runtime::EndReason::ended);
  });
  EXPECT_EQ(seen, 1);
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
  EXPECT_EQ(client.refresh(600s).code(), 437);
  EXPECT_EQ(client.allocate().code(), 0);
  EXPECT_TRUE(turn.log.has(" reason=ended"));
}

TEST(TurnServer, WritesNoSecretsIntoItsLog) {
  ServedTurn turn;
  TurnClient client = turn.client();
  ASSERT_EQ(client.allocate().code(), 0);
  const auto rest = test::timed(test::kSecret, "romeo", std::chrono::system_clock::now() + 60s);
  ASSERT_EQ(turn.client(rest).allocate().code(), 0);
  turn.begin_stop(0s).get();
  const std::string text = turn.log.text();
  EXPECT_NE(text.find("session_ended"), std::string::npos);
  for (const std::string& secret :
       {std::string(test::kSecret), std::string("ecila"), rest.password, client.nonce()}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace bellhop::turn

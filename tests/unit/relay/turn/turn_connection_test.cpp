// TURN over TCP and TLS: framing, padding, what ends a connection, and with it an allocation.
#include "relay/turn/turn_connection.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/certificate.hpp"
#include "tests/unit/relay/turn/served_turn.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using bellhop::test::eventually;
using bellhop::test::Missed;
using bellhop::test::Octets;
using bellhop::test::TurnAttribute;
using bellhop::test::TurnClient;
using bellhop::test::TurnData;
using bellhop::test::TurnMessage;
using bellhop::test::TurnRequest;
using bellhop::test::TurnTransport;
using bellhop::test::UdpPeer;
using stun::AttributeType;
using stun::Method;
using test::loopback_settings;
using test::ServedTurn;

// A key and a certificate for as long as a test runs.
class Identity {
 public:
  Identity() : folder_(::testing::TempDir() + "turn-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
    bellhop::test::write_identity(folder_ / "cert.pem", folder_ / "key.pem", "turn.example.org");
  }
  ~Identity() { std::filesystem::remove_all(folder_); }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  [[nodiscard]] config::Settings settings() const {
    config::Settings settings = loopback_settings();
    settings.turn.tls_listen = {{"127.0.0.1", 0}};
    settings.turn.tls_certificate = folder_ / "cert.pem";
    settings.turn.tls_key = folder_ / "key.pem";
    return settings;
  }

 private:
  std::filesystem::path folder_;
};

TurnRequest request_of(Method method, std::vector<TurnAttribute> attributes = {}) {
  TurnRequest request;
  request.method = method;
  request.attributes = std::move(attributes);
  return request;
}

void introduce(TurnClient& client) {
  client.learn(client.request(request_of(Method::refresh)));
}

// Requests, data both ways, and the end: the same over every transport.
void expect_service(ServedTurn& turn, TurnTransport transport) {
  TurnClient client = turn.client("alice", transport);
  EXPECT_EQ(client.binding().address(AttributeType::xor_mapped_address).text(),
            client.socket().local().text());
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  const base::IpEndpoint relayed = answer.address(AttributeType::xor_relayed_address);
  UdpPeer peer;
  ASSERT_EQ(client.channel_bind(0x4000, peer.local()).code(), 0);
  client.send_channel(0x4000, "there");
  const UdpPeer::Datagram got = peer.receive();
  EXPECT_EQ(got.data, "there");
  EXPECT_EQ(got.from.text(), relayed.text());
  peer.send(relayed, "and back");
  EXPECT_EQ(client.receive().data, "and back");
  EXPECT_EQ(client.refresh(0s).code(), 0);
  EXPECT_EQ(client.refresh(600s).code(), 437);
  EXPECT_EQ(client.allocate().code(), 0);  // on the same connection
}

// STN-03, TURN-A22
TEST(TurnConnection, ServesClientsOverUdpTcpAndTls) {
  const Identity identity;
  ServedTurn turn(identity.settings());
  for (const auto transport : {TurnTransport::udp, TurnTransport::tcp, TurnTransport::tls}) {
    expect_service(turn, transport);
  }
  EXPECT_TRUE(turn.comes_to(TurnCounter::connections, 0));
  EXPECT_EQ(turn.count(TurnCounter::connections_accepted), 2U);
}

// TURN-A22: a five-tuple includes the transport.
TEST(TurnConnection, KeepsTransportsOfTheSamePortsApart) {
  ServedTurn turn;
  TurnClient by_udp = turn.client("alice");
  ASSERT_EQ(by_udp.allocate().code(), 0);
  TurnClient by_tcp(turn.address(), TurnTransport::tcp, by_udp.socket().local());
  by_tcp.set_credentials(test::credentials_of("bob"));
  EXPECT_EQ(by_tcp.refresh(0s).code(), 437);
  EXPECT_EQ(by_tcp.allocate().code(), 0);
  EXPECT_EQ(by_tcp.refresh(0s).code(), 0);
  EXPECT_EQ(by_udp.refresh(600s).code(), 0);
}

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
};

// What is agreed on with a client that offers `protocol` and speaks no later version than that;
// "refused": nothing.
std::string agreed(const base::IpEndpoint& server, const std::string& protocol, int version) {
  bellhop::test::Peer peer(server.port);
  const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);  // whatever the server might still take
  SSL_CTX_set_max_proto_version(context.get(), version);
  const std::unique_ptr<SSL, FreeContext> tls(SSL_new(context.get()));
  const std::string offer = static_cast<char>(protocol.size()) + protocol;
  if (!protocol.empty()) {
    SSL_set_alpn_protos(tls.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }
  SSL_set_fd(tls.get(), peer.fd());
  if (SSL_connect(tls.get()) != 1) return "refused";
  EXPECT_EQ(SSL_get_current_compression(tls.get()), nullptr);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls.get(), &chosen, &size);
  return {chosen, chosen + size};
}

// STN-18
TEST(TurnConnection, SpeaksTls12AndLaterWithTheProtocolsOfStun) {
  const Identity identity;
  ServedTurn turn(identity.settings());
  const base::IpEndpoint server = turn.address(TurnTransport::tls);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(agreed(server, "stun.turn", version), "stun.turn");
    EXPECT_EQ(agreed(server, "stun.nat-discovery", version), "stun.nat-discovery");
    EXPECT_EQ(agreed(server, "", version), "");
  }
  EXPECT_EQ(agreed(server, "stun.turn", TLS1_1_VERSION), "refused");
}

// STN-11, STN-13
TEST(TurnConnection, AnswersRequestsThatComeTogether) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  Octets together;
  for (int i = 0; i < 50; ++i) {
    const Octets one = client.write({});
    together.insert(together.end(), one.begin(), one.end());
  }
  client.socket().send(together);
  for (int i = 0; i < 50; ++i) {
    const auto bytes = client.next();
    ASSERT_TRUE(bytes);
    EXPECT_EQ(TurnMessage(*bytes).code(), 0);
  }
}

// STN-11, TURN-C04
TEST(TurnConnection, TakesWhatComesByteByByte) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  introduce(client);
  UdpPeer peer;
  const auto trickle = [&client](const Octets& bytes) {
    for (const std::uint8_t byte : bytes) client.socket().send({&byte, 1});
  };
  trickle(client.write(request_of(Method::allocate, {TurnAttribute::transport()})));
  EXPECT_EQ(TurnMessage(client.next().value()).code(), 0);
  trickle(client.write(request_of(
      Method::channel_bind, {TurnAttribute::channel(0x4001), TurnAttribute::peer(peer.local())})));
  EXPECT_EQ(TurnMessage(client.next().value()).code(), 0);
  trickle({0x40, 0x01, 0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0});
  EXPECT_EQ(peer.receive().data, "hello");
}

// TURN-C04: padded to four bytes, which the length does not tell.
TEST(TurnConnection, PadsChannelDataInBothDirections) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  UdpPeer peer;
  ASSERT_EQ(client.channel_bind(0x4000, peer.local()).code(), 0);
  Octets together;
  for (const std::string data : {"a", "ab", "abc", "abcd", "", "abcde"}) {
    Octets one{0x40, 0x00, 0, static_cast<std::uint8_t>(data.size())};
    one.insert(one.end(), data.begin(), data.end());
    one.resize((one.size() + 3) / 4 * 4, 0xFF);
    together.insert(together.end(), one.begin(), one.end());
  }
  client.socket().send(together);
  for (const std::string data : {"a", "ab", "abc", "abcd", "", "abcde"}) {
    EXPECT_EQ(peer.receive().data, data);
  }
  for (const std::string data : {"a", "ab", "abc", "abcd", "", "abcde"}) {
    peer.send(answer.address(AttributeType::xor_relayed_address), data);
    Octets expected{0x40, 0x00, 0, static_cast<std::uint8_t>(data.size())};
    expected.insert(expected.end(), data.begin(), data.end());
    expected.resize((expected.size() + 3) / 4 * 4);
    Octets got;
    while (got.size() < expected.size()) {
      const Octets some = client.socket().receive_some();
      got.insert(got.end(), some.begin(), some.end());
    }
    EXPECT_EQ(got, expected);
  }
}

// TURN-D01, TURN-D02
TEST(TurnConnection, CarriesIndicationsToo) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  UdpPeer peer;
  ASSERT_EQ(client.create_permission({peer.local()}).code(), 0);
  for (const std::string& data : {std::string(), std::string("odd"), std::string(9000, 'x')}) {
    client.send(peer.local(), data);
    EXPECT_EQ(peer.receive().data, data);
    peer.send(answer.address(AttributeType::xor_relayed_address), data);
    const TurnData got = client.receive();
    EXPECT_EQ(got.data, data);
    EXPECT_EQ(got.peer.value().text(), peer.local().text());
  }
}

// TURN-A20: a connection is one five-tuple, also for requests that come together.
TEST(TurnConnection, MakesOneAllocationOfRequestsThatComeTogether) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  introduce(client);
  const TurnRequest request = request_of(Method::allocate, {TurnAttribute::transport()});
  const Octets first = client.write(request);
  Octets together = first;
  const Octets second = client.write(request);
  together.insert(together.end(), second.begin(), second.end());
  client.socket().send(together);
  int granted = 0;
  int refused = 0;
  for (int i = 0; i < 2; ++i) {
    const int code = TurnMessage(client.next().value()).code();
    granted += code == 0 ? 1 : 0;
    refused += code == 437 ? 1 : 0;
  }
  EXPECT_EQ(granted, 1);
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(turn.count(TurnCounter::allocations), 1U);
  client.socket().close();
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
}

// Whoever leaves while his allocation is being decided leaves nothing behind.
TEST(TurnConnection, GivesBackWhatIsGrantedToOneWhoHasLeft) {
  ServedTurn turn;
  for (int i = 0; i < 20; ++i) {
    TurnClient client = turn.client("alice", TurnTransport::tcp);
    introduce(client);
    client.socket().send(client.write(request_of(Method::allocate, {TurnAttribute::transport()})));
    client.socket().close();
  }
  EXPECT_TRUE(turn.comes_to(TurnCounter::connections, 0));
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
  EXPECT_TRUE(
      eventually([&] { return turn.on_control([&] { return turn.server->allocations(); }) == 0; }));
}

// RFC 8656 §6: the allocation ends with the connection.
TEST(TurnConnection, EndsTheAllocationOfAConnectionThatEnds) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  ASSERT_EQ(client.allocate().code(), 0);
  EXPECT_EQ(turn.count(TurnCounter::allocations), 1U);
  client.socket().close();
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
}

// STN-01: what cannot be framed ends the connection; of TLS, too.
TEST(TurnConnection, ClosesOnWhatIsNeitherStunNorChannelData) {
  const Identity identity;
  ServedTurn turn(identity.settings());
  const std::string texts[] = {
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11),  // TLS within
      std::string("\x80\x00\x00\x04garbage garbage garbage", 27),
      std::string("\x00\x01\x00\x03\x21\x12\xA4\x42", 8) +
          std::string(20, 'x'),                                   // no multiple of 4
      std::string("\x00\x01\x00\x00", 4) + std::string(16, 'x'),  // no cookie
  };
  for (const auto transport : {TurnTransport::tcp, TurnTransport::tls}) {
    for (const std::string& text : texts) {
      TurnClient client = turn.client("alice", transport);
      ASSERT_EQ(client.allocate().code(), 0);
      client.socket().send(Octets(text.begin(), text.end()));
      EXPECT_TRUE(client.socket().is_ended());
    }
  }
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
  TurnClient no_tls(turn.address(TurnTransport::tls), TurnTransport::tcp);
  no_tls.socket().send(no_tls.write({}));
  EXPECT_TRUE(no_tls.socket().is_ended());
}

// STN-11, TURN-A23: also one that asks all the time and never for an allocation, and one that does
// not finish its handshake.
TEST(TurnConnection, ClosesConnectionsThatHaveNoAllocation) {
  const Identity identity;
  config::Settings settings = identity.settings();
  settings.turn.connection_timeout = 1s;
  ServedTurn turn(std::move(settings));
  TurnClient busy = turn.client("alice", TurnTransport::tcp);
  ASSERT_EQ(busy.allocate().code(), 0);
  TurnClient silent = turn.client("alice", TurnTransport::tcp);
  TurnClient half(turn.address(TurnTransport::tls), TurnTransport::tcp);
  half.socket().send(Octets{0x16, 0x03, 0x01});
  TurnClient asking = turn.client("alice", TurnTransport::tcp);
  EXPECT_TRUE(eventually([&] {
    try {
      return asking.binding().code() != 0;
    } catch (const Missed&) {
      return true;
    }
  }));
  EXPECT_TRUE(silent.socket().is_ended());
  EXPECT_TRUE(half.socket().is_ended());
  EXPECT_EQ(busy.refresh(600s).code(), 0);
  EXPECT_EQ(turn.count(TurnCounter::connections), 1U);
}

// STN-11: beyond that many nobody is let in, and the others stay.
TEST(TurnConnection, LetsNoMoreConnectionsInThanThereMayBe) {
  config::Settings settings = loopback_settings();
  settings.turn.connections_max = 2;
  ServedTurn turn(std::move(settings));
  TurnClient one = turn.client("alice", TurnTransport::tcp);
  auto two = std::make_unique<TurnClient>(turn.client("alice", TurnTransport::tcp));
  EXPECT_EQ(one.binding().code(), 0);
  EXPECT_EQ(two->binding().code(), 0);
  TurnClient three = turn.client("alice", TurnTransport::tcp);
  EXPECT_TRUE(three.socket().is_ended());
  two.reset();
  EXPECT_TRUE(eventually([&] {
    try {
      TurnClient four = turn.client("alice", TurnTransport::tcp);
      return four.binding().code() == 0;
    } catch (const Missed&) {
      return false;
    }
  }));
  EXPECT_EQ(one.binding().code(), 0);
}

// TURN-D06: who reads slowly loses datagrams, whole ones, and no memory grows.
TEST(TurnConnection, DropsWhatASlowClientDoesNotTake) {
  ServedTurn turn;
  TurnClient client = turn.client("alice", TurnTransport::tcp);
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  const base::IpEndpoint relayed = answer.address(AttributeType::xor_relayed_address);
  UdpPeer peer;
  ASSERT_EQ(client.channel_bind(0x4000, peer.local()).code(), 0);
  const std::string data(1001, 'x');
  std::uint64_t dropped = 0;
  ASSERT_TRUE(eventually([&] {
    for (int i = 0; i < 2000; ++i) peer.send(relayed, data);
    turn.for_each_session([&](auto& session) { dropped = session.bytes().dropped; });
    return dropped > 0;
  }));
  EXPECT_EQ(dropped % data.size(), 0U);
  // What comes then is whole.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive().data, data);
}

}  // namespace
}  // namespace bellhop::turn

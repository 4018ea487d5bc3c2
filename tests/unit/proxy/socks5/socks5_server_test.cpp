// The listening side over real sockets: a plain client against a server with one listener. Covers
// socks5_session as well, which has no entrance but a socket.
#include "proxy/socks5/socks5_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/errors.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::socks5 {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using bytestream::BytestreamTable;
using proxy::ProxyCounter;
using runtime::test::Peer;
using runtime::test::run_until;

const std::string kGreeting = "\x05\x01\x00"s;
const std::string kGreeted = "\x05\x00"s;
const std::string kDigits(40, 'a');

std::string request_for(std::string_view digits) {
  return "\x05\x01\x00\x03\x28"s + std::string(digits) + "\0\0"s;
}
std::string granted(std::string_view digits) {
  return "\x05\x00\x00\x03\x28"s + std::string(digits) + "\0\0"s;
}

config::ProxySettings default_settings() {
  config::ProxySettings settings;
  settings.listen = {{"127.0.0.1", 0}};
  return settings;
}

// Everything around a server, in one thread.
class Socks5ServerTest : public ::testing::Test {
 protected:
  explicit Socks5ServerTest(config::ProxySettings settings = default_settings())
      : settings_(std::move(settings)) {
    server_.start();
  }
  ~Socks5ServerTest() override {
    runtime::test::run(context_, server_.stop());
    runtime::test::run(context_, relay_.stop(0s));
    EXPECT_EQ(pending_.count(), 0U);
  }

  [[nodiscard]] Peer connect() { return Peer::connect(server_.bound().at(0).port); }
  // A client that has been granted its place.
  [[nodiscard]] Peer connect_to(std::string_view digits) {
    Peer client = connect();
    client.send(context_, kGreeting);
    EXPECT_EQ(client.receive(context_, 2), kGreeted);
    client.send(context_, request_for(digits));
    EXPECT_EQ(client.receive(context_, kGrantedBytes), granted(digits));
    return client;
  }
  // All that the server says to `input` before it closes.
  std::string answer_to(std::string_view input) {
    Peer client = connect();
    client.send(context_, input);
    const std::string answer = client.receive_rest(context_);
    EXPECT_TRUE(client.has_ended()) << "closed by a reset, which can overtake the answer";
    return answer;
  }
  [[nodiscard]] base::Result<BytestreamTable::Pair> activate(std::string_view digits) {
    return table_.activate(bytestream::DstAddr::from_hex(digits).value());
  }
  void finish(std::string_view digits) {
    table_.finish(bytestream::DstAddr::from_hex(digits).value());
  }
  [[nodiscard]] std::uint64_t refused(const base::ErrorKind& kind) const {
    const auto* const* row =
        std::find(proxy::errors::kAll.begin(), proxy::errors::kAll.end(), &kind);
    return counters_.refusals.sum(
        static_cast<proxy::ProxyRefusal>(row - proxy::errors::kAll.begin()));
  }

  runtime::test::TempLog log_;
  config::ProxySettings settings_;
  runtime::ShardSet shards_{1};
  boost::asio::io_context& context_{shards_.control().context()};
  proxy::ProxyCounters counters_{1};
  proxy::PendingConnections pending_{{.per_address_max = settings_.pending_per_address_max,
                                      .total_max = settings_.connections_max,
                                      .handshake_timeout = settings_.handshake_timeout}};
  BytestreamTable table_{settings_.activation_timeout};
  bytestream::PairingWaits waits_{context_.get_executor()};
  policy::Admission admission_{
      std::make_shared<policy::Policy>(policy::configured_rules({}, {}), policy::Rules{}, true)};
  bytestream::Relay relay_{shards_,   shards_.size(), log_.log(), counters_,
                           settings_, table_,         admission_};
  Socks5Server server_{
      context_.get_executor(), log_.log(), counters_, settings_, pending_, table_, waits_, relay_};
};

// S5B-20, S5B-23, S5B-24
TEST_F(Socks5ServerTest, PairsTwoConnectionsOfOneHash) {
  const Peer first = connect_to(kDigits);
  EXPECT_EQ(activate(kDigits).error().kind().name, "one-side-only");
  const Peer second = connect_to(kDigits);
  EXPECT_EQ(pending_.count(), 2U);
  const auto pair = activate(kDigits);
  ASSERT_TRUE(pair);
  EXPECT_NE(pair->first.peer.port, pair->second.peer.port);
  finish(kDigits);
}

// S5B-22
TEST_F(Socks5ServerTest, TakesGreetingAndRequestByteByByte) {
  Peer client = connect();
  for (const char byte : kGreeting) client.send(context_, std::string_view(&byte, 1));
  EXPECT_EQ(client.receive(context_, 2), kGreeted);
  for (const char byte : request_for(kDigits)) {
    client.send(context_, std::string_view(&byte, 1));
    context_.restart();
    context_.poll();
  }
  EXPECT_EQ(client.receive(context_, kGrantedBytes), granted(kDigits));
}

// S5B-22
TEST_F(Socks5ServerTest, TakesGreetingAndRequestInOneSegment) {
  Peer client = connect();
  client.send(context_, kGreeting + request_for(kDigits));
  EXPECT_EQ(client.receive(context_, 2 + kGrantedBytes), kGreeted + granted(kDigits));
}

// Prosody's clients need the whole reply in one read.
TEST_F(Socks5ServerTest, SendsItsReplyAsOneSegment) {
  Peer client = connect();
  client.send(context_, kGreeting);
  EXPECT_EQ(client.receive(context_, 2), kGreeted);
  client.send(context_, request_for(kDigits));
  std::string first_read;
  EXPECT_TRUE(run_until(context_, [&] {
    first_read = client.receive_some();
    return !first_read.empty();
  }));
  EXPECT_EQ(first_read, granted(kDigits));
}

// ROOM-02, S5B-30, S5B-22: early bytes wait in the kernel and are not lost.
TEST_F(Socks5ServerTest, LeavesEarlyPayloadForTheOtherSide) {
  Peer early = connect();
  early.send(context_, kGreeting + request_for(kDigits) + "early payload");
  EXPECT_EQ(early.receive(context_, 2 + kGrantedBytes), kGreeted + granted(kDigits));
  Peer late = connect_to(kDigits);
  EXPECT_EQ(late.receive_some(), "");
  auto pair = activate(kDigits);
  ASSERT_TRUE(pair);
  Peer served(std::move(pair->first.socket));
  EXPECT_EQ(served.receive(context_, 13), "early payload");
  finish(kDigits);
}

// S5B-25: the hash decides, not its spelling.
TEST_F(Socks5ServerTest, PairsHashesOfDifferentCase) {
  const Peer first = connect_to(std::string(40, 'A'));
  const Peer second = connect_to(kDigits);
  EXPECT_TRUE(activate(kDigits));
  finish(kDigits);
}

// S5B-20, S5B-38
TEST_F(Socks5ServerTest, RefusesClientsThatInsistOnAuthentication) {
  EXPECT_EQ(answer_to("\x05\x02\x01\x02"sv), "\x05\xff"sv);
  EXPECT_EQ(refused(proxy::errors::socks_methods), 1U);
}

// S5B-21
TEST_F(Socks5ServerTest, RefusesWhatIsNotSocks5) {
  EXPECT_EQ(answer_to("\x05\x00"sv), "\x05\xff"sv);
  Peer old = connect();
  old.send(context_, "\x04");
  EXPECT_EQ(old.receive_rest(context_), "");
  Peer browser = connect();
  browser.send(context_, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(browser.receive_rest(context_), "");
  EXPECT_EQ(refused(proxy::errors::socks_version), 2U);
}

// S5B-26, S5B-27, S5B-28, S5B-19, ROOM-36: an answer, and the end of the stream right behind it.
TEST_F(Socks5ServerTest, RefusesOtherRequestsWithAnAnswerAndCloses) {
  std::string udp = request_for(kDigits);
  udp[1] = 3;
  EXPECT_EQ(answer_to(kGreeting + udp), kGreeted + "\x05\x07\x00\x03\x28"s + kDigits + "\0\0"s);
  EXPECT_EQ(answer_to(kGreeting + "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"s),
            kGreeted + "\x05\x08\x00\x01\x7f\x00\x00\x01\x00\x50"s);
  std::string port = request_for(kDigits);
  port.back() = '\x01';
  EXPECT_EQ(answer_to(kGreeting + port),
            kGreeted + "\x05\x02\x00\x03\x28"s + kDigits + "\x00\x01"s);
  EXPECT_EQ(answer_to(kGreeting + "\x05\x01\x00\x03\x0b"
                                  "example.org\x00\x00"s),
            kGreeted +
                "\x05\x02\x00\x03\x0b"
                "example.org\x00\x00"s);
  EXPECT_EQ(table_.size(), 0U);
}

// S5B-28: payload behind a refused request does not turn the refusal into a reset.
TEST_F(Socks5ServerTest, RefusesReadablyWhatIsFollowedByPayload) {
  std::string bind = request_for(kDigits);
  bind[1] = 2;
  EXPECT_EQ(answer_to(kGreeting + bind + "payload"),
            kGreeted + "\x05\x07\x00\x03\x28"s + kDigits + "\0\0"s);
}

// S5B-29
TEST_F(Socks5ServerTest, RefusesAThirdConnectionAndKeepsTheTwo) {
  Peer first = connect_to(kDigits);
  Peer second = connect_to(kDigits);
  EXPECT_EQ(answer_to(kGreeting + request_for(kDigits)),
            kGreeted + "\x05\x02\x00\x03\x28"s + kDigits + "\0\0"s);
  EXPECT_EQ(refused(proxy::errors::hash_taken), 1U);
  EXPECT_EQ(first.receive_some() + second.receive_some(), "");
  EXPECT_FALSE(first.has_ended() || second.has_ended());
  EXPECT_TRUE(activate(kDigits));
  finish(kDigits);
}

TEST_F(Socks5ServerTest, LetsAClientBackInWhoseConnectionHasGone) {
  Peer first = connect_to(kDigits);
  const Peer second = connect_to(kDigits);
  first.close();
  const Peer again = connect_to(kDigits);
  EXPECT_TRUE(activate(kDigits));
  finish(kDigits);
}

TEST_F(Socks5ServerTest, ForgetsClientsThatLeaveHalfway) {
  for (const std::size_t cut : {0U, 1U, 3U, 4U, 20U, 49U}) {
    Peer client = connect();
    client.send(context_, (kGreeting + request_for(kDigits)).substr(0, cut));
    EXPECT_TRUE(run_until(context_, [&] { return pending_.count() == 1; })) << cut;
    client.close();
    EXPECT_TRUE(run_until(context_, [&] { return pending_.count() == 0; })) << cut;
  }
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(Socks5ServerTest, CountsWhoComes) {
  const Peer first = connect_to(kDigits);
  const Peer second = connect_to(std::string(40, 'b'));
  EXPECT_EQ(counters_.events.sum(ProxyCounter::connections_accepted), 2U);
  EXPECT_TRUE(run_until(
      context_, [&] { return counters_.events.sum(ProxyCounter::connections_pending) == 2; }));
}

// S5B-39: not even at debug is there more than the beginning of a hash.
TEST_F(Socks5ServerTest, LogsNoWholeHash) {
  const Peer first = connect_to(kDigits);
  (void)answer_to(kGreeting + "\x05\x03\x00\x03\x28"s + kDigits + "\0\0"s);
  EXPECT_TRUE(log_.has("event=connection_parked bytestream=aaaaaaaa "));
  EXPECT_TRUE(log_.has("event=connection_refused"));
  EXPECT_FALSE(log_.has("aaaaaaaaa"));
}

TEST_F(Socks5ServerTest, ClosesAllThatWaitsWhenItStops) {
  Peer silent = connect();
  Peer parked = connect_to(kDigits);
  EXPECT_TRUE(run_until(context_, [&] { return pending_.count() == 2; }));
  runtime::test::run(context_, server_.stop());
  silent.receive_rest(context_);
  parked.receive_rest(context_);
  EXPECT_EQ(pending_.count(), 0U);
  EXPECT_EQ(table_.size(), 0U);
}

config::ProxySettings with_timeouts(std::chrono::milliseconds handshake,
                                    std::chrono::milliseconds activation) {
  config::ProxySettings settings = default_settings();
  settings.handshake_timeout = handshake;
  settings.activation_timeout = activation;
  return settings;
}

class ImpatientHandshakes : public Socks5ServerTest {
 protected:
  ImpatientHandshakes() : Socks5ServerTest(with_timeouts(50ms, 1min)) {}
};

// S5B-34: whatever part of the handshake is missing.
TEST_F(ImpatientHandshakes, EndWhateverIsMissing) {
  const auto begin = base::Clock::now();
  for (const std::size_t cut : {0U, 1U, 3U, 20U}) {
    Peer client = connect();
    client.send(context_, (kGreeting + request_for(kDigits)).substr(0, cut));
    EXPECT_EQ(client.receive_rest(context_), cut < 3 ? "" : kGreeted) << cut;
  }
  EXPECT_GE(base::Clock::now() - begin, 4 * 50ms);
  EXPECT_EQ(refused(proxy::errors::handshake_timeout), 4U);
  EXPECT_TRUE(log_.has("reason=handshake-timeout"));
}

class ImpatientActivations : public Socks5ServerTest {
 protected:
  ImpatientActivations() : Socks5ServerTest(with_timeouts(1min, 50ms)) {}
};

// S5B-34: paired or not, a stream that nobody activates ends.
TEST_F(ImpatientActivations, EndWhatWaitsTooLong) {
  Peer first = connect_to(kDigits);
  Peer second = connect_to(kDigits);
  Peer alone = connect_to(std::string(40, 'b'));
  for (Peer* client : {&first, &second, &alone}) EXPECT_EQ(client->receive_rest(context_), "");
  EXPECT_EQ(refused(proxy::errors::activation_timeout), 2U);
  EXPECT_EQ(pending_.count(), 0U);
  EXPECT_EQ(table_.size(), 0U);
}

config::ProxySettings with_caps(std::uint32_t per_address, std::uint32_t total) {
  config::ProxySettings settings = default_settings();
  settings.pending_per_address_max = per_address;
  settings.connections_max = total;
  return settings;
}

class FewPerAddress : public Socks5ServerTest {
 protected:
  FewPerAddress() : Socks5ServerTest(with_caps(2, 100)) {}
};

// S5B-35: the oldest that is silent gives way, what is parked does not.
TEST_F(FewPerAddress, GiveTheirPlaceToNewcomersWhileTheyAreSilent) {
  Peer silent = connect();
  EXPECT_TRUE(run_until(context_, [&] { return pending_.count() == 1; }));
  const Peer first = connect_to(kDigits);
  const Peer second = connect_to(kDigits);
  EXPECT_EQ(silent.receive_rest(context_), "");
  EXPECT_EQ(pending_.evicted(), 1U);
  Peer refused_one = connect();
  EXPECT_EQ(refused_one.receive_rest(context_), "");
  EXPECT_EQ(refused(proxy::errors::connections_of_address), 2U);
  EXPECT_TRUE(activate(kDigits));
  finish(kDigits);
}

class FewInTotal : public Socks5ServerTest {
 protected:
  FewInTotal() : Socks5ServerTest(with_caps(100, 2)) {}
};

// S5B-35
TEST_F(FewInTotal, AreAllThatIsAdmitted) {
  const Peer first = connect_to(kDigits);
  const Peer second = connect_to(kDigits);
  Peer third = connect();
  EXPECT_EQ(third.receive_rest(context_), "");
  EXPECT_EQ(refused(proxy::errors::connections_total), 1U);
}

}  // namespace
}  // namespace bellhop::socks5

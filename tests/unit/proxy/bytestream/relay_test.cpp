// Activated bytestreams between real sockets: shards, accounts, time-outs, stopping. Covers
// bytestream_session as well, which the relay makes.
#include "proxy/bytestream/relay.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "proxy/errors.hpp"
#include "tests/unit/proxy/bytestream/served_proxy.hpp"

namespace bellhop::bytestream {
namespace {

using namespace std::chrono_literals;
using proxy::ProxyCounter;
using runtime::EndReason;
using runtime::test::Peer;
using test::ServedProxy;

// Two clients of one activated stream.
struct Stream {
  Peer first;
  Peer second;
};

runtime::Task<bool> hand_over(Relay& relay, Activation activation) {
  const auto relayed = co_await relay.relay(std::move(activation));
  co_return relayed.has_value();
}

// Connects both clients and activates, as the handler does.
Stream open(ServedProxy& proxy, std::string_view sid) {
  Stream stream{proxy.park(sid), proxy.park(sid)};
  auto pair = proxy.table.activate(test::name_of(sid));
  EXPECT_TRUE(pair && proxy.relay.acquire(test::jid(test::kRequester)));
  Activation activation{test::name_of(sid),
                        test::jid(test::kRequester),
                        test::jid(test::kTarget),
                        std::move(pair->first.socket),
                        std::move(pair->second.socket),
                        pair->first.peer,
                        pair->second.peer};
  const bool is_relayed =
      runtime::test::run(proxy.context, hand_over(proxy.relay, std::move(activation)));
  EXPECT_TRUE(is_relayed);
  return stream;
}

void expect_exchange(ServedProxy& proxy, Stream& stream) {
  stream.first.send(proxy.context, "there");
  EXPECT_EQ(stream.second.receive(proxy.context, 5), "there");
  stream.second.send(proxy.context, "and back");
  EXPECT_EQ(stream.first.receive(proxy.context, 8), "and back");
}

// S5B-07, S5B-31, S5B-33
TEST(Relay, CarriesAStreamToItsEndAndKeepsAccount) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  EXPECT_EQ(proxy.relay.running(), 1U);
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::sessions_active), 1U);
  EXPECT_EQ(proxy.all_shards.control().sessions().count(), 1U);
  expect_exchange(proxy, stream);
  stream.first.close();
  stream.second.close();
  proxy.expect([&] { return proxy.relay.running() == 0; });
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::sessions_activated), 1U);
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::sessions_active), 0U);
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::bytes_relayed), 13U);
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::bytes_dropped), 0U);
  EXPECT_EQ(proxy.ended(EndReason::completed), 1U);
  EXPECT_EQ(proxy.table.size(), 0U);
  EXPECT_EQ(proxy.all_shards.control().sessions().count(), 0U);
}

TEST(Relay, LogsOneLineForEachSession) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  expect_exchange(proxy, stream);
  EXPECT_FALSE(proxy.log.has("session_ended"));
  stream.first.close();
  stream.second.close();
  proxy.expect([&] { return proxy.relay.running() == 0; });
  const std::string text = proxy.log.text();
  for (const std::string_view part :
       {"info event=session_ended session=0", " kind=socks5 ",
        " requester=alice@example.org/phone ", " target=bob@example.net/desk ",
        " first=127.0.0.1:4711 ", " bytes_from_first=5 ", " bytes_from_second=8 ",
        " bytes_dropped=0 ", " duration_ms=", " reason=completed"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in " << text;
  }
  EXPECT_EQ(text.find("session_ended"), text.rfind("session_ended"));
}

// S5B-36
TEST(Relay, CarriesSeveralStreamsOfOneRequesterAtOnce) {
  ServedProxy proxy;
  Stream one = open(proxy, "one");
  Stream two = open(proxy, "two");
  EXPECT_EQ(proxy.relay.running(), 2U);
  expect_exchange(proxy, two);
  expect_exchange(proxy, one);
  one.first.close();
  one.second.close();
  proxy.expect([&] { return proxy.relay.running() == 1; });
  expect_exchange(proxy, two);
}

// S5B-15: what is granted is given back at the end.
TEST(Relay, GrantsAgainWhenASessionHasEnded) {
  config::ProxySettings settings;
  settings.sessions_per_jid_max = 1;
  ServedProxy proxy(settings);
  {
    Stream stream = open(proxy, "one");
    const auto second = proxy.relay.acquire(test::jid(test::kRequester));
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(proxy::errors::sessions_of_jid));
  }
  proxy.expect([&] { return proxy.relay.running() == 0; });
  Stream again = open(proxy, "two");
  expect_exchange(proxy, again);
}

// S5B-34
TEST(Relay, EndsASessionThatMovesNothingForTheIdleTime) {
  config::ProxySettings settings;
  settings.idle_timeout = 100ms;
  ServedProxy proxy(settings);
  const auto begin = base::Clock::now();
  Stream stream = open(proxy, "one");
  EXPECT_EQ(stream.first.receive_rest(proxy.context), "");
  EXPECT_GE(base::Clock::now() - begin, 100ms);
  EXPECT_EQ(stream.second.receive_rest(proxy.context), "");
  proxy.expect([&] { return proxy.relay.running() == 0; });
  EXPECT_EQ(proxy.ended(EndReason::idle), 1U);
}

TEST(Relay, CutsShortWhatStillRunsWhenItStops) {
  ServedProxy proxy;
  Stream one = open(proxy, "one");
  Stream two = open(proxy, "two");
  EXPECT_EQ(runtime::test::run(proxy.context, proxy.relay.stop(0s)), 2U);
  EXPECT_EQ(proxy.ended(EndReason::shutdown), 2U);
  EXPECT_EQ(one.first.receive_rest(proxy.context), "");
  EXPECT_EQ(two.second.receive_rest(proxy.context), "");
}

runtime::Task<> stop(Relay& relay, base::Duration timeout, std::size_t& cut_short) {
  cut_short = co_await relay.stop(timeout);
}

TEST(Relay, LetsSessionsEndByThemselvesWhenItStops) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  std::size_t cut_short = 99;
  const auto stopping = runtime::test::start(proxy.context, stop(proxy.relay, 1h, cut_short));
  expect_exchange(proxy, stream);
  EXPECT_FALSE(stopping->is_done);
  stream.first.close();
  stream.second.close();
  proxy.expect([&] { return stopping->is_done; });
  EXPECT_EQ(cut_short, 0U);
  EXPECT_EQ(proxy.ended(EndReason::completed), 1U);
}

TEST(Relay, StopsAtOnceWhenItIsHurried) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  std::size_t cut_short = 99;
  const auto stopping = runtime::test::start(proxy.context, stop(proxy.relay, 1h, cut_short));
  expect_exchange(proxy, stream);
  EXPECT_FALSE(stopping->is_done);
  proxy.relay.hurry();
  proxy.expect([&] { return stopping->is_done; });
  EXPECT_EQ(cut_short, 1U);
  EXPECT_EQ(proxy.ended(EndReason::shutdown), 1U);
}

// S5B-37: under a limit everything arrives, later.
TEST(Relay, ShapesAStreamAndDropsNothing) {
  config::ProxySettings settings;
  settings.rate_per_session = 1024 * 1024;
  settings.rate_per_jid = 2 * 1024 * 1024;
  ServedProxy proxy(settings);
  Stream stream = open(proxy, "one");
  const auto begin = base::Clock::now();
  const std::string bytes(256 * 1024, 'x');
  stream.first.send(proxy.context, bytes);
  EXPECT_EQ(stream.second.receive(proxy.context, bytes.size()), bytes);
  EXPECT_GE(base::Clock::now() - begin, 190ms);
  stream.first.close();
  stream.second.close();
  proxy.expect([&] { return proxy.relay.running() == 0; });
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::bytes_dropped), 0U);
}

TEST(Relay, DealsStreamsOutToAllShards) {
  ServedProxy proxy({}, 2);
  Stream one = open(proxy, "one");
  Stream two = open(proxy, "two");
  for (std::size_t shard : {0U, 1U}) {
    EXPECT_EQ(proxy.counters.events.of_shard(shard).read(ProxyCounter::sessions_active), 1U);
  }
  expect_exchange(proxy, one);
  expect_exchange(proxy, two);
  two.first.close();
  two.second.close();
  proxy.expect([&] { return proxy.relay.running() == 1; });
  EXPECT_EQ(proxy.table.size(), 1U);
}

TEST(Relay, PutsStreamsThatShareALimitOnOneShard) {
  config::ProxySettings settings;
  settings.rate_total = 100 * 1024 * 1024;
  ServedProxy proxy(settings, 2);
  Stream one = open(proxy, "one");
  Stream two = open(proxy, "two");
  EXPECT_EQ(proxy.counters.events.of_shard(1).read(ProxyCounter::sessions_active), 2U);
  expect_exchange(proxy, one);
  expect_exchange(proxy, two);
}

}  // namespace
}  // namespace bellhop::bytestream

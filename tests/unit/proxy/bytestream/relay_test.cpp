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
  auto limits = proxy.admission.acquire(test::jid(test::kRequester), base::Clock::now());
  EXPECT_TRUE(pair && limits);
  Activation activation{test::name_of(sid),
                        test::jid(test::kRequester),
                        test::jid(test::kTarget),
                        std::move(pair->first.socket),
                        std::move(pair->second.socket),
                        pair->first.peer,
                        pair->second.peer,
                        std::move(*limits),
                        "example.org"};
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
    const auto second = proxy.admission.acquire(test::jid(test::kRequester), base::Clock::now());
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

// S5B-37: the streams of one user share a bucket across shards.
TEST(Relay, ShapesStreamsOfAllShardsByTheLimitTheyShare) {
  config::ProxySettings settings;
  settings.rate_total = 1024 * 1024;
  ServedProxy proxy(settings, 2);
  Stream one = open(proxy, "one");
  Stream two = open(proxy, "two");
  const std::string bytes(128 * 1024, 'x');
  const auto begin = base::Clock::now();
  one.first.send(proxy.context, bytes);
  two.first.send(proxy.context, bytes);
  EXPECT_EQ(one.second.receive(proxy.context, bytes.size()), bytes);
  EXPECT_EQ(two.second.receive(proxy.context, bytes.size()), bytes);
  // 256 KiB less the burst, which both shards may have been granted at once.
  EXPECT_GE(base::Clock::now() - begin, 140ms);
}

// The one session of a shard.
runtime::Session& session_of(ServedProxy& proxy) {
  runtime::Session* found = nullptr;
  proxy.all_shards.control().sessions().for_each([&](runtime::Session& each) { found = &each; });
  return *found;
}

TEST(Relay, ShowsWhatASessionIs) {
  ServedProxy proxy;
  const auto before = std::chrono::system_clock::now();
  const Stream stream = open(proxy, "one");
  const runtime::Session& session = session_of(proxy);
  const runtime::SessionFacts facts = session.facts();
  EXPECT_EQ(facts.id, session.id());
  EXPECT_EQ(facts.kind, "socks5");
  EXPECT_EQ(facts.requester, test::kRequester);
  EXPECT_EQ(facts.target, test::kTarget);
  EXPECT_EQ(facts.first, "127.0.0.1:4711");
  EXPECT_EQ(facts.second, "127.0.0.1:4711");
  EXPECT_GE(facts.started, before);
  EXPECT_EQ(session.requester(), "alice@example.org");
  EXPECT_EQ(session.parent_domain(), "example.org");
  EXPECT_EQ(session.bytes(), runtime::SessionBytes{});
}

// Live, not at the end; and at the end not twice.
TEST(Relay, CountsBytesWhileASessionRuns) {
  ServedProxy proxy;
  runtime::SessionList& sessions = proxy.all_shards.control().sessions();
  sessions.follow([] {});
  Stream stream = open(proxy, "one");
  expect_exchange(proxy, stream);
  const runtime::SessionBatch running = sessions.collect();
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::bytes_relayed), 13U);
  ASSERT_EQ(running.moved.size(), 1U);
  EXPECT_EQ(running.moved[0].bytes, (runtime::SessionBytes{5, 8, 0}));
  expect_exchange(proxy, stream);
  stream.first.close();
  stream.second.close();
  proxy.expect([&] { return proxy.relay.running() == 0; });
  const runtime::SessionBatch last = sessions.collect();
  ASSERT_EQ(last.ended.size(), 1U);
  EXPECT_EQ(last.ended[0].id, running.started.at(0).id);
  EXPECT_EQ(last.ended[0].bytes, (runtime::SessionBytes{10, 16, 0}));
  EXPECT_EQ(last.ended[0].reason, EndReason::completed);
  EXPECT_EQ(proxy.counters.events.sum(ProxyCounter::bytes_relayed), 26U);
}

// S5B-37: an operator limits and frees one session while it runs.
TEST(Relay, LetsARunningSessionBeLimited) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  expect_exchange(proxy, stream);
  session_of(proxy).limit_alone(1024 * 1024, base::Clock::now());
  const std::string bytes(256 * 1024, 'x');
  const auto begin = base::Clock::now();
  stream.first.send(proxy.context, bytes);
  EXPECT_EQ(stream.second.receive(proxy.context, bytes.size()), bytes);
  EXPECT_GE(base::Clock::now() - begin, 190ms);
  session_of(proxy).limit_alone(1, base::Clock::now());
  const std::string more(1000, 'y');  // a quarter of an hour
  stream.first.send(proxy.context, more);
  EXPECT_EQ(stream.second.receive(proxy.context, 1), "y");
  session_of(proxy).limit_alone(0, base::Clock::now());
  EXPECT_EQ(stream.second.receive(proxy.context, 999), more.substr(1));
}

// S5B-37: a changed policy reaches who runs already through the bucket he has.
TEST(Relay, FeelsAChangedRateAtOnce) {
  config::ProxySettings settings;
  settings.rate_per_jid = 1024;
  ServedProxy proxy(settings);
  Stream stream = open(proxy, "one");
  settings.rate_per_jid = 1024 * 1024 * 1024;
  proxy.admission.apply(test::policy_of(settings), base::Clock::now());
  const std::string bytes(1024 * 1024, 'x');  // a quarter of an hour at the first rate
  std::string got;
  std::size_t sent = 0;
  proxy.expect([&] {
    sent += stream.first.send_some(std::string_view(bytes).substr(sent));
    got += stream.second.receive_some();
    return got.size() == bytes.size();
  });
}

TEST(Relay, EndsASessionForTheReasonItIsGiven) {
  ServedProxy proxy;
  Stream stream = open(proxy, "one");
  session_of(proxy).end(EndReason::quota);
  EXPECT_EQ(stream.first.receive_rest(proxy.context), "");
  proxy.expect([&] { return proxy.relay.running() == 0; });
  EXPECT_EQ(proxy.ended(EndReason::quota), 1U);
  EXPECT_TRUE(proxy.log.has(" reason=quota"));
}

// The sweep comes after an eighth of the first time-out and obeys the second.
TEST(Relay, TakesAChangedIdleTimeoutToItsShards) {
  config::ProxySettings settings;
  settings.idle_timeout = 8s;
  ServedProxy proxy(settings);
  const auto begin = base::Clock::now();
  Stream stream = open(proxy, "one");
  proxy.settings.idle_timeout = 100ms;
  runtime::test::run(proxy.context, proxy.relay.renew());
  EXPECT_EQ(stream.first.receive_rest(proxy.context), "");
  EXPECT_LT(base::Clock::now() - begin, 8s);
  EXPECT_EQ(stream.second.receive_rest(proxy.context), "");
  proxy.expect([&] { return proxy.relay.running() == 0; });
  EXPECT_EQ(proxy.ended(EndReason::idle), 1U);
}

}  // namespace
}  // namespace bellhop::bytestream

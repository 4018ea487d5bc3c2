// Relay channels between real sockets: parties, strangers, limits, accounts, ending. Covers
// channel_session as well, which the service makes.
#include "relay/nodes/channel_service.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/errors.hpp"
#include "tests/unit/relay/nodes/served_nodes.hpp"

#ifdef __SANITIZE_ADDRESS__
// Of sanitizer/allocator_interface.h, which Debian's gcc comes without.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_allocation)(const volatile void*,
                                                                               std::size_t),
                                                         void (*on_free)(const volatile void*));
#endif

namespace bellhop::nodes {
namespace {

using namespace std::chrono_literals;
using runtime::EndReason;
using test::Call;
using test::ServedNodes;
using test::UdpPeer;

constexpr auto rtcp = &ServedNodes::rtcp;

// JRN-03, JRN-04, JRN-10
TEST(ChannelService, OffersEvenPortsAtThePublicAddress) {
  ServedNodes nodes;
  nodes.settings.turn.channel_max_kbps = 120;
  nodes.settings.turn.channel_timeout = 45s;
  const ChannelOffer offer = nodes.open();
  EXPECT_EQ(offer.host, "198.51.100.7");
  EXPECT_EQ(offer.id.size(), 32U);
  EXPECT_EQ(offer.expire, 45s);
  EXPECT_EQ(offer.maxkbps, 120U);
  EXPECT_EQ(offer.localport % 2, 0);
  EXPECT_EQ(offer.remoteport % 2, 0);
  EXPECT_NE(offer.localport, offer.remoteport);
  EXPECT_NE(offer.id, nodes.open().id);
  EXPECT_EQ(nodes.service.running(), 2U);
}

// JRN-03, JRN-04, JRN-09
TEST(ChannelService, CarriesRtpAndRtcpBothWays) {
  ServedNodes nodes;
  Call call = nodes.call();
  for (const std::string& text : {std::string("voice"), std::string(), std::string(1200, 'v')}) {
    EXPECT_TRUE(call.romeo.send(call.offer.localport, text));
    EXPECT_EQ(call.juliet.receive(nodes.context), text);
    EXPECT_EQ(call.juliet.last_from(), call.offer.remoteport);
    EXPECT_TRUE(call.juliet.send(call.offer.remoteport, text));
    EXPECT_EQ(call.romeo.receive(nodes.context), text);
    EXPECT_EQ(call.romeo.last_from(), call.offer.localport);
    EXPECT_TRUE(call.romeo_rtcp.send(rtcp(call.offer.localport), text));
    EXPECT_EQ(call.juliet_rtcp.receive(nodes.context), text);
    EXPECT_EQ(call.juliet_rtcp.last_from(), rtcp(call.offer.remoteport));
  }
  EXPECT_EQ(call.romeo_rtcp.take(), "nothing");
}

TEST(ChannelService, CarriesMoreThanABatchInOrder) {
  ServedNodes nodes;
  Call call = nodes.call();
  const int many = 150;  // several batches, and within the smallest receive buffer
  for (int i = 0; i < many; ++i) {
    EXPECT_TRUE(call.romeo.send(call.offer.localport, std::to_string(i)));
  }
  for (int i = 0; i < many; ++i) EXPECT_EQ(call.juliet.receive(nodes.context), std::to_string(i));
  EXPECT_EQ(nodes.count(NodesCounter::packets_unsent), 0U);
}

// JRN-09: an injector neither gets nor puts anything, whatever address and port it has.
TEST(ChannelService, LetsAnInjectorNeitherPutNorGetAnything) {
  ServedNodes nodes;
  Call call = nodes.call();
  std::vector<UdpPeer> injectors;
  injectors.emplace_back("127.0.0.1");
  injectors.emplace_back("127.0.0.2");
  injectors.emplace_back("127.0.0.2", call.romeo.port());
  const std::vector<std::uint16_t> ports{call.offer.localport, call.offer.remoteport,
                                         rtcp(call.offer.localport), rtcp(call.offer.remoteport)};
  std::uint64_t injected = 0;
  for (int round = 0; round < 5; ++round) {
    for (const UdpPeer& injector : injectors) {
      for (const std::uint16_t port : ports) {
        EXPECT_TRUE(injector.send(port, "bleed"));
        ++injected;
      }
    }
    // What the parties send meanwhile goes to each other, and nothing else comes to them.
    EXPECT_TRUE(call.romeo.send(call.offer.localport, "voice"));
    EXPECT_EQ(call.juliet.receive(nodes.context), "voice");
    EXPECT_TRUE(call.juliet.send(call.offer.remoteport, "voice"));
    EXPECT_EQ(call.romeo.receive(nodes.context), "voice");
    EXPECT_TRUE(call.juliet_rtcp.send(rtcp(call.offer.remoteport), "report"));
    EXPECT_EQ(call.romeo_rtcp.receive(nodes.context), "report");
  }
  nodes.expect([&] { return nodes.count(NodesCounter::packets_foreign) == injected; });
  for (UdpPeer& injector : injectors) EXPECT_EQ(injector.take(), "nothing");
  for (UdpPeer* party : {&call.romeo, &call.juliet, &call.romeo_rtcp, &call.juliet_rtcp}) {
    EXPECT_EQ(party->take(), "nothing");
  }
}

// JRN-11
TEST(ChannelService, TakesNothingFromAddressesThatThePolicyRefuses) {
  ServedNodes nodes;
  Call call{nodes.open()};
  UdpPeer refused("127.0.0.3");
  EXPECT_TRUE(refused.send(call.offer.localport, "hello"));
  EXPECT_TRUE(call.juliet.send(call.offer.remoteport, "hello"));
  nodes.expect([&] {
    return nodes.count(NodesCounter::packets_forbidden) == 1 &&
           nodes.count(NodesCounter::packets_early) == 1;
  });
  EXPECT_EQ(refused.take(), "nothing");
}

// JRN-05
TEST(ChannelService, ClosesAChannelThatHearsNothing) {
  config::Settings settings;
  settings.turn.channel_timeout = 1s;
  ServedNodes nodes({.settings = settings});
  const auto begin = base::Clock::now();
  const ChannelOffer offer = nodes.open();
  nodes.expect([&] { return nodes.service.running() == 0; });
  EXPECT_GE(base::Clock::now() - begin, 1s);
  EXPECT_EQ(nodes.ended(EndReason::idle), 1U);
  const UdpPeer again("127.0.0.1", offer.localport);  // the port is free
}

// Strangers cannot hold a channel open.
TEST(ChannelService, ClosesAChannelThatOnlyStrangersSendTo) {
  config::Settings settings;
  settings.turn.channel_timeout = 1s;
  ServedNodes nodes({.settings = settings});
  Call call = nodes.call();
  const UdpPeer stranger("127.0.0.2");
  nodes.expect([&] {
    static_cast<void>(stranger.send(call.offer.localport, "bleed"));
    return nodes.service.running() == 0;
  });
  EXPECT_EQ(nodes.ended(EndReason::idle), 1U);
  EXPECT_GT(nodes.count(NodesCounter::packets_foreign), 0U);
}

// JRN-06, JRN-08
TEST(ChannelService, LimitsTheChannelsOfAUserAndOfAll) {
  config::Settings settings;
  settings.turn.relay_channels_per_user_max = 2;
  settings.proxy.sessions_max = 3;
  settings.proxy.sessions_per_domain_max = 3;
  settings.proxy.sessions_per_jid_max = 3;
  ServedNodes nodes({.settings = settings});
  EXPECT_NE(nodes.open().localport, 0);
  EXPECT_NE(nodes.open("romeo@example.org/other").localport, 0);
  EXPECT_EQ(nodes.open().id, "channels-of-jid");
  EXPECT_NE(nodes.open("juliet@example.org/balcony").localport, 0);
  EXPECT_EQ(nodes.open("nurse@example.org/x").id, "sessions-total");
  nodes.session().end(EndReason::ended);
  nodes.expect([&] { return nodes.service.running() == 2; });
  EXPECT_NE(nodes.open("nurse@example.org/x").localport, 0);
}

// JRN-08
TEST(ChannelService, RefusesWhenItHasNoPortLeft) {
  ServedNodes nodes({.port_min = 41000, .port_max = 41003});
  EXPECT_NE(nodes.open().localport, 0);
  EXPECT_EQ(nodes.ports.free_ports(), 0U);
  EXPECT_EQ(nodes.open().id, "no-ports");
  EXPECT_EQ(nodes.admission.running(), 1U) << "nothing stays granted";
  nodes.session().end(EndReason::ended);
  nodes.expect([&] { return nodes.service.running() == 0; });
  EXPECT_NE(nodes.open().localport, 0);
}

// One pair is left, which is not enough for a channel, and is given back.
TEST(ChannelService, TakesNoPortsForHalfAChannel) {
  ServedNodes nodes({.port_min = 41010, .port_max = 41011});
  EXPECT_EQ(nodes.open().id, "no-ports");
  EXPECT_EQ(nodes.ports.free_ports(), 2U);
}

TEST(ChannelService, PassesOverPortsThatSomethingElseHolds) {
  const UdpPeer one("127.0.0.1", 41020);
  const UdpPeer other("127.0.0.1", 41023);
  ServedNodes nodes({.port_min = 41020, .port_max = 41027});
  const ChannelOffer offer = nodes.open();
  EXPECT_EQ(std::set<int>({offer.localport, offer.remoteport}), std::set<int>({41024, 41026}));
  EXPECT_EQ(nodes.open().id, "no-ports");
}

TEST(ChannelService, OpensNothingWhileItIsClosed) {
  ServedNodes nodes;
  nodes.is_open = false;
  EXPECT_EQ(nodes.open().id, "relay-closed");
}

// JRN-06: over the rate packets are dropped, never kept for later.
TEST(ChannelService, DropsWhatIsOverTheRate) {
  config::Settings settings;
  settings.turn.channel_max_kbps = 80;  // 10,000 bytes per second
  ServedNodes nodes({.settings = settings});
  Call call = nodes.call();
  const auto begin = base::Clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(call.romeo.send(call.offer.localport, std::string(500, 'x')));
  }
  std::size_t delivered = 0;
  nodes.expect([&] {
    while (call.juliet.take() != "nothing") ++delivered;
    return delivered + nodes.count(NodesCounter::packets_limited) == 100;
  });
  const auto seconds = std::chrono::duration<double>(base::Clock::now() - begin).count();
  EXPECT_LE(static_cast<double>(delivered) * 500, 10'000 * seconds + 500 + 500);
  EXPECT_GE(delivered, 1U);
}

TEST(ChannelService, ObeysALimitThatAnOperatorSets) {
  ServedNodes nodes;
  Call call = nodes.call();
  nodes.session().limit_alone(1, base::Clock::now());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(call.romeo.send(call.offer.localport, "limited"));
  nodes.expect([&] {
    return nodes.count(NodesCounter::packets_limited) +
               nodes.count(NodesCounter::packets_relayed) >=
           12;
  });
  EXPECT_GE(nodes.count(NodesCounter::packets_limited), 9U);
  nodes.session().limit_alone(0, base::Clock::now());
  while (call.juliet.take() != "nothing") {
  }
  EXPECT_TRUE(call.romeo.send(call.offer.localport, "free"));
  EXPECT_EQ(call.juliet.receive(nodes.context), "free");
}

TEST(ChannelService, DropsWhatIsTooLongToBeRelayedWhole) {
  ServedNodes nodes;
  Call call = nodes.call();
  EXPECT_TRUE(call.romeo.send(call.offer.localport, std::string(5000, 'x')));
  EXPECT_TRUE(call.romeo.send(call.offer.localport, std::string(4096, 'y')));
  EXPECT_EQ(call.juliet.receive(nodes.context), std::string(4096, 'y'));
  EXPECT_EQ(nodes.count(NodesCounter::packets_oversize), 1U);
}

TEST(ChannelService, ShowsAndCountsWhatAChannelDoes) {
  ServedNodes nodes;
  runtime::SessionList& sessions = nodes.all_shards.control().sessions();
  sessions.follow([] {});
  Call call = nodes.call();
  EXPECT_TRUE(call.romeo.send(call.offer.localport, "voice!"));
  EXPECT_EQ(call.juliet.receive(nodes.context), "voice!");
  const runtime::Session& session = nodes.session();
  EXPECT_EQ(session.kind(), "relay-channel");
  EXPECT_EQ(session.requester(), "romeo@example.org");
  EXPECT_EQ(session.parent_domain(), "example.org");
  const runtime::SessionFacts facts = session.facts();
  EXPECT_EQ(facts.requester, test::kRequester);
  EXPECT_EQ(facts.first, "127.0.0.1:" + std::to_string(call.romeo.port()));
  EXPECT_EQ(facts.second, "127.0.0.1:" + std::to_string(call.juliet.port()));
  // Two packets came before it was known where to.
  EXPECT_EQ(session.bytes(), (runtime::SessionBytes{6, 11, 11}));
  const runtime::SessionBatch batch = sessions.collect();
  ASSERT_EQ(batch.moved.size(), 1U);
  EXPECT_EQ(batch.moved[0].bytes, session.bytes());
  EXPECT_EQ(nodes.count(NodesCounter::bytes_relayed), 17U);
  EXPECT_EQ(nodes.count(NodesCounter::bytes_dropped), 11U);
  EXPECT_EQ(nodes.count(NodesCounter::packets_relayed), 3U);
}

TEST(ChannelService, EndsAChannelForTheReasonItIsGiven) {
  ServedNodes nodes;
  Call call = nodes.call();
  nodes.session().end(EndReason::ended);
  nodes.session().end(EndReason::quota);  // the first one stays
  nodes.expect([&] { return nodes.service.running() == 0; });
  EXPECT_EQ(nodes.ended(EndReason::ended), 1U);
  const std::string text = nodes.log.text();
  for (const std::string& part :
       {std::string("event=session_ended"), std::string(" kind=relay-channel "),
        " channel=" + call.offer.id, std::string(" requester=romeo@example.org/orchard "),
        std::string(" bytes_from_second=11 "), std::string(" reason=ended")}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in " << text;
  }
  EXPECT_TRUE(call.romeo.send(call.offer.localport, "late"));
  EXPECT_EQ(call.juliet.take(), "nothing");
}

runtime::Task<> stop(ChannelService& service, base::Duration timeout, std::size_t& cut_short) {
  cut_short = co_await service.stop(timeout);
}

TEST(ChannelService, LetsChannelsEndByThemselvesUnlessItIsHurried) {
  ServedNodes nodes;
  Call call = nodes.call();
  std::size_t cut_short = 99;
  const auto stopping = runtime::test::start(nodes.context, stop(nodes.service, 1h, cut_short));
  EXPECT_TRUE(call.romeo.send(call.offer.localport, "still here"));
  EXPECT_EQ(call.juliet.receive(nodes.context), "still here");
  EXPECT_FALSE(stopping->is_done);
  nodes.service.hurry();
  nodes.expect([&] { return stopping->is_done; });
  EXPECT_EQ(cut_short, 1U);
  EXPECT_EQ(nodes.ended(EndReason::shutdown), 1U);
}

TEST(ChannelService, DealsChannelsOutToTheShardsThatRelay) {
  ServedNodes nodes({.media_shards = 2});
  Call one = nodes.call();
  Call other{nodes.open()};
  EXPECT_EQ(nodes.counters.events.of_shard(0).read(NodesCounter::channels_active), 0U);
  for (const std::size_t shard : {1U, 2U}) {
    EXPECT_EQ(nodes.counters.events.of_shard(shard).read(NodesCounter::channels_active), 1U);
  }
  EXPECT_TRUE(other.romeo.send(other.offer.localport, "early"));
  nodes.expect([&] { return nodes.count(NodesCounter::packets_early) == 3; });
  EXPECT_TRUE(other.juliet.send(other.offer.remoteport, "there"));
  EXPECT_EQ(other.romeo.receive(nodes.context), "there");
  EXPECT_TRUE(one.romeo.send(one.offer.localport, "and here"));
  EXPECT_EQ(one.juliet.receive(nodes.context), "and here");
}

#ifdef __SANITIZE_ADDRESS__
// The sanitizer tells of each allocation; only those of this thread, while it counts, are counted.
thread_local bool is_counting = false;
thread_local std::size_t allocations = 0;

void on_allocation(const volatile void*, std::size_t) {
  if (is_counting) ++allocations;
}
void on_free(const volatile void*) {}
#endif

// Packets are relayed from a batch that is there already: what the event loop allocates for itself
// does not grow with them.
TEST(ChannelService, AllocatesNothingForAPacket) {
#ifndef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "allocations are counted by the address sanitizer only";
#else
  ASSERT_NE(__sanitizer_install_malloc_and_free_hooks(on_allocation, on_free), 0);
  is_counting = true;
  const std::string known(1000, 'x');
  is_counting = false;
  ASSERT_GE(allocations, 1U) << "the sanitizer tells of none";
  ServedNodes nodes;
  Call call = nodes.call();
  const auto allocations_for = [&](int packets) {
    for (int i = 0; i < packets; ++i) {
      EXPECT_TRUE(call.romeo.send(call.offer.localport, std::string(172, 'v')));
    }
    const std::uint64_t wanted =
        nodes.count(NodesCounter::packets_relayed) + static_cast<std::uint64_t>(packets);
    nodes.context.restart();
    allocations = 0;
    is_counting = true;
    while (nodes.count(NodesCounter::packets_relayed) < wanted) nodes.context.poll_one();
    is_counting = false;
    while (call.juliet.take() != "nothing") {
    }
    return allocations;
  };
  const std::size_t for_one = allocations_for(1);
  EXPECT_LE(allocations_for(100), for_one + 8) << "a hundred packets are four batches";
#endif
}

// A stranger's socket errors, such as ICMP for a closed port, end nothing.
TEST(ChannelService, OutlivesAPartyThatIsGone) {
  ServedNodes nodes;
  Call call = nodes.call();
  const std::uint16_t port = call.juliet.port();
  call.juliet = UdpPeer("127.0.0.2");  // closes the old one
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(call.romeo.send(call.offer.localport, "anybody?"));
  nodes.expect([&] {
    return nodes.count(NodesCounter::packets_relayed) + nodes.count(NodesCounter::packets_unsent) ==
           22;
  });
  UdpPeer back("127.0.0.1", port);
  EXPECT_TRUE(call.romeo.send(call.offer.localport, "again"));
  EXPECT_EQ(back.receive(nodes.context), "again");
}

}  // namespace
}  // namespace bellhop::nodes

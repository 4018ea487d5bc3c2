// What passes through an allocation, and what does not: permissions, channels, indications, ICMP,
// limits, other allocations.
#include "relay/turn/turn_session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/relay/special_addresses.hpp"
#include "tests/unit/relay/turn/lent.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using bellhop::test::endpoint_of;
using bellhop::test::eventually;
using bellhop::test::Octets;
using bellhop::test::TurnAttribute;
using bellhop::test::TurnClient;
using bellhop::test::TurnData;
using bellhop::test::TurnMessage;
using bellhop::test::TurnRequest;
using bellhop::test::UdpPeer;
using stun::AttributeType;
using stun::Method;
using test::Lent;
using test::loopback_settings;
using test::ServedTurn;

// TURN-P01, TURN-P02, TURN-D01, TURN-D02, TURN-D10: a permission is for an address, any port.
TEST(TurnSession, CarriesIndicationsToAndFromPermittedAddresses) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer first;
  UdpPeer second;
  ASSERT_EQ(lent.client.create_permission({first.local()}).code(), 0);
  for (UdpPeer* peer : {&first, &second}) {
    for (const std::string& data : {std::string(), std::string("voice"), std::string(1400, 'v')}) {
      lent.client.send(peer->local(), data);
      const UdpPeer::Datagram got = peer->receive();
      EXPECT_EQ(got.data, data);
      EXPECT_EQ(got.from.text(), lent.relayed.text());
      peer->send(lent.relayed, data);
      const TurnData back = lent.client.receive();
      EXPECT_EQ(back.data, data);
      EXPECT_EQ(back.peer.value().text(), peer->local().text());
      EXPECT_FALSE(back.channel);
    }
  }
}

// TURN-P03, TURN-D01, TURN-C07
TEST(TurnSession, CarriesNothingWithoutPermission) {
  ServedTurn turn;
  Lent lent(turn);
  Lent other(turn, "bob");
  UdpPeer peer;
  UdpPeer stranger("127.0.0.2");
  ASSERT_EQ(other.client.create_permission({peer.local()}).code(), 0);
  ASSERT_EQ(other.client.channel_bind(0x4000, peer.local()).code(), 0);
  peer.send(lent.relayed, "injected");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_permission, 1));
  lent.client.send(peer.local(), "lost");
  lent.client.send_channel(0x4000, "lost");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_permission, 2));
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_channel, 1));
  ASSERT_EQ(lent.client.create_permission({peer.local()}).code(), 0);
  stranger.send(lent.relayed, "injected");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_permission, 3));
  peer.send(lent.relayed, "welcome");
  EXPECT_EQ(lent.client.receive().data, "welcome");
  EXPECT_FALSE(peer.has_input());
}

// TURN-D01: what a Send indication may lack.
TEST(TurnSession, DropsSendIndicationsThatLackSomething) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer peer;
  ASSERT_EQ(lent.client.create_permission({peer.local()}).code(), 0);
  const TurnAttribute to = TurnAttribute::peer(peer.local());
  const TurnAttribute data = TurnAttribute::text(AttributeType::data, "data");
  const TurnAttribute unknown = TurnAttribute::number(static_cast<AttributeType>(0x7777), 1);
  TurnRequest indication;
  indication.method = Method::send;
  indication.message_class = stun::MessageClass::indication;
  indication.is_signed = false;
  for (const std::vector<TurnAttribute>& attributes :
       {std::vector{to}, std::vector{data}, std::vector{data, to, unknown},
        std::vector{data, TurnAttribute::peer(endpoint_of("2a00::1", 9))}}) {
    indication.attributes = attributes;
    EXPECT_TRUE(lent.client.is_ignored(lent.client.write(indication)));
  }
  EXPECT_FALSE(peer.has_input());
  indication.attributes = {data, to};  // in any order
  lent.client.socket().send(lent.client.write(indication));
  EXPECT_EQ(peer.receive().data, "data");
}

// TURN-P02, TURN-P04: all of them or none, and no more than there may be.
TEST(TurnSession, PermitsAllAddressesOfARequestOrNone) {
  config::Settings settings = loopback_settings();
  settings.turn.permissions_max = 3;
  settings.turn.channels_max = 2;
  settings.turn.allow_peers.push_back("127.0.0.0/28");
  ServedTurn turn(std::move(settings));
  Lent lent(turn);
  UdpPeer peer;
  const auto at = [](int last) { return endpoint_of("127.0.0." + std::to_string(last), 7000); };
  EXPECT_EQ(lent.client.create_permission({}).code(), 400);
  EXPECT_EQ(lent.client.create_permission({peer.local(), endpoint_of("10.0.0.1", 1)}).code(), 403);
  EXPECT_EQ(lent.client.create_permission({peer.local(), endpoint_of("2a00::1", 1)}).code(), 443);
  EXPECT_EQ(lent.client.create_permission({at(1), at(2), at(3), at(4)}).code(), 508);
  lent.client.send(peer.local(), "lost");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_permission, 1));
  EXPECT_EQ(lent.client.create_permission({at(1), at(2), at(3)}).code(), 0);
  EXPECT_EQ(lent.client.create_permission({at(1), at(2), at(3)}).code(), 0);
  EXPECT_EQ(lent.client.create_permission({at(4)}).code(), 508);
  EXPECT_EQ(lent.client.channel_bind(0x4000, at(4)).code(), 508);  // which permits, too
  EXPECT_EQ(lent.client.channel_bind(0x4000, at(1)).code(), 0);
  EXPECT_EQ(lent.client.channel_bind(0x4001, at(2)).code(), 0);
  EXPECT_EQ(lent.client.channel_bind(0x4002, at(3)).code(), 508);
  EXPECT_FALSE(peer.has_input());
}

// TURN-C01
TEST(TurnSession, BindsANumberToOnePeerAndAPeerToOneNumber) {
  ServedTurn turn;
  Lent lent(turn);
  const base::IpEndpoint one = endpoint_of("127.0.0.1", 7000);
  const base::IpEndpoint two = endpoint_of("127.0.0.1", 7001);
  for (const int wrong : {0x0000, 0x3FFF, 0x7FFF, 0x8000, 0xFFFF}) {
    const auto number = static_cast<std::uint16_t>(wrong);
    EXPECT_EQ(lent.client.channel_bind(number, one).code(), 400) << number;
  }
  EXPECT_EQ(lent.client.channel_bind(0x4000, one).code(), 0);
  EXPECT_EQ(lent.client.channel_bind(0x4000, one).code(), 0);
  EXPECT_EQ(lent.client.channel_bind(0x4000, two).code(), 400);
  EXPECT_EQ(lent.client.channel_bind(0x4FFF, one).code(), 400);
  EXPECT_EQ(lent.client.channel_bind(0x4FFF, two).code(), 0);
  EXPECT_EQ(lent.client.channel_bind(0x4001, endpoint_of("2a00::1", 1)).code(), 443);
  EXPECT_EQ(lent.client.channel_bind(0x4001, endpoint_of("10.0.0.1", 1)).code(), 403);
}

// TURN-C02, TURN-C05, TURN-C06: a channel permits; other ports of its address get indications.
TEST(TurnSession, CarriesChannelDataBothWays) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer peer;
  UdpPeer other;
  ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
  for (const std::string& data : {std::string(), std::string("odd"), std::string(1400, 'v')}) {
    lent.client.send_channel(0x4000, data);
    const UdpPeer::Datagram got = peer.receive();
    EXPECT_EQ(got.data, data);
    EXPECT_EQ(got.from.text(), lent.relayed.text());
    peer.send(lent.relayed, data);
    const TurnData back = lent.client.receive();
    EXPECT_EQ(back.data, data);
    EXPECT_EQ(back.channel, 0x4000);
  }
  other.send(lent.relayed, "other port");
  EXPECT_EQ(lent.client.receive().peer.value().text(), other.local().text());
  lent.client.send(peer.local(), "by indication");
  EXPECT_EQ(peer.receive().data, "by indication");
}

// TURN-C02: data and bindings in one batch; what is on its way does not mind that channels move.
TEST(TurnSession, BindsChannelsWhileOthersCarryData) {
  ServedTurn turn;
  Lent lent(turn);
  std::vector<UdpPeer> peers(40);
  ASSERT_EQ(lent.client.channel_bind(0x4000, peers[0].local()).code(), 0);
  const auto number = [](std::size_t i) { return static_cast<std::uint16_t>(0x4000 + i); };
  {
    const test::HeldShard held(turn, 1);
    for (std::size_t i = 1; i < peers.size(); ++i) {
      lent.client.send_channel(number(i - 1), "before " + std::to_string(i));
      TurnRequest bind;
      bind.method = Method::channel_bind;
      bind.attributes = {TurnAttribute::channel(number(i)), TurnAttribute::peer(peers[i].local())};
      (void)lent.client.send_request(bind);
    }
  }
  for (std::size_t i = 1; i < peers.size(); ++i) {
    EXPECT_EQ(peers[i - 1].receive().data, "before " + std::to_string(i));
  }
}

// TURN-C03, TURN-C04: of a datagram the length counts, and what is behind it does not.
TEST(TurnSession, TakesFromChannelDataWhatItsLengthSays) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer peer;
  ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
  for (const Octets& bad : {Octets{0x40}, Octets{0x40, 0, 0}, Octets{0x40, 0, 0, 1},
                            Octets{0x40, 0, 0xFF, 0xFF, 'x'}, Octets{0x40, 1, 0, 1, 'x'}}) {
    EXPECT_TRUE(lent.client.is_ignored(bad));
  }
  EXPECT_EQ(turn.count(TurnCounter::dropped_malformed), 4U);
  EXPECT_EQ(turn.count(TurnCounter::dropped_no_channel), 1U);
  EXPECT_FALSE(peer.has_input());
  lent.client.socket().send(Octets{0x40, 0, 0, 1, 'x', 'y', 'z', 0, 0});
  EXPECT_EQ(peer.receive().data, "x");
  peer.send(lent.relayed, "abc");
  EXPECT_EQ(lent.client.next().value(), (Octets{0x40, 0, 0, 3, 'a', 'b', 'c'}));  // no padding
}

// TURN-D05: whole or not at all, and those behind it are not hurt.
TEST(TurnSession, DropsWhatIsTooLongForTheClient) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer peer;
  ASSERT_EQ(lent.client.create_permission({peer.local()}).code(), 0);
  const std::string longest(65507, 'l');
  const std::string fits(65468, 'f');  // a multiple of four, and 36 bytes of headers
  peer.send(lent.relayed, longest);
  peer.send(lent.relayed, fits);
  EXPECT_EQ(lent.client.receive().data, fits);
  ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
  peer.send(lent.relayed, longest);
  peer.send(lent.relayed, std::string(65503, 'c'));
  EXPECT_EQ(lent.client.receive().data, std::string(65503, 'c'));
  std::uint64_t dropped = 0;
  EXPECT_TRUE(eventually([&] {
    turn.for_each_session([&](auto& session) { dropped = session.bytes().dropped; });
    return dropped == 2 * longest.size();
  }));
  EXPECT_EQ(lent.client.refresh(0s).code(), 0);
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_unsent, 2));
}

// TURN-D03: a closed port; what goes to others is not lost by it.
TEST(TurnSession, TellsOfIcmpErrors) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer open;
  const base::IpEndpoint closed = UdpPeer().local();
  ASSERT_EQ(lent.client.create_permission({closed}).code(), 0);
  ASSERT_EQ(lent.client.channel_bind(0x4000, open.local()).code(), 0);
  for (int i = 0; i < 30; ++i) {
    lent.client.send(closed, "anybody there?");
    lent.client.send_channel(0x4000, std::to_string(i));
    EXPECT_EQ(open.receive().data, std::to_string(i));
    const TurnData told = lent.client.receive();
    EXPECT_EQ(told.peer.value().text(), closed.text());
    EXPECT_FALSE(told.data);
    EXPECT_EQ(told.icmp, std::string({0, 0, 3 << 1, 3, 0, 0, 0, 0}));  // port unreachable
  }
}

// TURN-D03: also of many that come at once, beside data.
TEST(TurnSession, LosesNoDataToManyIcmpErrors) {
  ServedTurn turn;
  Lent lent(turn);
  UdpPeer open;
  const base::IpEndpoint closed = UdpPeer().local();
  ASSERT_EQ(lent.client.create_permission({closed}).code(), 0);
  ASSERT_EQ(lent.client.channel_bind(0x4000, open.local()).code(), 0);
  {
    const test::HeldShard held(turn, 1);
    for (int i = 0; i < 40; ++i) {
      lent.client.send(closed, "anybody there?");
      lent.client.send_channel(0x4000, std::to_string(i));
      open.send(lent.relayed, std::to_string(i));
    }
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(open.receive().data, std::to_string(i));
  for (int i = 0; i < 40;) {
    const TurnData got = lent.client.receive();
    if (!got.channel) continue;
    EXPECT_EQ(got.data, std::to_string(i++));
  }
}

// TURN-D04
TEST(TurnSession, SendsWholeWhatMayNotBeFragmented) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnAttribute whole = TurnAttribute::bytes(AttributeType::dont_fragment, {});
  ASSERT_EQ(client.allocate({whole}).code(), 0);
  UdpPeer peer;
  ASSERT_EQ(client.create_permission({peer.local()}).code(), 0);
  TurnRequest indication;
  indication.method = Method::send;
  indication.message_class = stun::MessageClass::indication;
  indication.is_signed = false;
  indication.attributes = {TurnAttribute::peer(peer.local()), whole,
                           TurnAttribute::text(AttributeType::data, "in one piece")};
  client.socket().send(client.write(indication));
  EXPECT_EQ(peer.receive().data, "in one piece");
}

// TURN-R02: a channel to a peer of a family that has gone leads nowhere, whatever socket has its
// descriptor's number by now.
TEST(TurnSession, SendsNothingThroughAHalfThatHasEnded) {
  ServedTurn turn;
  TurnClient client = turn.client();
  ASSERT_EQ(
      client.allocate({TurnAttribute::number(AttributeType::additional_address_family, 0x02000000)})
          .code(),
      0);
  UdpPeer peer("::1");
  ASSERT_EQ(client.channel_bind(0x4000, peer.local()).code(), 0);
  client.send_channel(0x4000, "through");
  EXPECT_EQ(peer.receive().data, "through");
  TurnRequest half;
  half.method = Method::refresh;
  half.attributes = {TurnAttribute::lifetime(0s), TurnAttribute::family(stun::AddressFamily::ipv6)};
  // Their own sockets are there already, so that the next descriptor is that of a relayed address.
  std::vector<TurnClient> others;
  for (int i = 0; i < 3; ++i) others.push_back(turn.client("bob"));
  ASSERT_EQ(client.ask(half).code(), 0);
  for (TurnClient& other : others) {
    ASSERT_EQ(other.allocate({TurnAttribute::family(stun::AddressFamily::ipv6)}).code(), 0);
  }
  client.send_channel(0x4000, "astray");
  EXPECT_EQ(client.binding().code(), 0);
  EXPECT_FALSE(peer.has_input());
}

// TURN-D09: by the shard, and by the kernel where they live on two.
TEST(TurnSession, LetsTwoAllocationsTalkToEachOther) {
  config::Settings settings = loopback_settings();
  settings.turn.threads = 2;
  settings.turn.allow_peers.clear();
  ServedTurn turn(std::move(settings));
  Lent first(turn);
  for (const bool is_same_shard : {true, false}) {
    const auto second = test::lent_on_shard(turn, first, is_same_shard);
    ASSERT_TRUE(second);
    ASSERT_EQ(first.client.create_permission({second->relayed}).code(), 0);
    first.client.send(second->relayed, "refused");
    ASSERT_EQ(second->client.create_permission({first.relayed}).code(), 0);
    // Over the kernel one may overtake the permission, so only what comes later is looked at.
    (void)second->client.next(50ms);
    first.client.send(second->relayed, "there");
    const TurnData there = second->client.receive();
    EXPECT_EQ(there.data, "there");
    EXPECT_EQ(there.peer.value().text(), first.relayed.text());
    ASSERT_EQ(second->client.channel_bind(0x4000, first.relayed).code(), 0);
    second->client.send_channel(0x4000, "and back");
    const TurnData back = first.client.receive();
    EXPECT_EQ(back.data, "and back");
    EXPECT_EQ(back.peer.value().text(), second->relayed.text());
    first.client.send(second->relayed, "by channel");
    EXPECT_EQ(second->client.receive().channel, 0x4000);
  }
}

// TURN-D09: the relayed address is our own, so only what is lent may be reached there.
TEST(TurnSession, ReachesNothingElseAtTheRelayedAddress) {
  config::Settings settings = loopback_settings();
  settings.turn.allow_peers.clear();
  ServedTurn turn(std::move(settings));
  Lent lent(turn);
  UdpPeer service;  // of this machine
  ASSERT_EQ(lent.client.create_permission({service.local()}).code(), 0);
  ASSERT_EQ(lent.client.channel_bind(0x4000, service.local()).code(), 0);
  lent.client.send(service.local(), "attack");
  lent.client.send_channel(0x4000, "attack");
  lent.client.send(turn.address(), "attack");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_permission, 3));
  EXPECT_FALSE(service.has_input());
}

// TURN-D09, behind NAT: allocations know each other by the address that clients see.
TEST(TurnSession, TalksToOtherAllocationsByTheirPublicAddress) {
  config::Settings settings = loopback_settings();
  settings.turn.threads = 2;
  settings.turn.allow_peers.clear();
  settings.turn.public_relay_addresses = {"8.8.4.4"};
  ServedTurn turn(std::move(settings));
  Lent first(turn);
  EXPECT_EQ(first.relayed.address, endpoint_of("8.8.4.4", 0).address);
  EXPECT_EQ(first.client.create_permission({endpoint_of("127.0.0.1", 1)}).code(), 403);
  for (const bool is_same_shard : {true, false}) {
    const auto second = test::lent_on_shard(turn, first, is_same_shard);
    ASSERT_TRUE(second);
    ASSERT_EQ(first.client.create_permission({second->relayed}).code(), 0);
    ASSERT_EQ(second->client.create_permission({first.relayed}).code(), 0);
    first.client.send(second->relayed, "there");
    const TurnData there = second->client.receive();
    EXPECT_EQ(there.data, "there");
    EXPECT_EQ(there.peer.value().text(), first.relayed.text());
  }
}

// A peer, in the attributes of three requests; what a server says to each.
std::string judged(ServedTurn& turn, Lent& lent, std::string_view peer) {
  const base::IpEndpoint at = endpoint_of(peer, 9);
  const std::uint64_t before = turn.count(TurnCounter::dropped_no_permission);
  const int permission = lent.client.create_permission({at}).code();
  const int channel = lent.client.channel_bind(0x4000, at).code();
  lent.client.send(at, "attack");
  (void)lent.client.binding();
  const bool is_dropped = turn.count(TurnCounter::dropped_no_permission) == before + 1;
  return std::to_string(permission) + " " + std::to_string(channel) +
         (is_dropped ? " dropped" : " sent");
}

// TURN-D07, TURN-D08: against the server as it runs, by every request that names a peer.
TEST(TurnSession, ReachesNoSpecialAddressInAnyDisguise) {
  config::Settings settings = loopback_settings();
  settings.turn.allow_peers.clear();
  settings.turn.public_relay_addresses = {"8.8.4.4", "2a00:1450::7"};
  ServedTurn turn(std::move(settings));
  TurnClient client = turn.client();
  const TurnAttribute also_v6 =
      TurnAttribute::number(AttributeType::additional_address_family, 0x02000000);
  Lent lent(turn, "alice", {also_v6});
  for (const std::string_view peer : relay::kSpecialV6) {
    EXPECT_EQ(judged(turn, lent, peer), "403 403 dropped") << peer;
  }
  for (const std::string_view peer : relay::kSpecialV4) {
    EXPECT_EQ(judged(turn, lent, peer), "403 403 dropped") << peer;
    for (const relay::Disguise& disguise : relay::kDisguises) {
      const std::string worn = wear(disguise, base::IpAddress::parse(peer).value());
      EXPECT_EQ(judged(turn, lent, worn), "403 403 dropped") << peer << " as " << disguise.name;
    }
  }
  EXPECT_EQ(turn.count(TurnCounter::packets_to_peers), 0U);
}

// TURN-D06: what is above the rate is dropped; a datagram longer than the burst passes, too.
TEST(TurnSession, KeepsToTheRateOfAnAllocation) {
  constexpr double kRate = 20000;
  config::Settings settings = loopback_settings();
  settings.turn.rate_per_allocation = static_cast<std::uint64_t>(kRate);
  ServedTurn turn(std::move(settings));
  // Of 20,000 bytes per second the burst is 1,000.
  for (const auto transport : {test::TurnTransport::udp, test::TurnTransport::tcp}) {
    Lent lent(turn, "alice", {}, transport);
    UdpPeer peer;
    ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
    const std::string data(1200, 'v');
    const auto begin = std::chrono::steady_clock::now();
    std::size_t sent = 0;
    std::size_t came = 0;
    ASSERT_TRUE(eventually([&] {
      for (int i = 0; i < 5; ++i) {
        lent.client.send_channel(0x4000, data);
        sent += data.size();
      }
      while (peer.has_input()) came += peer.receive().data.size();
      return std::chrono::steady_clock::now() - begin > 1500ms;
    }));
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    EXPECT_GT(static_cast<double>(came), 0.5 * kRate * passed.count());
    EXPECT_LT(static_cast<double>(came), kRate * passed.count() + 0.05 * kRate + 1200);
    EXPECT_LT(came, sent);
    runtime::SessionBytes bytes{};
    EXPECT_TRUE(eventually([&] {
      turn.for_each_session([&](auto& session) { bytes = session.bytes(); });
      return bytes.first_to_second + bytes.dropped == sent;
    }));
    EXPECT_EQ(lent.client.refresh(0s).code(), 0);
  }
}

// TURN-D06: the rate of a user holds for all that is his.
TEST(TurnSession, KeepsToTheRateOfItsUser) {
  config::Settings settings = loopback_settings();
  settings.proxy.rate_per_jid = 20000;
  ServedTurn turn(std::move(settings));
  Lent lent(turn);
  UdpPeer peer;
  ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
  for (int i = 0; i < 50; ++i) lent.client.send_channel(0x4000, std::string(1000, 'v'));
  EXPECT_EQ(lent.client.binding().code(), 0);
  EXPECT_GT(turn.count(TurnCounter::dropped_rate), 20U);
  EXPECT_EQ(peer.receive().data.size(), 1000U);
}

// TURN-F03: to the byte, whatever became of each.
TEST(TurnSession, CountsEveryByteOnce) {
  ServedTurn turn;
  std::uint64_t to_peer = 0;
  std::uint64_t to_client = 0;
  {
    Lent lent(turn);
    UdpPeer peer;
    ASSERT_EQ(lent.client.channel_bind(0x4000, peer.local()).code(), 0);
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string data(size, 'x');
      if (size % 3 == 0) lent.client.send(peer.local(), data);
      if (size % 3 != 0) lent.client.send_channel(0x4000, data);
      to_peer += size;
      peer.send(lent.relayed, data);
      to_client += size;
    }
    for (int i = 0; i < 200; ++i) (void)peer.receive();
    for (int i = 0; i < 200; ++i) (void)lent.client.receive();
    lent.client.send_channel(0x4001, "four");  // of nobody
    peer.send(lent.relayed, std::string(65507, 'x'));
    EXPECT_EQ(lent.client.binding().code(), 0);
    EXPECT_TRUE(eventually([&] {
      runtime::SessionBytes bytes{};
      turn.for_each_session([&](auto& session) { bytes = session.bytes(); });
      return bytes == runtime::SessionBytes{to_peer, to_client, 65507 + 4};
    }));
    EXPECT_EQ(lent.client.refresh(0s).code(), 0);
  }
  EXPECT_TRUE(turn.comes_to(TurnCounter::bytes_relayed, to_peer + to_client));
  EXPECT_EQ(turn.count(TurnCounter::bytes_dropped), 65507U + 4U);
  EXPECT_EQ(turn.count(TurnCounter::packets_to_peers), 200U);
  EXPECT_EQ(turn.count(TurnCounter::packets_to_clients), 200U);
  EXPECT_EQ(turn.count(TurnCounter::dropped_unsent), 1U);
  EXPECT_EQ(turn.count(TurnCounter::dropped_no_channel), 1U);
  const std::string line = "bytes_from_first=" + std::to_string(to_peer) +
                           " bytes_from_second=" + std::to_string(to_client) +
                           " bytes_dropped=65511";
  EXPECT_TRUE(eventually([&] { return turn.log.has(line); })) << turn.log.text();
}

}  // namespace
}  // namespace bellhop::turn

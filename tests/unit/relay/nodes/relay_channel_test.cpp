// Whose a port of a channel is, and where packets go: nobody gets in between (RTP bleed).
#include "relay/nodes/relay_channel.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::nodes {
namespace {

using namespace std::chrono_literals;
using Fate = RelayChannel::Fate;

constexpr ChannelPort kLocal{Side::requester, Part::rtp};
constexpr ChannelPort kLocalRtcp{Side::requester, Part::rtcp};
constexpr ChannelPort kRemote{Side::other, Part::rtp};
constexpr ChannelPort kRemoteRtcp{Side::other, Part::rtcp};

base::IpEndpoint at(std::string_view address, std::uint16_t port) {
  return {base::IpAddress::parse(address).value(), port};
}

const base::IpEndpoint kRomeo = at("198.41.0.4", 4000);
const base::IpEndpoint kRomeoRtcp = at("198.41.0.4", 4001);
const base::IpEndpoint kJuliet = at("192.33.4.12", 5000);
const base::IpEndpoint kJulietRtcp = at("192.33.4.12", 5001);
const base::IpEndpoint kEve = at("192.5.5.241", 6000);

class RelayChannelTest : public testing::Test {
 protected:
  Fate receive(ChannelPort port, const base::IpEndpoint& source, std::size_t bytes = 172) {
    return channel_.receive(port, source, bytes, now_);
  }
  [[nodiscard]] std::string destination(ChannelPort port) const {
    const auto* to = channel_.destination(port);
    return to == nullptr ? "nobody" : to->text();
  }
  [[nodiscard]] std::string owner(ChannelPort port) const {
    const auto* known = channel_.owner(port);
    return known == nullptr ? "nobody" : known->text();
  }
  // Both parties have sent on all ports.
  void meet() {
    EXPECT_EQ(receive(kLocal, kRomeo), Fate::early);
    EXPECT_EQ(receive(kRemote, kJuliet), Fate::forward);
    EXPECT_EQ(receive(kLocal, kRomeo), Fate::forward);
    EXPECT_EQ(receive(kLocalRtcp, kRomeoRtcp), Fate::early);
    EXPECT_EQ(receive(kRemoteRtcp, kJulietRtcp), Fate::forward);
  }
  void expect_untouched() const {
    EXPECT_EQ(owner(kLocal), kRomeo.text());
    EXPECT_EQ(owner(kRemote), kJuliet.text());
    EXPECT_EQ(owner(kLocalRtcp), kRomeoRtcp.text());
    EXPECT_EQ(owner(kRemoteRtcp), kJulietRtcp.text());
  }

  base::TimePoint now_{1h};
  relay::PeerPolicy peers_{{}};
  RelayChannel channel_{peers_, {.expire = 60s}, now_};
};

// JRN-03, JRN-04, JRN-09
TEST_F(RelayChannelTest, SendsWhatAPartySendsToTheOtherOne) {
  meet();
  EXPECT_EQ(destination(kLocal), kJuliet.text());
  EXPECT_EQ(destination(kRemote), kRomeo.text());
  EXPECT_EQ(destination(kLocalRtcp), kJulietRtcp.text());
  EXPECT_EQ(destination(kRemoteRtcp), kRomeoRtcp.text());
}

// JRN-09: nothing is sent before it is known to whom.
TEST_F(RelayChannelTest, SendsNothingToAnUnknownSide) {
  EXPECT_EQ(destination(kLocal), "nobody");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receive(kLocal, kRomeo), Fate::early);
  EXPECT_EQ(receive(kRemoteRtcp, kJulietRtcp), Fate::early);
  EXPECT_EQ(destination(kLocal), "nobody") << "RTCP does not tell where RTP goes";
}

// RTP bleed: whoever comes second is nobody, on every port, from every address.
TEST_F(RelayChannelTest, LetsNobodyInOnceAPortIsTaken) {
  meet();
  const std::vector<base::IpEndpoint> strangers{kEve,
                                                at("192.5.5.241", 4000),
                                                at("198.41.0.4", 4002),
                                                at("192.33.4.12", 4000),
                                                kJuliet,
                                                kRomeo,
                                                kJulietRtcp,
                                                kRomeoRtcp};
  for (std::size_t i = 0; i < ChannelPort::kCount; ++i) {
    const ChannelPort port = ChannelPort::at(i);
    const std::string rightful = owner(port);
    for (const auto& stranger : strangers) {
      if (stranger.text() == rightful) continue;
      EXPECT_EQ(receive(port, stranger), Fate::foreign) << i << stranger.text();
    }
  }
  expect_untouched();
}

// Even a silent party keeps its port from every other address for as long as the channel lasts.
TEST_F(RelayChannelTest, GivesAPortToNoOtherAddressHoweverLongItIsSilent) {
  meet();
  for (int i = 0; i < 59; ++i) {
    now_ += 1s;
    EXPECT_EQ(receive(kLocal, kEve), Fate::foreign);
    EXPECT_EQ(receive(kRemoteRtcp, kEve), Fate::foreign);
  }
  expect_untouched();
}

// JRN-09: a NAT that gives out another port, just before and just after it is believed.
TEST_F(RelayChannelTest, FollowsANewPortOfTheSameAddressAfterSilence) {
  meet();
  const auto renewed = at("198.41.0.4", 4444);
  now_ += RelayChannel::kSilence - 1ns;
  EXPECT_EQ(receive(kRemote, kJuliet), Fate::forward) << "the other side's packets do not count";
  EXPECT_EQ(receive(kLocal, renewed), Fate::foreign);
  now_ += 1ns;
  EXPECT_EQ(receive(kLocal, renewed), Fate::forward);
  EXPECT_EQ(destination(kRemote), renewed.text());
  EXPECT_EQ(receive(kLocal, kRomeo), Fate::foreign) << "the old port is a stranger now";
}

// Somebody behind the same NAT as a party that only sends RTCP, being on hold.
TEST_F(RelayChannelTest, TakesAPartyForPresentWhileEitherOfItsPortsIsHeard) {
  meet();
  const auto neighbour = at("198.41.0.4", 4444);
  for (int i = 0; i < 20; ++i) {
    now_ += 7500ms;  // RFC 3550 §6.2: the longest that RTCP usually pauses
    EXPECT_EQ(receive(kLocalRtcp, kRomeoRtcp), Fate::forward);
    EXPECT_EQ(receive(kLocal, neighbour), Fate::foreign);
  }
  expect_untouched();
}

// Both ports of a side belong to one address, so taking one early does not split a party.
TEST_F(RelayChannelTest, WantsBothPortsOfASideFromOneAddress) {
  EXPECT_EQ(receive(kLocal, kRomeo), Fate::early);
  EXPECT_EQ(receive(kLocalRtcp, kEve), Fate::foreign);
  EXPECT_EQ(owner(kLocalRtcp), "nobody");
  EXPECT_EQ(receive(kLocalRtcp, kRomeoRtcp), Fate::early);
  EXPECT_EQ(receive(kRemote, kEve), Fate::forward) << "the other side is another party";
}

// JRN-11
TEST_F(RelayChannelTest, LearnsNoAddressThatThePolicyForbids) {
  for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1",
                              "::ffff:192.168.0.1", "64:ff9b::10.0.0.1"}) {
    EXPECT_EQ(receive(kLocal, at(address, 4000)), Fate::forbidden) << address;
  }
  EXPECT_EQ(owner(kLocal), "nobody");
  EXPECT_EQ(receive(kLocal, at("198.41.0.4", 0)), Fate::forbidden) << "no port to answer to";
  EXPECT_EQ(receive(kLocal, kRomeo), Fate::early);
}

// JRN-11
TEST_F(RelayChannelTest, LearnsAPrivateAddressThatTheOperatorAllows) {
  relay::PeerPolicy::Options options;
  options.allowed.push_back(*base::IpNetwork::parse("10.0.0.0/8"));
  const relay::PeerPolicy peers(std::move(options));
  RelayChannel channel(peers, {.expire = 60s}, now_);
  EXPECT_EQ(channel.receive(kLocal, at("10.0.0.1", 1), 1, now_), Fate::early);
  EXPECT_EQ(channel.receive(kRemote, at("192.168.0.1", 1), 1, now_), Fate::forbidden);
}

// JRN-05
TEST_F(RelayChannelTest, ExpiresAfterSilenceAndNotBefore) {
  now_ += 60s - 1ns;
  EXPECT_FALSE(channel_.has_expired(now_));
  EXPECT_EQ(receive(kLocal, kRomeo), Fate::early);
  now_ += 60s - 1ns;
  EXPECT_FALSE(channel_.has_expired(now_));
  now_ += 1ns;
  EXPECT_TRUE(channel_.has_expired(now_));
}

// Strangers cannot keep a channel, and with it its ports, from ending.
TEST_F(RelayChannelTest, IsNotKeptAliveByStrangers) {
  meet();
  now_ += 59s;
  EXPECT_EQ(receive(kLocal, kEve), Fate::foreign);
  EXPECT_EQ(receive(kRemote, at("10.0.0.1", 1)), Fate::foreign);
  now_ += 1s;
  EXPECT_TRUE(channel_.has_expired(now_));
}

// JRN-06
TEST_F(RelayChannelTest, KeepsToItsRateByDropping) {
  RelayChannel channel(peers_, {.expire = 60s, .bytes_per_second = 20'000}, now_);
  EXPECT_EQ(channel.receive(kLocal, kRomeo, 100, now_), Fate::early);
  EXPECT_EQ(channel.receive(kRemote, kJuliet, 100, now_), Fate::forward);
  std::size_t forwarded = 0;
  for (int i = 0; i < 10'000; ++i) {  // 10 s, ten times as much as may pass, both directions
    now_ += 1ms;
    const bool is_local = i % 2 == 0;
    const auto fate =
        channel.receive(is_local ? kLocal : kRemote, is_local ? kRomeo : kJuliet, 200, now_);
    EXPECT_TRUE(fate == Fate::forward || fate == Fate::limited);
    if (fate == Fate::forward) forwarded += 200;
  }
  EXPECT_LE(forwarded, 200'000U + 1'000U + 200U);
  EXPECT_GE(forwarded, 195'000U);
}

// A packet larger than the burst passes whole, and those behind it pay for it.
TEST_F(RelayChannelTest, LetsAPacketLargerThanItsBurstPass) {
  RelayChannel channel(peers_, {.expire = 60s, .bytes_per_second = 1'000}, now_);
  EXPECT_EQ(channel.receive(kLocal, kRomeo, 1, now_), Fate::early);
  EXPECT_EQ(channel.receive(kRemote, kJuliet, 1'200, now_), Fate::forward);
  now_ += 1s;
  EXPECT_EQ(channel.receive(kRemote, kJuliet, 1'200, now_), Fate::limited);
  now_ += 1s;
  EXPECT_EQ(channel.receive(kRemote, kJuliet, 1'200, now_), Fate::forward);
}

// Whatever strangers send, and whenever: what leaves goes from a party to a party.
TEST_F(RelayChannelTest, ForwardsBetweenThePartiesOnlyUnderAnyTraffic) {
  meet();
  std::mt19937 random(7);  // NOLINT: the same traffic each time
  const std::vector<base::IpEndpoint> sources{
      kRomeo, kRomeoRtcp, kJuliet, kJulietRtcp, kEve, at("192.5.5.241", 1), at("192.0.32.7", 9)};
  for (int i = 0; i < 100'000; ++i) {
    now_ += std::chrono::milliseconds(random() % 400);
    const ChannelPort port = ChannelPort::at(random() % ChannelPort::kCount);
    const auto& source = sources[random() % sources.size()];
    if (receive(port, source) != Fate::forward) continue;
    const auto& side = port.side == Side::requester ? kRomeo : kJuliet;
    const auto& opposite = port.side == Side::requester ? kJuliet : kRomeo;
    ASSERT_EQ(source.address, side.address);
    ASSERT_EQ(channel_.destination(port)->address, opposite.address);
  }
  EXPECT_EQ(channel_.owner(kLocal)->address, kRomeo.address);
  EXPECT_EQ(channel_.owner(kRemote)->address, kJuliet.address);
}

}  // namespace
}  // namespace bellhop::nodes

// Whom clients may reach through a relay: every special range in every disguise.
#include "relay/peer_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/relay/allocation_count.hpp"
#include "tests/unit/relay/special_addresses.hpp"

namespace bellhop::relay {
namespace {

using Verdict = PeerPolicy::Verdict;

base::IpAddress ip(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(base::IpAddress());
}

std::vector<base::IpNetwork> networks(std::initializer_list<std::string_view> texts) {
  std::vector<base::IpNetwork> all;
  for (const std::string_view text : texts) all.push_back(base::IpNetwork::parse(text).value());
  return all;
}

PeerPolicy::Options nothing_set() {
  return {};
}

Verdict judge(const PeerPolicy& policy, std::string_view peer) {
  return policy.judge(ip(peer));
}

constexpr std::string_view kPublic[] = {"1.1.1.1",        "9.9.9.9",       "11.0.0.0",
                                        "100.63.255.255", "100.128.0.0",   "126.255.255.255",
                                        "172.15.255.255", "172.32.0.0",    "192.0.1.0",
                                        "192.167.0.1",    "223.255.255.1", "2606:4700:4700::1111",
                                        "2a00:1450::1",   "2003::1",       "2001:200::1"};

// TURN-D07
TEST(PeerPolicy, ForbidsEverySpecialAddressUnderItsOwnName) {
  const PeerPolicy policy(nothing_set());
  for (const std::string_view peer : kSpecialV4) {
    EXPECT_EQ(judge(policy, peer), Verdict::forbidden) << peer;
  }
  for (const std::string_view peer : kSpecialV6) {
    EXPECT_EQ(judge(policy, peer), Verdict::forbidden) << peer;
  }
}

// TURN-D07, TURN-D08
TEST(PeerPolicy, ForbidsEverySpecialAddressInEveryDisguise) {
  const PeerPolicy policy(nothing_set());
  for (const std::string_view peer : kSpecialV4) {
    for (const Disguise& disguise : kDisguises) {
      EXPECT_EQ(judge(policy, wear(disguise, ip(peer))), Verdict::forbidden)
          << peer << " as " << disguise.name;
    }
  }
}

// TURN-D07, TURN-D08: some disguises are refused whatever is in them.
TEST(PeerPolicy, AllowsPublicAddressesAndThemInDisguisesThatMayPass) {
  const PeerPolicy policy(nothing_set());
  for (const std::string_view peer : kPublic) {
    EXPECT_EQ(judge(policy, peer), Verdict::allowed) << peer;
    if (!ip(peer).is_v4()) continue;
    for (const Disguise& disguise : kDisguises) {
      EXPECT_EQ(judge(policy, wear(disguise, ip(peer))),
                disguise.may_pass ? Verdict::allowed : Verdict::forbidden)
          << peer << " as " << disguise.name;
    }
  }
}

TEST(PeerPolicy, ForbidsOwnAndDeniedAddressesInEveryDisguise) {
  PeerPolicy::Options options;
  options.own = {ip("9.9.9.9"), ip("2a00:1450::7"), ip("1.1.1.1")};
  options.denied = networks({"11.0.0.0/8", "2a00:1450:4000::/35"});
  const PeerPolicy policy(options);
  for (const std::string_view peer : {"9.9.9.9", "1.1.1.1", "11.0.0.0", "11.255.255.255"}) {
    EXPECT_EQ(judge(policy, peer), Verdict::forbidden) << peer;
    for (const Disguise& disguise : kDisguises) {
      EXPECT_EQ(judge(policy, wear(disguise, ip(peer))), Verdict::forbidden)
          << peer << " as " << disguise.name;
    }
  }
  EXPECT_EQ(judge(policy, "2a00:1450::7"), Verdict::forbidden);
  EXPECT_EQ(judge(policy, "2a00:1450:5fff::1"), Verdict::forbidden);
  EXPECT_EQ(judge(policy, "2a00:1450:6000::1"), Verdict::allowed);
  EXPECT_EQ(judge(policy, "9.9.9.10"), Verdict::allowed);
  EXPECT_EQ(judge(policy, "12.0.0.0"), Verdict::allowed);
}

TEST(PeerPolicy, AllowsExceptionsOverOwnDeniedAndSpecialOnes) {
  PeerPolicy::Options options;
  options.allowed = networks({"10.1.0.0/16", "9.9.9.9", "fd00:1::/32", "127.0.0.1"});
  options.denied = networks({"10.0.0.0/8"});
  options.own = {ip("9.9.9.9"), ip("1.1.1.1")};
  const PeerPolicy policy(options);
  for (const std::string_view peer :
       {"10.1.0.0", "10.1.255.255", "9.9.9.9", "fd00:1::2", "127.0.0.1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(judge(policy, peer), Verdict::allowed) << peer;
  }
  for (const std::string_view peer : {"10.0.255.255", "10.2.0.0", "1.1.1.1", "fd00:2::1",
                                      "127.0.0.2", "::1", "::127.0.0.1", "::ffff:0:127.0.0.1"}) {
    EXPECT_EQ(judge(policy, peer), Verdict::forbidden) << peer;
  }
}

// An exception for an IPv4 address is one for the forms that mean it and may pass; an exception for
// a form is one for whatever that form holds.
TEST(PeerPolicy, AllowsExceptionsInDisguisesThatMayPass) {
  PeerPolicy::Options options;
  options.allowed = networks({"10.1.0.0/16", "64:ff9b:1:8::/96"});
  const PeerPolicy policy(options);
  for (const Disguise& disguise : kDisguises) {
    EXPECT_EQ(judge(policy, wear(disguise, ip("10.1.2.3"))),
              disguise.may_pass ? Verdict::allowed : Verdict::forbidden)
        << disguise.name;
  }
  EXPECT_EQ(judge(policy, "64:ff9b:1:8::192.168.0.1"), Verdict::allowed);
  EXPECT_EQ(judge(policy, "64:ff9b:1:9::192.168.0.1"), Verdict::forbidden);
}

TEST(PeerPolicy, ForbidsLoopbackToWhoAllowsAllOfIpv4) {
  PeerPolicy::Options options;
  options.allowed = networks({"0.0.0.0/0"});
  const PeerPolicy policy(options);
  EXPECT_EQ(judge(policy, "10.0.0.1"), Verdict::allowed);
  EXPECT_EQ(judge(policy, "::1"), Verdict::forbidden);
  EXPECT_EQ(judge(policy, "::"), Verdict::forbidden);
}

// Only under their own name, where allocations are looked up.
TEST(PeerPolicy, TellsRelayedAddressesFromOtherOwnOnes) {
  PeerPolicy::Options options;
  options.own = {ip("9.9.9.9"), ip("9.9.9.10"), ip("2a00:1450::7"), ip("192.168.1.2")};
  options.relayed = {ip("9.9.9.9"), ip("2a00:1450::7"), ip("192.168.1.2")};
  const PeerPolicy policy(options);
  for (const std::string_view peer : {"9.9.9.9", "::ffff:9.9.9.9", "2a00:1450::7", "192.168.1.2"}) {
    EXPECT_EQ(judge(policy, peer), Verdict::relayed) << peer;
  }
  EXPECT_EQ(judge(policy, "9.9.9.10"), Verdict::forbidden);
  EXPECT_EQ(judge(policy, "192.168.1.3"), Verdict::forbidden);
  for (const Disguise& disguise : kDisguises) {
    if (disguise.name == "mapped") continue;
    EXPECT_EQ(judge(policy, wear(disguise, ip("9.9.9.9"))), Verdict::forbidden) << disguise.name;
  }
}

TEST(PeerPolicy, AllocatesNothingToJudge) {
  PeerPolicy::Options options;
  options.allowed = networks({"10.1.0.0/16", "64:ff9b:1:8::/96"});
  options.own = {ip("9.9.9.9"), ip("9.9.9.10")};
  const PeerPolicy policy(options);
  const base::IpAddress peers[] = {ip("8.8.8.8"), ip("64:ff9b::8.8.8.8"), ip("2a00:1450::1"),
                                   ip("10.1.2.3")};
  const std::size_t before = allocation_count();
  for (const base::IpAddress& peer : peers) {
    EXPECT_EQ(policy.judge(peer), Verdict::allowed);
  }
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace bellhop::relay

// Whom clients may reach through a relay: every special range in every disguise.
#include "relay/peer_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/relay/allocation_count.hpp"

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

// First, middle and last of each range that IANA lists.
constexpr std::string_view kSpecialV4[] = {
    "0.0.0.0",         "0.128.0.1",       "0.255.255.255",    // this network
    "10.0.0.0",        "10.127.3.4",      "10.255.255.255",   // private
    "100.64.0.0",      "100.100.100.200", "100.127.255.255",  // shared, of carriers
    "127.0.0.0",       "127.0.0.1",       "127.255.255.255",  // loopback
    "169.254.0.0",     "169.254.169.254", "169.254.255.255",  // link-local, metadata of clouds
    "172.16.0.0",      "172.24.1.1",      "172.31.255.255",   // private
    "192.0.0.0",       "192.0.0.170",     "192.0.0.255",      // protocol assignments
    "192.0.2.0",       "192.0.2.128",     "192.0.2.255",      // documentation
    "192.31.196.0",    "192.31.196.128",  "192.31.196.255",   // AS112
    "192.52.193.0",    "192.52.193.128",  "192.52.193.255",   // multicast tunnels
    "192.88.99.0",     "192.88.99.1",     "192.88.99.255",    // 6to4 relays
    "192.168.0.0",     "192.168.128.1",   "192.168.255.255",  // private
    "192.175.48.0",    "192.175.48.128",  "192.175.48.255",   // AS112
    "198.18.0.0",      "198.18.255.255",  "198.19.255.255",   // benchmarking
    "198.51.100.0",    "198.51.100.128",  "198.51.100.255",   // documentation
    "203.0.113.0",     "203.0.113.128",   "203.0.113.255",    // documentation
    "224.0.0.0",       "232.1.2.3",       "239.255.255.255",  // multicast
    "240.0.0.0",       "248.0.0.1",       "255.255.255.254",  // reserved
    "255.255.255.255",                                        // broadcast
};

constexpr std::string_view kSpecialV6[] = {
    "::",   // unspecified
    "::1",  // loopback
    "::2",
    "::7fff:ffff",  // compatible
    "::ffff:ffff",
    "::1:0:0:1",  // nobody's
    "64:ff9b:1::",
    "64:ff9b:1:7fff::1",                   // translation within a network
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",  //
    "100::",
    "100::8000:0:0:1",           // discard only
    "100::ffff:ffff:ffff:ffff",  //
    "100:0:0:1::",
    "100::1:8000:0:0:1",           // dummy
    "100::1:ffff:ffff:ffff:ffff",  //
    "2001::",
    "2001:0:8000::1",                        // Teredo
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2001:1::1",
    "2001:2::1",  // protocol assignments, benchmarking
    "2001:3::1",
    "2001:4:112::1",  // multicast tunnels, AS112
    "2001:10::1",
    "2001:20::1",  // ORCHID
    "2001:30::1",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",  // drones
    "2001:db8::",
    "2001:db8:8000::1",                        // documentation
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2002::",
    "2002:808:808::1",                          // 6to4
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2620:4f:8000::",
    "2620:4f:8000:8000::1",                   // AS112
    "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",  //
    "3fff::",
    "3fff:800::1",                             // documentation
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "4000::1",
    "5f00::",  // nobody's, segment routing
    "5f00:8000::1",
    "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fc00::",
    "fd00:ec2::254",                            // unique local, metadata of a cloud
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fe80::",
    "fe80::1",                                  // link-local
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fec0::",
    "fee0::1",                                  // site-local
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "ff00::",
    "ff02::1",                                  // multicast
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
};

constexpr std::string_view kPublic[] = {"1.1.1.1",        "9.9.9.9",       "11.0.0.0",
                                        "100.63.255.255", "100.128.0.0",   "126.255.255.255",
                                        "172.15.255.255", "172.32.0.0",    "192.0.1.0",
                                        "192.167.0.1",    "223.255.255.1", "2606:4700:4700::1111",
                                        "2a00:1450::1",   "2003::1",       "2001:200::1"};

struct Disguise {
  std::string_view name;
  std::string_view before;  // of the 32 bits in hex
  std::string_view after;
  bool is_inverted;
  bool may_pass;  // with a public address in it
};

constexpr Disguise kDisguises[] = {
    {"mapped", "::ffff:", "", false, true},
    {"compatible", "::", "", false, false},
    {"translated", "::ffff:0:", "", false, false},
    {"NAT64", "64:ff9b::", "", false, true},
    {"NAT64 within a network", "64:ff9b:1::", "", false, false},
    {"6to4", "2002:", "::1", false, false},
    {"Teredo server", "2001:0:", "::1", false, false},
    {"Teredo client", "2001:0:808:808:0:1234:", "", true, false},
    {"ISATAP", "2a00:1450::5efe:", "", false, true},
    {"ISATAP, universal", "2a00:1450::200:5efe:", "", false, true},
    {"ISATAP, group", "2a00:1450::300:5efe:", "", false, true},
};

std::string wear(const Disguise& disguise, const base::IpAddress& address) {
  const std::uint32_t bits = disguise.is_inverted ? ~address.v4() : address.v4();
  char text[16] = {};
  std::snprintf(text, sizeof text, "%x:%x", bits >> 16, bits & 0xFFFFu);
  return std::string(disguise.before) + text + std::string(disguise.after);
}

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

// Addresses as values: text, special ranges, subscribers.
#include "component/base/ip_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <unordered_set>

namespace bellhop::base {
namespace {

using namespace std::string_view_literals;

IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

TEST(IpAddress, TakesLiteralsOnly) {
  for (const std::string_view text :
       {""sv, "localhost"sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "01.2.3.4"sv, " 1.2.3.4"sv,
        "1.2.3.4 "sv, "[::1]"sv, "fe80::1%eth0"sv, "::1::"sv, "1:2:3:4:5:6:7:8:9"sv, ":::"sv,
        "1.2.3.4:80"sv, "1.2.3.4\0"sv, "::1\0.example.org"sv,
        "0000:0000:0000:0000:0000:ffff:255.255.255.2551"sv}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_EQ(ip("0000:0000:0000:0000:0000:ffff:255.255.255.255").text(), "255.255.255.255");
}

TEST(IpAddress, IsTheSameInItsPlainAndItsMappedForm) {
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  EXPECT_EQ(ip("::ffff:c000:201"), ip("192.0.2.1"));
  EXPECT_EQ(ip("192.0.2.1"), IpAddress::from_v4(0xc0000201));
  EXPECT_TRUE(ip("::ffff:192.0.2.1").is_v4());
  EXPECT_FALSE(ip("::192.0.2.1").is_v4());
  EXPECT_FALSE(ip("64:ff9b::192.0.2.1").is_v4());
}

TEST(IpAddress, GivesItsLastFourBytesAsANumber) {
  EXPECT_EQ(ip("192.0.2.1").v4(), 0xC0000201u);
  EXPECT_EQ(ip("64:ff9b::192.0.2.1").v4(), 0xC0000201u);
  EXPECT_EQ(ip("2001:db8::1").v4(), 1u);
}

// S5B-03: RFC 5952 §4, and the mapped form in dots.
TEST(IpAddress, IsWrittenInItsCanonicalForm) {
  EXPECT_EQ(ip("2001:0DB8:0000:0000:0001:0000:0000:0001").text(), "2001:db8::1:0:0:1");
  EXPECT_EQ(ip("2001:db8:0:1:1:1:1:1").text(), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(ip("2001:0:0:1:0:0:0:1").text(), "2001:0:0:1::1");
  EXPECT_EQ(ip("2001:DB8::ABCD").text(), "2001:db8::abcd");
  EXPECT_EQ(ip("0:0:0:0:0:0:0:1").text(), "::1");
  EXPECT_EQ(ip("0:0:0:0:0:0:0:0").text(), "::");
  EXPECT_EQ(ip("::ffff:192.0.2.1").text(), "192.0.2.1");
}

struct Range {
  std::string_view before;  // "": a neighbour that is special as well
  std::string_view first;
  std::string_view last;
  std::string_view after;
};

void expect_special(const Range& range) {
  EXPECT_FALSE(ip(range.first).is_global()) << range.first;
  EXPECT_FALSE(ip(range.last).is_global()) << range.last;
  for (const std::string_view neighbour : {range.before, range.after}) {
    EXPECT_TRUE(neighbour.empty() || ip(neighbour).is_global()) << neighbour;
  }
}

TEST(IpAddress, KnowsEverySpecialIpv4RangeToItsEdges) {
  constexpr Range kRanges[] = {
      {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
      {"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
      {"", "240.0.0.0", "255.255.255.255", ""},
  };
  for (const Range& range : kRanges) {
    expect_special(range);
    EXPECT_FALSE(ip("::ffff:" + std::string(range.first)).is_global()) << range.first;
  }
  EXPECT_TRUE(ip("::ffff:1.1.1.1").is_global());
}

TEST(IpAddress, KnowsEverySpecialIpv6RangeToItsEdges) {
  constexpr Range kRanges[] = {
      {"", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
       "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
      {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
      {"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
       "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
  };
  for (const Range& range : kRanges) expect_special(range);
  for (const std::string_view text :
       {"::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "100::1"}) {
    EXPECT_FALSE(ip(text).is_global()) << text;
  }
  EXPECT_TRUE(ip("2606:4700:4700::1111").is_global());
}

TEST(IpAddress, BelongsToTheSubscriberOfItsPrefix) {
  EXPECT_EQ(ip("192.0.2.1").subscriber(), ip("192.0.2.1"));
  EXPECT_NE(ip("192.0.2.1").subscriber(), ip("192.0.2.2").subscriber());
  EXPECT_EQ(ip("2001:db8:1:2:ffff::1").subscriber(), ip("2001:db8:1:2::"));
  EXPECT_EQ(ip("2001:db8:1:2:ffff::1").subscriber(), ip("2001:db8:1:2::9").subscriber());
  EXPECT_NE(ip("2001:db8:1:2::1").subscriber(), ip("2001:db8:1:3::1").subscriber());
}

TEST(IpAddress, IsFoundInAHashTable) {
  const std::unordered_set<IpAddress> known{ip("192.0.2.1"), ip("2001:db8::1")};
  EXPECT_TRUE(known.contains(ip("::ffff:192.0.2.1")));
  EXPECT_FALSE(known.contains(ip("192.0.2.2")));
}

TEST(IpEndpoint, IsWrittenWithBracketsAroundIpv6) {
  EXPECT_EQ((IpEndpoint{ip("192.0.2.1"), 7777}).text(), "192.0.2.1:7777");
  EXPECT_EQ((IpEndpoint{ip("2001:db8::1"), 65535}).text(), "[2001:db8::1]:65535");
}

}  // namespace
}  // namespace bellhop::base

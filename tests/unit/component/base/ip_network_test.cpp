// Networks: notation, edges, and IPv4 beside its mapped form.
#include "component/base/ip_network.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace bellhop::base {
namespace {

using namespace std::string_view_literals;

bool is_inside(std::string_view network, std::string_view address) {
  const auto parsed = IpNetwork::parse(network);
  const auto ip = IpAddress::parse(address);
  EXPECT_TRUE(parsed) << network;
  EXPECT_TRUE(ip) << address;
  return parsed && ip && parsed->contains(*ip);
}

std::string text(std::string_view network) {
  const auto parsed = IpNetwork::parse(network);
  return parsed ? parsed->text() : "refused";
}

TEST(IpNetwork, HoldsItsAddressesToTheEdge) {
  EXPECT_TRUE(is_inside("10.0.0.0/8", "10.0.0.0"));
  EXPECT_TRUE(is_inside("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(is_inside("10.0.0.0/8", "9.255.255.255"));
  EXPECT_FALSE(is_inside("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(is_inside("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(is_inside("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(is_inside("192.0.2.129/25", "192.0.2.255"));
  EXPECT_FALSE(is_inside("192.0.2.129/25", "192.0.2.127"));
  EXPECT_TRUE(is_inside("2001:db8::/33", "2001:db8:7fff:ffff::"));
  EXPECT_FALSE(is_inside("2001:db8::/33", "2001:db8:8000::"));
}

TEST(IpNetwork, OfAnAddressAloneHoldsThatAddress) {
  EXPECT_TRUE(is_inside("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(is_inside("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(is_inside("::1", "::1"));
  EXPECT_FALSE(is_inside("::1", "::"));
  EXPECT_EQ(IpNetwork::parse("192.0.2.1"), IpNetwork::parse("192.0.2.1/32"));
}

TEST(IpNetwork, OfAllAddressesKeepsTheFamiliesApart) {
  EXPECT_TRUE(is_inside("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(is_inside("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(is_inside("::/0", "2001:db8::1"));
  EXPECT_TRUE(is_inside("::/0", "192.0.2.1"));
}

TEST(IpNetwork, IsTheSameInPlainAndMappedNotation) {
  EXPECT_EQ(IpNetwork::parse("::ffff:10.0.0.0/104"), IpNetwork::parse("10.0.0.0/8"));
  EXPECT_TRUE(is_inside("10.0.0.0/8", "::ffff:10.1.2.3"));
}

TEST(IpNetwork, IsWrittenInOneSpelling) {
  EXPECT_EQ(text("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(text("2001:DB8::1/32"), "2001:db8::/32");
  EXPECT_EQ(text("192.0.2.1/32"), "192.0.2.1");
  EXPECT_EQ(text("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(text("::/0"), "::/0");
  EXPECT_EQ(text("::ffff:0:0/80"), "::/80");
  for (const std::string_view network : {"10.0.0.0/8", "2001:db8::/32", "::1", "::/0"}) {
    EXPECT_EQ(IpNetwork::parse(text(network)), IpNetwork::parse(network));
  }
}

TEST(IpNetwork, RefusesWhatIsNoNetwork) {
  for (const std::string_view bad :
       {""sv, "/"sv, "/8"sv, "10.0.0.0/"sv, "10.0.0.0/33"sv, "::/129"sv, "10.0.0.0/-1"sv,
        "10.0.0.0/+8"sv, "10.0.0.0/08"sv, "10.0.0.0/8 "sv, " 10.0.0.0/8"sv, "10.0.0.0/8/8"sv,
        "10.0.0.0/255.0.0.0"sv, "10.0.0/8"sv, "localhost/8"sv, "[::1]/128"sv, "10.0.0.0/8\0"sv,
        "10.0.0.0/4294967304"sv}) {
    EXPECT_FALSE(IpNetwork::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace bellhop::base

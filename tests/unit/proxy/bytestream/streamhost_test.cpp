// Which addresses clients are told.
#include "proxy/bytestream/streamhost.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::bytestream {
namespace {

constexpr std::uint16_t kBoundPort = 7777;

std::vector<base::IpAddress> machine(std::initializer_list<std::string_view> addresses) {
  std::vector<base::IpAddress> result;
  for (const auto text : addresses) result.push_back(base::IpAddress::parse(text).value());
  return result;
}

// "host port", one line each.
std::string chosen(const config::PublicSettings& address, const config::ProxySettings& proxy,
                   const std::vector<base::IpAddress>& addresses = {}) {
  std::string lines;
  for (const Streamhost& host : choose_streamhosts(address, proxy, kBoundPort, addresses)) {
    lines += host.host + " " + std::to_string(host.port) + "\n";
  }
  return lines;
}

const config::PublicSettings kEverything{
    .host = "files.example.org", .ipv4 = "1.2.3.4", .ipv6 = "2606:4700::1"};

// ROOM-03: the first streamhost is the most reachable one, and for slixmpp the last one is it too.
TEST(Streamhosts, AreExactlyOneByDefault) {
  const auto addresses = machine({"9.9.9.9", "2620:fe::9"});
  EXPECT_EQ(chosen(kEverything, {}, addresses), "files.example.org 7777\n");
  EXPECT_EQ(chosen({.host = "", .ipv4 = "1.2.3.4", .ipv6 = "2606:4700::1"}, {}, addresses),
            "1.2.3.4 7777\n");
  EXPECT_EQ(chosen({.host = "", .ipv4 = "", .ipv6 = "2606:4700::1"}, {}, addresses),
            "2606:4700::1 7777\n");
  EXPECT_EQ(chosen({}, {}, addresses), "9.9.9.9 7777\n");
  EXPECT_EQ(chosen({}, {}, machine({"2620:fe::9", "9.9.9.9"})), "9.9.9.9 7777\n");
  EXPECT_EQ(chosen({}, {}, machine({"10.0.0.1", "2620:fe::9"})), "2620:fe::9 7777\n");
}

// S5B-02: nothing that clients cannot reach is told to them.
TEST(Streamhosts, AreNeverPrivateUnlessWrittenDown) {
  EXPECT_EQ(chosen({}, {},
                   machine({"127.0.0.1", "10.0.0.1", "192.168.1.1", "172.17.0.1", "100.64.0.1",
                            "169.254.1.1", "::1", "fe80::1", "fd00::1"})),
            "");
  EXPECT_EQ(chosen({}, {}), "");
  EXPECT_EQ(chosen({.host = "", .ipv4 = "192.168.1.1", .ipv6 = ""}, {}), "192.168.1.1 7777\n");
  EXPECT_EQ(chosen({.host = "127.0.0.1", .ipv4 = "", .ipv6 = ""}, {}), "127.0.0.1 7777\n");
}

// S5B-03
TEST(Streamhosts, WriteIpv6CanonicallyAndWithoutBrackets) {
  EXPECT_EQ(chosen({.host = "", .ipv4 = "", .ipv6 = "2606:4700:0:0:0:0:0:00AB"}, {}),
            "2606:4700::ab 7777\n");
  config::ProxySettings proxy;
  proxy.streamhosts = {{"2001:DB8:0:0:1:0:0:1", 1}};
  EXPECT_EQ(chosen({}, proxy), "2001:db8::1:0:0:1 1\n");
}

// S5B-03: several streamhosts differ from each other.
TEST(Streamhosts, AreThoseTheOperatorListsInTheirOrderEachOnce) {
  config::ProxySettings proxy;
  proxy.streamhosts = {{"b.example.org", 443},    {"2001:db8::1", 7777}, {"b.example.org", 443},
                       {"2001:0db8::0001", 7777}, {"b.example.org", 80}, {"10.0.0.1", 0}};
  EXPECT_EQ(chosen(kEverything, proxy, machine({"9.9.9.9"})),
            "b.example.org 443\n2001:db8::1 7777\nb.example.org 80\n10.0.0.1 7777\n");
}

TEST(Streamhosts, TellThePublicPortWhereItDiffersFromTheBoundOne) {
  config::ProxySettings proxy;
  proxy.public_port = 65535;
  EXPECT_EQ(chosen(kEverything, proxy), "files.example.org 65535\n");
  proxy.streamhosts = {{"a.example.org", 0}, {"b.example.org", 9}};
  EXPECT_EQ(chosen(kEverything, proxy), "a.example.org 65535\nb.example.org 9\n");
}

}  // namespace
}  // namespace bellhop::bytestream

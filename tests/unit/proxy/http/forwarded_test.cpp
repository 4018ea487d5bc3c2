// Who asks behind reverse proxies, and who only says so.
#include "proxy/http/forwarded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bellhop::http {
namespace {

base::IpAddress ip(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(base::IpAddress());
}

const std::vector<base::IpNetwork> kTrusted = [] {
  std::vector<base::IpNetwork> networks;
  for (const std::string_view text : {"10.0.0.0/8", "::1", "2001:db8:1::/48"}) {
    networks.push_back(base::IpNetwork::parse(text).value());
  }
  return networks;
}();

std::string show(const ForwardedClient& client) {
  std::string text = client.address.text();
  if (client.scheme == ForwardedScheme::http) text += " http";
  if (client.scheme == ForwardedScheme::https) text += " https";
  return text;
}

std::string by_x(std::string_view addresses, std::string_view schemes = "",
                 std::string_view peer = "10.0.0.1") {
  const ForwardedFields fields{.x_forwarded_for = addresses, .x_forwarded_proto = schemes};
  return show(find_client(ip(peer), kTrusted, fields));
}

std::string by_forwarded(std::string_view value, std::string_view peer = "10.0.0.1") {
  return show(find_client(ip(peer), kTrusted, {.forwarded = value}));
}

TEST(Forwarded, IsNotReadFromStrangers) {
  EXPECT_EQ(by_x("192.0.2.9", "https", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(by_forwarded("for=192.0.2.9;proto=https", "198.51.100.1"), "198.51.100.1");
}

TEST(Forwarded, WithoutFieldsIsThePeer) {
  EXPECT_EQ(show(find_client(ip("10.0.0.1"), kTrusted, {})), "10.0.0.1");
  EXPECT_EQ(by_x(""), "10.0.0.1");
  EXPECT_EQ(by_x(" , ,"), "10.0.0.1");
  EXPECT_EQ(by_forwarded(""), "10.0.0.1");
  EXPECT_EQ(show(find_client(ip("192.0.2.1"), {}, {.x_forwarded_for = "1.1.1.1"})), "192.0.2.1");
}

TEST(Forwarded, IsTheRightmostAddressThatIsNotTrusted) {
  EXPECT_EQ(by_x("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(by_x("203.0.113.66, 192.0.2.1"), "192.0.2.1");  // the first is what the client wrote
  EXPECT_EQ(by_x("203.0.113.66,192.0.2.1, 10.0.0.7 ,10.0.0.8"), "192.0.2.1");
  EXPECT_EQ(by_x("2001:db8::5, 2001:db8:1::5", "", "::1"), "2001:db8::5");
  EXPECT_EQ(by_forwarded("for=203.0.113.66, for=192.0.2.1, for=10.0.0.7"), "192.0.2.1");
}

TEST(Forwarded, IsTheOutermostOfTrustedHopsOnly) {
  EXPECT_EQ(by_x("10.0.0.9, 10.0.0.8"), "10.0.0.9");
}

TEST(Forwarded, ReadsAddressesWithPorts) {
  EXPECT_EQ(by_x("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(by_x("[2001:db8::5]:4711"), "2001:db8::5");
  EXPECT_EQ(by_x("[2001:db8::5]"), "2001:db8::5");
  EXPECT_EQ(by_x("::ffff:192.0.2.1"), "192.0.2.1");
}

// RFC 7239 §4, §5.2, §6.
TEST(Forwarded, ReadsTheElementsOfRfc7239) {
  EXPECT_EQ(by_forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(by_forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60 http");
  EXPECT_EQ(by_forwarded("proto=\"HTTPS\" ; FOR=\"192.0.2.60:80\";host=\"a,b;c\""),
            "192.0.2.60 https");
  EXPECT_EQ(by_forwarded("for=[2001:db8::5]:80;proto=https"), "2001:db8::5 https");  // unquoted
}

TEST(Forwarded, EndsAtAHopWithoutAnAddress) {
  EXPECT_EQ(by_forwarded("for=192.0.2.1, for=unknown"), "10.0.0.1");
  EXPECT_EQ(by_forwarded("for=192.0.2.1, for=_hidden;proto=https, for=10.0.0.7"), "10.0.0.7 https");
  EXPECT_EQ(by_forwarded("for=192.0.2.1, proto=https"), "10.0.0.1 https");
  EXPECT_EQ(by_forwarded("for=192.0.2.1;for=192.0.2.2"), "10.0.0.1");  // named twice
  EXPECT_EQ(by_x("192.0.2.1, unknown"), "10.0.0.1");
  EXPECT_EQ(by_x("192.0.2.1, 300.1.1.1"), "10.0.0.1");
  EXPECT_EQ(by_x("192.0.2.1, [::1"), "10.0.0.1");
  EXPECT_EQ(by_x("192.0.2.1, [::1]x"), "10.0.0.1");
}

TEST(Forwarded, IsNotSpoiledByWhatTheClientWroteInFront) {
  EXPECT_EQ(by_x("\", 192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(by_forwarded("for=\", for=192.0.2.1;proto=https"), "192.0.2.1 https");
  EXPECT_EQ(by_forwarded("\"\\, for=\"192.0.2.1:80\""), "192.0.2.1");
  EXPECT_EQ(by_x(std::string(1 << 16, ',') + "192.0.2.1"), "192.0.2.1");
}

TEST(Forwarded, ReadsOneSchemeAsTheClients) {
  EXPECT_EQ(by_x("192.0.2.1, 10.0.0.7", "https"), "192.0.2.1 https");
  EXPECT_EQ(by_x("192.0.2.1", "HTTP"), "192.0.2.1 http");
  EXPECT_EQ(by_x("192.0.2.1", "wss"), "192.0.2.1");
  EXPECT_EQ(by_x("", "https"), "10.0.0.1 https");
}

TEST(Forwarded, ReadsSeveralSchemesHopByHop) {
  EXPECT_EQ(by_x("192.0.2.1, 10.0.0.7", "https, http"), "192.0.2.1 https");
  EXPECT_EQ(by_x("203.0.113.66, 192.0.2.1", "https, http"), "192.0.2.1 http");
  EXPECT_EQ(by_x("192.0.2.1, 10.0.0.7, 10.0.0.8", "https, http"), "192.0.2.1");
}

// A proxy that writes one field lets the client's other one through.
TEST(Forwarded, BelievesNeitherOfTwoFieldsThatDisagree) {
  const auto both = [](std::string_view forwarded, std::string_view addresses,
                       std::string_view schemes) {
    return show(find_client(
        ip("10.0.0.1"), kTrusted,
        {.forwarded = forwarded, .x_forwarded_for = addresses, .x_forwarded_proto = schemes}));
  };
  EXPECT_EQ(both("for=203.0.113.66", "192.0.2.1", "https"), "10.0.0.1");
  EXPECT_EQ(both("for=192.0.2.1", "192.0.2.1", ""), "192.0.2.1");
  EXPECT_EQ(both("for=192.0.2.1;proto=https", "192.0.2.1", "https"), "192.0.2.1 https");
  EXPECT_EQ(both("for=192.0.2.1;proto=https", "192.0.2.1", "http"), "192.0.2.1");
  EXPECT_EQ(both("for=192.0.2.1;proto=https", "192.0.2.1", ""), "192.0.2.1");
}

TEST(Forwarded, WalksNoMoreThanItsMaximum) {
  std::string trusted;
  for (std::size_t i = 0; i + 1 < kForwardedHopsMax; ++i) trusted += ", 10.0.0.7";
  EXPECT_EQ(by_x("192.0.2.1" + trusted), "192.0.2.1");
  EXPECT_EQ(by_x("192.0.2.1, 10.0.0.9" + trusted), "10.0.0.9");
}

}  // namespace
}  // namespace bellhop::http

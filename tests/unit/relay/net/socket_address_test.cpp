// Addresses there and back.
#include "relay/net/socket_address.hpp"

#include <gtest/gtest.h>

namespace bellhop::net {
namespace {

base::IpEndpoint endpoint(const char* text, std::uint16_t port) {
  return {base::IpAddress::parse(text).value(), port};
}

TEST(SocketAddress, IsOfTheFamilyAndComesBackAsItWas) {
  const SocketAddress v4(endpoint("8.8.4.4", 0x1234));
  EXPECT_EQ(v4.raw()->sa_family, AF_INET);
  EXPECT_EQ(v4.size, sizeof(sockaddr_in));
  EXPECT_EQ(v4.endpoint().text(), "8.8.4.4:4660");
  const SocketAddress v6(endpoint("2a00::1", 65535));
  EXPECT_EQ(v6.raw()->sa_family, AF_INET6);
  EXPECT_EQ(v6.endpoint().text(), "[2a00::1]:65535");
}

TEST(SocketAddress, EqualsOneOfTheSameAddressAndPort) {
  EXPECT_EQ(SocketAddress(endpoint("8.8.4.4", 1)), SocketAddress(endpoint("8.8.4.4", 1)));
  EXPECT_FALSE(SocketAddress(endpoint("8.8.4.4", 1)) == SocketAddress(endpoint("8.8.4.4", 2)));
  EXPECT_FALSE(SocketAddress(endpoint("8.8.4.4", 1)) == SocketAddress(endpoint("8.8.4.5", 1)));
  EXPECT_FALSE(SocketAddress(endpoint("::", 1)) == SocketAddress(endpoint("0.0.0.0", 1)));
}

}  // namespace
}  // namespace bellhop::net

// How UDP sockets are bound.
#include "relay/net/udp_socket.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/relay/net/loopback_udp.hpp"

namespace bellhop::net {
namespace {

TEST(UdpSocket, IsBoundToAFreePort) {
  const base::UniqueFd socket = open_loopback();
  EXPECT_EQ(bound_to(socket.value()).address.text(), "127.0.0.1");
  EXPECT_NE(bound_to(socket.value()).port, 0);
}

TEST(UdpSocket, SaysWhenThePortIsTaken) {
  const base::UniqueFd first = open_loopback();
  const auto second = open_udp(bound_to(first.value()), {});
  ASSERT_TRUE(std::holds_alternative<int>(second));
  EXPECT_EQ(std::get<int>(second), EADDRINUSE);
}

TEST(UdpSocket, SharesItsPortWithOthersWhoWantTo) {
  const base::UniqueFd first = open_loopback({.is_port_shared = true});
  const auto second = open_udp(bound_to(first.value()), {.is_port_shared = true});
  EXPECT_TRUE(std::holds_alternative<base::UniqueFd>(second));
}

TEST(UdpSocket, BoundToNothingIsNowhere) {
  EXPECT_EQ(bound_to(-1).port, 0);
}

}  // namespace
}  // namespace bellhop::net

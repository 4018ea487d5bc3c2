// Listening and connecting from one address and port.
#include "relay/net/tcp_socket.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "relay/net/udp_socket.hpp"
#include "tests/support/loopback.hpp"

namespace bellhop::net {
namespace {

using bellhop::test::eventually;

base::IpEndpoint loopback(std::uint16_t port = 0) {
  return {base::IpAddress::from_v4(0x7F000001), port};
}
base::UniqueFd listener() {
  auto opened = listen_tcp(loopback());
  EXPECT_TRUE(std::holds_alternative<base::UniqueFd>(opened));
  return std::move(std::get<base::UniqueFd>(opened));
}
std::optional<AcceptedPeer> accepted(const base::UniqueFd& fd) {
  std::optional<AcceptedPeer> peer;
  EXPECT_TRUE(eventually([&] { return (peer = accept_tcp(fd.value())).has_value(); }));
  return peer;
}

// TURN-T04
TEST(TcpSocket, ConnectsFromWhereAnotherListens) {
  const base::UniqueFd here = listener();
  const base::UniqueFd there = listener();
  const base::IpEndpoint local = bound_to(here.value());
  auto opened = connect_tcp(local, bound_to(there.value()));
  ASSERT_TRUE(std::holds_alternative<base::UniqueFd>(opened));
  const auto peer = accepted(there);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->from.text(), local.text());
  EXPECT_EQ(error_of(std::get<base::UniqueFd>(opened).value()), 0);
  // It listens on.
  const base::UniqueFd other = listener();
  auto incoming = connect_tcp(bound_to(other.value()), local);
  EXPECT_TRUE(accepted(here));
}

TEST(TcpSocket, ConnectsToSeveralPeersFromOnePort) {
  const base::UniqueFd here = listener();
  const base::UniqueFd first = listener();
  const base::UniqueFd second = listener();
  const base::IpEndpoint local = bound_to(here.value());
  auto to_first = connect_tcp(local, bound_to(first.value()));
  auto to_second = connect_tcp(local, bound_to(second.value()));
  EXPECT_EQ(accepted(first)->from.text(), local.text());
  EXPECT_EQ(accepted(second)->from.text(), local.text());
}

TEST(TcpSocket, LeavesAPortToWhoListensThere) {
  const base::UniqueFd here = listener();
  const auto again = listen_tcp(bound_to(here.value()));
  ASSERT_TRUE(std::holds_alternative<int>(again));
  EXPECT_EQ(std::get<int>(again), EADDRINUSE);
}

TEST(TcpSocket, TellsWhyAConnectionFailed) {
  const base::UniqueFd here = listener();
  base::UniqueFd gone = listener();
  const base::IpEndpoint nobody = bound_to(gone.value());
  gone.reset();
  auto opened = connect_tcp(bound_to(here.value()), nobody);
  if (const int* error = std::get_if<int>(&opened)) {
    EXPECT_EQ(*error, ECONNREFUSED);
    return;
  }
  int error = 0;
  EXPECT_TRUE(eventually(
      [&] { return (error = error_of(std::get<base::UniqueFd>(opened).value())) != 0; }));
  EXPECT_EQ(error, ECONNREFUSED);
}

TEST(TcpSocket, AcceptsNobodyWhereNobodyWaits) {
  const base::UniqueFd here = listener();
  EXPECT_FALSE(accept_tcp(here.value()));
}

}  // namespace
}  // namespace bellhop::net

// Datagrams by the batch: whole, in order, none of them kept.
#include "relay/nodes/datagram_batch.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/relay/nodes/udp_peer.hpp"

namespace bellhop::nodes {
namespace {

using test::ip;
using test::UdpPeer;

TEST(DatagramBatch, TakesWhatWaitsAndNoMoreThanFits) {
  const UdpPeer from;
  const UdpPeer to;
  DatagramBatch batch;
  EXPECT_EQ(batch.receive(to.fd()), 0U);
  for (std::size_t i = 0; i < DatagramBatch::kDatagramsMax + 1; ++i) {
    EXPECT_TRUE(from.send(to.port(), std::string(i, 'x')));
  }
  ASSERT_EQ(batch.receive(to.fd()), DatagramBatch::kDatagramsMax);
  for (std::size_t i = 0; i < DatagramBatch::kDatagramsMax; ++i) {
    EXPECT_EQ(batch.bytes(i), i);
    EXPECT_FALSE(batch.is_cut(i));
    EXPECT_EQ(batch.source(i).text(), "127.0.0.1:" + std::to_string(from.port()));
  }
  EXPECT_EQ(batch.receive(to.fd()), 1U);
  EXPECT_EQ(batch.receive(to.fd()), 0U);
}

TEST(DatagramBatch, SendsWhatWasMarkedInItsOrder) {
  const UdpPeer from;
  const UdpPeer middle;
  UdpPeer to;
  DatagramBatch batch;
  for (const char* text : {"one", "two", "", "four"}) EXPECT_TRUE(from.send(middle.port(), text));
  ASSERT_EQ(batch.receive(middle.fd()), 4U);
  for (const std::size_t index : {0U, 2U, 3U}) batch.forward(index);
  const auto sent = batch.send(middle.fd(), {ip("127.0.0.1"), to.port()});
  EXPECT_EQ(sent.packets, 3U);
  EXPECT_EQ(sent.bytes, 7U);
  EXPECT_EQ(sent.packets_left, 0U);
  for (const char* text : {"one", "", "four", "nothing"}) EXPECT_EQ(to.take(), text);
  EXPECT_EQ(batch.send(middle.fd(), {ip("127.0.0.1"), to.port()}).packets, 0U) << "not twice";
}

TEST(DatagramBatch, SeesThatADatagramIsTooLong) {
  const UdpPeer from;
  const UdpPeer to;
  DatagramBatch batch;
  EXPECT_TRUE(from.send(to.port(), std::string(DatagramBatch::kDatagramBytesMax, 'x')));
  EXPECT_TRUE(from.send(to.port(), std::string(DatagramBatch::kDatagramBytesMax + 1, 'x')));
  ASSERT_EQ(batch.receive(to.fd()), 2U);
  EXPECT_FALSE(batch.is_cut(0));
  EXPECT_TRUE(batch.is_cut(1));
}

// What the kernel refuses is counted and gone: port 0 takes nothing.
TEST(DatagramBatch, KeepsNothingThatCannotBeSent) {
  const UdpPeer from;
  const UdpPeer middle;
  DatagramBatch batch;
  EXPECT_TRUE(from.send(middle.port(), "one"));
  EXPECT_TRUE(from.send(middle.port(), "three"));
  ASSERT_EQ(batch.receive(middle.fd()), 2U);
  batch.forward(0);
  batch.forward(1);
  const auto sent = batch.send(middle.fd(), {ip("127.0.0.1"), 0});
  EXPECT_EQ(sent.packets, 0U);
  EXPECT_EQ(sent.packets_left, 2U);
  EXPECT_EQ(sent.bytes_left, 8U);
}

TEST(DatagramSockets, AreBoundOnceAndWriteBothFamilies) {
  const UdpPeer one;
  EXPECT_FALSE(bind_datagram_socket({ip("127.0.0.1"), one.port()})) << "taken";
  for (const char* text : {"192.0.2.1", "2001:db8::1"}) {
    const base::IpEndpoint endpoint{ip(text), 4711};
    const net::SocketAddress name(endpoint);
    EXPECT_EQ(name.size, endpoint.address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(name.endpoint().text(), endpoint.text());
  }
  EXPECT_EQ(net::SocketAddress().endpoint().port, 0);
}

// IPv4 and IPv6 ports of one number are two things.
TEST(DatagramSockets, LeaveIpv4ToOthersOnIpv6) {
  const auto six = bind_datagram_socket({ip("::"), 0});
  if (!six) GTEST_SKIP() << "this machine has no IPv6";
  const auto four = bind_datagram_socket({ip("0.0.0.0"), test::port_of(six.value())});
  EXPECT_TRUE(static_cast<bool>(four));
}

}  // namespace
}  // namespace bellhop::nodes

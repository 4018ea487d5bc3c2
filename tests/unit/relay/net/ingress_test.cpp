// Datagrams and trains as they come from the kernel.
#include "relay/net/ingress.hpp"

#include <gtest/gtest.h>
#include <netinet/udp.h>

#include "tests/unit/relay/net/loopback_udp.hpp"

namespace bellhop::net {
namespace {

constexpr std::size_t kArenaBytes = 2 * 1024 * 1024;

void send(int fd, const base::IpEndpoint& to, std::string_view data, int segment = 0) {
  const SocketAddress address(to);
  ASSERT_EQ(::setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
  const auto sent = ::sendto(fd, data.data(), data.size(), 0, address.raw(), address.size);
  ASSERT_EQ(sent, static_cast<ssize_t>(data.size()));
}

class IngressTest : public testing::Test {
 protected:
  // The datagrams of one read, each followed by a bar; a train is in brackets.
  std::string read(std::size_t count = Ingress::kBatchMax) {
    EXPECT_TRUE(is_readable(receiver_.value()));
    std::string all;
    for (const Received& received : ingress_.read(receiver_.value(), count)) {
      EXPECT_EQ(received.from->endpoint().text(), bound_to(sender_.value()).text());
      const bool is_train = received.bytes.size() > received.segment;
      if (is_train) all += "[";
      received.for_each(
          [&](std::span<const std::uint8_t> datagram) { all += text(datagram) + "|"; });
      if (is_train) all += "]";
    }
    return all;
  }

  Arena arena_{kArenaBytes};
  Ingress ingress_{arena_};
  base::UniqueFd receiver_ = open_loopback();
  base::UniqueFd sender_ = open_loopback();
  base::IpEndpoint to_ = bound_to(receiver_.value());
};

// TURN-D03
TEST_F(IngressTest, ReadsOnBehindAnErrorOfTheNetwork) {
  receiver_ = open_loopback({.tells_icmp_errors = true});
  to_ = bound_to(receiver_.value());
  const base::IpEndpoint closed = bound_to(open_loopback().value());
  const SocketAddress address(closed);
  const auto sent = ::sendto(receiver_.value(), "?", 1, 0, address.raw(), address.size);
  ASSERT_EQ(sent, 1);
  send(sender_.value(), to_, "behind it");
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(ingress_.is_drained());
  EXPECT_EQ(read(), "behind it|");
  EXPECT_TRUE(ingress_.is_drained());
}

TEST_F(IngressTest, ReadsWhatWaitsAndKnowsThatNothingMoreDoes) {
  send(sender_.value(), to_, "one");
  send(sender_.value(), to_, "two");
  send(sender_.value(), to_, "");
  EXPECT_EQ(read(2), "one|two|");
  EXPECT_FALSE(ingress_.is_drained());
  EXPECT_EQ(read(2), "|");
  EXPECT_TRUE(ingress_.is_drained());
  EXPECT_TRUE(ingress_.read(receiver_.value(), 2).empty());
  EXPECT_TRUE(ingress_.is_drained());
}

TEST_F(IngressTest, TakesATrainApart) {
  send(sender_.value(), to_, "aaabbbccd", 3);
  EXPECT_EQ(read(), "[aaa|bbb|ccd|]");
  send(sender_.value(), to_, "aaabbbd", 3);
  EXPECT_EQ(read(), "[aaa|bbb|d|]");
}

TEST_F(IngressTest, KeepsTheBytesUntilTheArenaIsReset) {
  send(sender_.value(), to_, "first");
  ASSERT_TRUE(is_readable(receiver_.value()));
  const auto first = ingress_.read(receiver_.value(), 1)[0].bytes;
  send(sender_.value(), to_, "other");
  ASSERT_TRUE(is_readable(receiver_.value()));
  const auto other = ingress_.read(receiver_.value(), 1)[0].bytes;
  EXPECT_EQ(text(first), "first");
  EXPECT_EQ(text(other), "other");
  const std::size_t room = arena_.room();
  arena_.reset();
  EXPECT_GT(arena_.room(), room);
}

TEST_F(IngressTest, TellsTheAddressThatWasMeant) {
  const base::UniqueFd wildcard =
      open_loopback({.tells_local_address = true}, {base::IpAddress::from_v4(0), 0});
  base::IpEndpoint to = bound_to(wildcard.value());
  to.address = base::IpAddress::parse("127.0.0.7").value();
  send(sender_.value(), to, "hello");
  ASSERT_TRUE(is_readable(wildcard.value()));
  const auto received = ingress_.read(wildcard.value(), 1);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].to.text(), "127.0.0.7");
}

TEST_F(IngressTest, SeesWhatTheKernelDropped) {
  const base::UniqueFd narrow = open_loopback({.receive_buffer = 4096});
  const base::IpEndpoint to = bound_to(narrow.value());
  const std::string data(1000, 'x');
  for (int i = 0; i < 100; ++i) send(sender_.value(), to, data);
  std::size_t received = ingress_.read(narrow.value(), Ingress::kBatchMax).size();
  EXPECT_LT(received, 100U);
  arena_.reset();
  // The count comes with the first datagram behind the gap.
  send(sender_.value(), to, "after");
  ASSERT_TRUE(is_readable(narrow.value()));
  received += ingress_.read(narrow.value(), Ingress::kBatchMax).size();
  EXPECT_EQ(received + ingress_.kernel_drops(), 101U);
}

}  // namespace
}  // namespace bellhop::net

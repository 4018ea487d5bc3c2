// What leaves together, in which order, and what is counted.
#include "relay/net/egress.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/relay/net/loopback_udp.hpp"

namespace bellhop::net {
namespace {

class EgressTest : public testing::Test {
 protected:
  Route route_to(const base::UniqueFd& receiver) {
    Route route;
    route.fd = sender_.value();
    route.to = SocketAddress(bound_to(receiver.value()));
    return route;
  }
  void add(const Route& route, std::string_view data, std::string_view head = "") {
    egress_.add(route, bytes(head), bytes(data), data.size(), count_);
  }
  // Each reception; one that is a train in brackets.
  std::string read(const base::UniqueFd& receiver) {
    arena_.reset();
    EXPECT_TRUE(is_readable(receiver.value()));
    std::string all;
    for (const Received& received : ingress_.read(receiver.value(), Ingress::kBatchMax)) {
      const bool is_train = received.bytes.size() > received.segment;
      if (is_train) all += "[";
      received.for_each(
          [&](std::span<const std::uint8_t> datagram) { all += text(datagram) + "|"; });
      if (is_train) all += "]";
    }
    return all;
  }

  Arena arena_{2 * 1024 * 1024};
  Ingress ingress_{arena_};
  base::UniqueFd sender_ = open_loopback();
  base::UniqueFd receiver_ = open_loopback({.receive_buffer = 4 * 1024 * 1024});
  base::UniqueFd other_ = open_loopback();
  Egress egress_;
  SendCount count_;
};

TEST_F(EgressTest, SendsNothingBeforeTheFlush) {
  const Route route = route_to(receiver_);
  add(route, "hello");
  EXPECT_FALSE(egress_.is_empty());
  EXPECT_FALSE(is_readable(receiver_.value(), 0));
  egress_.flush();
  EXPECT_TRUE(egress_.is_empty());
  EXPECT_EQ(read(receiver_), "hello|");
  EXPECT_EQ(count_.packets, 1U);
  EXPECT_EQ(count_.bytes, 5U);
}

TEST_F(EgressTest, MakesATrainOfOneFlowWithItsHeads) {
  const Route route = route_to(receiver_);
  add(route, "aa", "1234");
  add(route, "bb", "5678");
  add(route, "c", "9abc");
  add(route, "dd", "defg");
  egress_.flush();
  // The shorter one ends the train.
  EXPECT_EQ(read(receiver_), "[1234aa|5678bb|9abcc|]defgdd|");
  EXPECT_EQ(count_.bytes, 7U);  // heads are not the user's
  EXPECT_EQ(count_.packets, 4U);
}

TEST_F(EgressTest, GathersFlowsThatAreMixedAndKeepsTheirOrder) {
  const Route first = route_to(receiver_);
  const Route second = route_to(other_);
  for (const char* data : {"1", "2", "3"}) {
    add(first, data);
    add(second, data);
  }
  egress_.flush();
  EXPECT_EQ(read(receiver_), "[1|2|3|]");
  EXPECT_EQ(read(other_), "[1|2|3|]");
}

TEST_F(EgressTest, SendsEmptyDatagramsOneByOne) {
  const Route route = route_to(receiver_);
  add(route, "");
  add(route, "");
  add(route, "x");
  egress_.flush();
  EXPECT_EQ(read(receiver_), "||x|");
}

TEST_F(EgressTest, SendsMoreThanFitsIntoOneFlush) {
  const Route route = route_to(receiver_);
  const std::string data(100, 'd');
  const std::size_t count = 3 * Egress::kDatagramsMax + 7;
  for (std::size_t i = 0; i < count; ++i) add(route, data);
  egress_.flush();
  EXPECT_EQ(count_.packets, count);
  EXPECT_EQ(count_.dropped_packets, 0U);
  std::size_t received = 0;
  while (is_readable(receiver_.value(), 0)) {
    arena_.reset();
    for (const Received& r : ingress_.read(receiver_.value(), Ingress::kBatchMax)) {
      r.for_each([&](std::span<const std::uint8_t>) { ++received; });
    }
  }
  EXPECT_EQ(received, count);
}

// Longer than a train may be, and longer than a segment of the device: one by one then.
TEST_F(EgressTest, SendsDatagramsThatAreTooLongForATrain) {
  const Route route = route_to(receiver_);
  const std::string data(40'000, 'l');
  for (int i = 0; i < 3; ++i) add(route, data);
  egress_.flush();
  EXPECT_EQ(count_.packets, 3U);
  EXPECT_EQ(read(receiver_).size(), 3 * (data.size() + 1));
}

// TURN-D05
TEST_F(EgressTest, CountsWhatTheKernelDoesNotTake) {
  const Route route = route_to(receiver_);
  const std::string data(65'507, 'x');
  add(route, data, "head");  // longer than UDP allows
  add(route, "fine");
  egress_.flush();
  EXPECT_EQ(count_.dropped_packets, 1U);
  EXPECT_EQ(count_.dropped_bytes, data.size());
  EXPECT_EQ(count_.packets, 1U);
  EXPECT_EQ(read(receiver_), "fine|");
}

TEST_F(EgressTest, GoesOnAfterSomebodyElsesPortWasClosed) {
  Route gone = route_to(receiver_);
  {
    const base::UniqueFd closed = open_loopback();
    gone = route_to(closed);
  }
  const Route route = route_to(receiver_);
  for (int i = 0; i < 5; ++i) {
    add(gone, "lost");
    egress_.flush();
    add(route, "kept");
    egress_.flush();
  }
  EXPECT_EQ(count_.packets, 10U);
  EXPECT_EQ(read(receiver_), "kept|kept|kept|kept|kept|");
}

// STN-02: the answer leaves from the address that was asked.
TEST_F(EgressTest, LeavesFromTheAddressOfTheRoute) {
  const base::UniqueFd wildcard = open_loopback({}, {base::IpAddress::from_v4(0), 0});
  Route route = route_to(receiver_);
  route.fd = wildcard.value();
  route.has_from = true;
  route.from = base::IpAddress::parse("127.0.0.9").value();
  add(route, "a");
  add(route, "b");
  egress_.flush();
  arena_.reset();
  ASSERT_TRUE(is_readable(receiver_.value()));
  const auto received = ingress_.read(receiver_.value(), 4);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].from->endpoint().address.text(), "127.0.0.9");
}

}  // namespace
}  // namespace bellhop::net

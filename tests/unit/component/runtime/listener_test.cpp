// Listening sockets on loopback, with the faults a machine can have.
#include "component/runtime/listener.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::runtime {
namespace {

using test::Peer;
using test::run_until;

class ListenerTest : public ::testing::Test {
 protected:
  // Accepts into `accepted_` until the listener is closed.
  void serve(Listener& listener) {
    serving_ = test::start(
        context_, listener.accept_all([this](base::UniqueFd socket, const base::IpEndpoint& peer) {
          accepted_.push_back(std::move(socket));
          peers_.push_back(peer);
        }));
  }
  void expect_accepted(std::size_t count) {
    EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() >= count; }));
    EXPECT_EQ(accepted_.size(), count);
  }
  void expect_end(Listener& listener) {
    listener.close();
    EXPECT_TRUE(run_until(context_, [&] { return serving_->is_done; }));
    EXPECT_FALSE(serving_->error);
  }
  // What a listener says that cannot be made; "" if it can.
  std::string refusal(const config::HostPort& address) {
    try {
      const Listener listener(context_.get_executor(), log_.log(), address);
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  test::TempLog log_;
  asio::io_context context_{1};
  std::vector<base::UniqueFd> accepted_;
  std::vector<base::IpEndpoint> peers_;
  std::shared_ptr<test::Ending> serving_;
};

TEST_F(ListenerTest, AcceptsOneAfterTheOtherAndTellsWhoCame) {
  Listener listener(context_.get_executor(), log_.log(), {"127.0.0.1", 0});
  EXPECT_EQ(listener.bound().address.text(), "127.0.0.1");
  ASSERT_NE(listener.bound().port, 0);
  serve(listener);
  const Peer first = Peer::connect(listener.bound().port);
  const Peer second = Peer::connect(listener.bound().port);
  expect_accepted(2);
  EXPECT_EQ(peers_[0].address.text(), "127.0.0.1");
  EXPECT_EQ(peers_[0].port, first.own_port());
  EXPECT_EQ(peers_[1].port, second.own_port());
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  const int fd = accepted_[0].value();
  EXPECT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_EQ(no_delay, 1);
  EXPECT_TRUE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  expect_end(listener);
}

TEST_F(ListenerTest, ServesBothFamiliesOnOnePort) {
  std::optional<Listener> six;
  try {
    six.emplace(context_.get_executor(), log_.log(), config::HostPort{"::1", 0});
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << "no IPv6 here: " << error.what();
  }
  const std::uint16_t port = six->bound().port;
  EXPECT_EQ(six->bound().text(), "[::1]:" + std::to_string(port));
  serve(*six);
  TcpSocket client(context_.get_executor());
  client.connect({asio::ip::make_address("::1"), port});
  expect_accepted(1);
  EXPECT_EQ(peers_[0].address.text(), "::1");
  expect_end(*six);
}

TEST_F(ListenerTest, OfAllIpv6AddressesLeavesIpv4ToItsNeighbour) {
  std::optional<Listener> six;
  try {
    six.emplace(context_.get_executor(), log_.log(), config::HostPort{"::", 0});
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << "no IPv6 here: " << error.what();
  }
  EXPECT_EQ(refusal({"0.0.0.0", six->bound().port}), "");
}

TEST_F(ListenerTest, SaysWhichAddressIsTaken) {
  const Listener first(context_.get_executor(), log_.log(), {"127.0.0.1", 0});
  const std::string port = std::to_string(first.bound().port);
  EXPECT_EQ(refusal({"127.0.0.1", first.bound().port}),
            "cannot listen on 127.0.0.1:" + port + ": Address already in use");
}

TEST_F(ListenerTest, SaysWhichAddressIsNone) {
  EXPECT_TRUE(refusal({"localhost", 0}).starts_with("cannot listen on localhost:0: "));
  EXPECT_TRUE(refusal({"1:2", 80}).starts_with("cannot listen on [1:2]:80: "));
  EXPECT_TRUE(refusal({"192.0.2.1", 0}).starts_with("cannot listen on 192.0.2.1:0: "));
}

TEST_F(ListenerTest, MayBeClosedTwice) {
  Listener listener(context_.get_executor(), log_.log(), {"127.0.0.1", 0});
  serve(listener);
  listener.close();
  expect_end(listener);
}

// Without descriptors accept(2) fails at once and again: the listener waits, and goes on by itself.
TEST_F(ListenerTest, OutlivesALackOfDescriptors) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the undefined sanitizer needs descriptors of its own to check vtables";
#endif
  Listener listener(context_.get_executor(), log_.log(), {"127.0.0.1", 0});
  serve(listener);
  context_.poll();
  const Peer client = Peer::connect(listener.bound().port);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::dup(0);
  ::close(lowest_free);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  // The log cannot be read without a descriptor: two turns of the back-off are certain to fail.
  for (int turn = 0; turn < 2; ++turn) {
    context_.restart();
    context_.run_one_for(std::chrono::milliseconds(500));
  }
  EXPECT_TRUE(accepted_.empty());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  expect_accepted(1);
  EXPECT_TRUE(log_.has("error event=accept_failed what=\"Too many open files\"")) << log_.text();
  expect_end(listener);
}

TEST(ToEndpoint, KeepsAddressAndPortOfBothFamilies) {
  EXPECT_EQ(to_endpoint({asio::ip::make_address("192.0.2.1"), 7}).text(), "192.0.2.1:7");
  EXPECT_EQ(to_endpoint({asio::ip::make_address("2001:db8::1"), 7}).text(), "[2001:db8::1]:7");
  const auto mapped = to_endpoint({asio::ip::make_address("::ffff:192.0.2.1"), 7});
  EXPECT_EQ(mapped.address, base::IpAddress::parse("192.0.2.1"));
}

}  // namespace
}  // namespace bellhop::runtime

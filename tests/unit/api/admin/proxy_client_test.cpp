// doctor's SOCKS5 client against a peer that says what the test tells it to.
#include "api/admin/proxy_client.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using runtime::test::Peer;
using runtime::test::run_until;

const std::string kHex = "0123456789abcdef0123456789abcdef01234567";

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

class ProxyClientTest : public ::testing::Test {
 protected:
  ProxyClientTest() { runtime::test::ignore_broken_pipes(); }

  // Runs a step; trouble_ has what came of it once is_done() is true.
  void start(runtime::Task<Trouble> step) {
    auto body = [](ProxyClientTest& test, runtime::Task<Trouble> task) -> runtime::Task<> {
      test.trouble_ = co_await std::move(task);
    };
    trouble_ = "still running";
    ending_ = runtime::test::start(context_, body(*this, std::move(step)));
  }
  Trouble finish() {
    EXPECT_TRUE(run_until(context_, [&] { return ending_->is_done; }));
    return trouble_;
  }

  void start_greeting(base::Duration patience = 1h) {
    start(client_.greet("127.0.0.1", listener_.port, Deadline::after(patience)));
  }
  // The other end of the connection, once the client has made it.
  Peer accept() {
    base::UniqueFd fd;
    EXPECT_TRUE(run_until(context_, [&] {
      fd = base::UniqueFd(::accept4(listener_.fd.value(), nullptr, nullptr, SOCK_CLOEXEC));
      return fd.value() >= 0;
    }));
    return Peer(std::move(fd));
  }
  // A client past its greeting.
  Peer greeted() {
    start_greeting();
    Peer peer = accept();
    EXPECT_EQ(peer.receive(context_, 3), bytes({5, 1, 0}));
    peer.send(context_, bytes({5, 0}));
    EXPECT_EQ(finish(), "");
    return peer;
  }
  void start_request() {
    start(client_.request(*bytestream::DstAddr::from_hex(kHex), Deadline::after(1h)));
  }

  boost::asio::io_context context_{1};
  runtime::test::Listening listener_ = runtime::test::listening(SOCK_NONBLOCK);
  ProxyClient client_{context_.get_executor()};
  std::shared_ptr<runtime::test::Ending> ending_;
  Trouble trouble_;
};

TEST_F(ProxyClientTest, GreetsAndNamesItsBytestream) {
  Peer peer = greeted();
  start_request();
  EXPECT_EQ(peer.receive(context_, 47), bytes({5, 1, 0, 3, 40}) + kHex + bytes({0, 0}));
  peer.send(context_, bytes({5, 0, 0, 3, 40}) + kHex + bytes({0, 0}));
  EXPECT_EQ(finish(), "");
}

TEST_F(ProxyClientTest, TellsThatNobodyListens) {
  listener_.fd.reset();
  start_greeting();
  EXPECT_EQ(finish(), "Connection refused");
}

TEST_F(ProxyClientTest, TellsThatAPeerIsNoProxy) {
  start_greeting();
  Peer peer = accept();
  peer.send(context_, "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(finish(), "other bytes came than expected");
}

TEST_F(ProxyClientTest, TellsThatAPeerHasHungUp) {
  start_greeting();
  Peer peer = accept();
  EXPECT_EQ(peer.receive(context_, 3), bytes({5, 1, 0}));
  peer.close();
  EXPECT_EQ(finish(), "it closed the connection");
}

TEST_F(ProxyClientTest, WaitsForASilentPeerUntilItsDeadline) {
  start_greeting(1ms);  // the kernel takes the connection, nobody answers
  EXPECT_EQ(finish(), "no answer came in time");
}

TEST_F(ProxyClientTest, TellsOfARefusal) {
  Peer peer = greeted();
  start_request();
  (void)peer.receive(context_, 47);
  peer.send(context_, bytes({5, 2, 0, 3, 40}) + kHex + bytes({0, 0}));
  EXPECT_EQ(finish(), "other bytes came than expected");
}

TEST_F(ProxyClientTest, ComparesWhatComesByteForByte) {
  Peer peer = greeted();
  const std::string right(200'000, 'a');
  std::size_t count = 0;
  start(client_.expect(right, count));
  peer.send(context_, right);
  EXPECT_EQ(finish(), "");
  EXPECT_EQ(count, right.size());

  std::string wrong = right;
  wrong.back() = 'b';
  count = 0;
  start(client_.expect(right, count));
  peer.send(context_, wrong);
  EXPECT_EQ(finish(), "other bytes came than expected");
  EXPECT_LT(count, right.size());
}

}  // namespace
}  // namespace bellhop::admin

// What a relayed packet costs beside system calls: no memory and no lock of its own.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "relay/turn/turn_session.hpp"
#include "tests/unit/relay/allocation_count.hpp"
#include "tests/unit/relay/turn/lent.hpp"

namespace {

std::atomic<std::size_t> locks{0};

}  // namespace

// Every lock of the standard library, of Asio and of ours comes by here; the thread sanitizer must
// see them first.
#if !defined(__SANITIZE_THREAD__)
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto next = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  locks.fetch_add(1, std::memory_order_relaxed);
  return next(mutex);
}
#endif

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using bellhop::test::Octets;
using bellhop::test::UdpPeer;
using test::HeldShard;
using test::Lent;
using test::ServedTurn;

// Sends and receives without memory of its own.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}

  void send(const Octets& bytes) { ASSERT_GE(::send(fd_, bytes.data(), bytes.size(), 0), 0); }
  /// As one train of datagrams of that size.
  void send_train(const Octets& bytes, int segment) {
    ASSERT_EQ(::setsockopt(fd_, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
    send(bytes);
    segment = 0;
    ASSERT_EQ(::setsockopt(fd_, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
  }
  /// Waits for so many datagrams.
  void receive(std::size_t count) {
    std::array<char, 2048> buffer{};
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_GT(::recv(fd_, buffer.data(), buffer.size(), 0), 0);
    }
  }

 private:
  int fd_;
};

// A client with a channel to a peer that is connected to the relayed address.
struct Line {
  explicit Line(ServedTurn& turn) : lent(turn) {
    peer_socket.emplace(lent.relayed, test::TurnTransport::udp);
    if (lent.client.channel_bind(0x4000, peer_socket->local()).code() != 0) {
      throw bellhop::test::Missed("no channel");
    }
    timeval patience{20, 0};
    for (const int fd : {lent.client.socket().fd(), peer_socket->fd()}) {
      (void)::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
  }
  [[nodiscard]] RawSocket client() { return RawSocket(lent.client.socket().fd()); }
  [[nodiscard]] RawSocket peer() const { return RawSocket(peer_socket->fd()); }

  Lent lent;
  std::optional<bellhop::test::TurnSocket> peer_socket;
};

constexpr std::size_t kTrain = 10;

Octets channel_data(std::size_t size) {
  Octets bytes(4 + size, 'v');
  bytes[0] = 0x40;
  bytes[1] = 0;
  bytes[2] = static_cast<std::uint8_t>(size >> 8);
  bytes[3] = static_cast<std::uint8_t>(size);
  return bytes;
}

Octets repeated(const Octets& bytes, std::size_t count) {
  Octets all;
  for (std::size_t i = 0; i < count; ++i) all.insert(all.end(), bytes.begin(), bytes.end());
  return all;
}

// Singly and in trains, both ways; `rounds` of 44 datagrams.
void exchange(Line& line, std::size_t rounds) {
  const Octets one = channel_data(160);
  const Octets train = repeated(one, kTrain);
  const Octets back(160, 'b');
  const Octets back_train = repeated(back, kTrain);
  RawSocket client = line.client();
  RawSocket peer = line.peer();
  for (std::size_t i = 0; i < rounds; ++i) {
    client.send(one);
    peer.receive(1);
    peer.send(back);
    client.receive(1);
    client.send_train(train, static_cast<int>(one.size()));
    peer.receive(kTrain);
    peer.send_train(back_train, static_cast<int>(back.size()));
    client.receive(kTrain);
  }
}

TEST(TurnPathCost, AsksForNoMemoryWhilePacketsPass) {
  ServedTurn turn;
  Line line(turn);
  exchange(line, 20);  // whoever keeps memory for the next time has it now
  const std::size_t before = relay::allocation_count();
  exchange(line, 1);
  const std::size_t of_one_round = relay::allocation_count() - before;  // the test's own
  const std::size_t start = relay::allocation_count();
  exchange(line, 500);
  EXPECT_LE(relay::allocation_count() - start, of_one_round + 2);
}

// TURN-D09
TEST(TurnPathCost, AsksForNoMemoryWhilePacketsPassBetweenAllocations) {
  ServedTurn turn;
  Line first(turn);
  Line second(turn);
  ASSERT_EQ(first.lent.client.channel_bind(0x4001, second.lent.relayed).code(), 0);
  ASSERT_EQ(second.lent.client.channel_bind(0x4001, first.lent.relayed).code(), 0);
  Octets data = channel_data(160);
  data[1] = 1;
  RawSocket one = first.client();
  RawSocket other = second.client();
  const auto pass = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      one.send(data);
      other.receive(1);
      other.send(data);
      one.receive(1);
    }
  };
  pass(50);
  const std::size_t before = relay::allocation_count();
  pass(2000);
  EXPECT_LE(relay::allocation_count() - before, 2U);
}

// Locks taken by all threads while `count` packets pass in one batch of the shard, both ways.
std::size_t locks_of_batch(ServedTurn& turn, Line& line, std::size_t count) {
  const Octets one = channel_data(160);
  const Octets back(160, 'b');
  HeldShard held(turn, 1);
  for (std::size_t i = 0; i < count; ++i) line.client().send(one);
  for (std::size_t i = 0; i < count; ++i) line.peer().send(back);
  const std::size_t before = locks;
  held.release();
  line.peer().receive(count);
  line.client().receive(count);
  return locks - before;
}

// Asio takes one for each posted handler and each wait; a batch has as many of them as one packet.
TEST(TurnPathCost, TakesNoLockForAPacket) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer takes the place of the lock that is counted";
#endif
  ServedTurn turn;
  Line line(turn);
  std::size_t least_of_one = 1000;
  std::size_t least_of_many = 1000;
  for (int i = 0; i < 20; ++i) {  // a timer may fall into one of them
    least_of_one = std::min(least_of_one, locks_of_batch(turn, line, 1));
    least_of_many = std::min(least_of_many, locks_of_batch(turn, line, 30));
  }
  const std::size_t before = locks;
  turn.on_shard(1, [] {});
  EXPECT_GT(locks - before, 0U) << "nothing is counted";
  EXPECT_LE(least_of_many, least_of_one + 10);
}

}  // namespace
}  // namespace bellhop::turn

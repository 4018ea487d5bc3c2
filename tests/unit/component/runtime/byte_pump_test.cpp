// The pump between two loopback connections: a plain client at each far end.
#include "component/runtime/byte_pump.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "component/runtime/task_group.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/runtime/plain_session.hpp"

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;
using Side = BytePump::Side;
using test::run_until;

constexpr std::size_t kMiB = 1024 * 1024;

// Bytes that show any loss, repetition or change of order.
std::string noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::string bytes(size, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(generator() & 0xff); });
  return bytes;
}

std::shared_ptr<base::TokenBucket> bucket(std::uint64_t rate) {
  return std::make_shared<base::TokenBucket>(rate, base::Clock::now());
}

SessionLimits limited(LimitScope scope, std::uint64_t rate) {
  SessionLimits limits;
  limits.of(scope) = bucket(rate);
  return limits;
}

// Grants nothing for days.
SessionLimits closed() {
  SessionLimits limits = limited(LimitScope::session, 1);
  limits.spend(1'000'000);
  return limits;
}

Task<> relay(BytePump& pump, EndReason& reason) {
  reason = co_await pump.run();
}

class PumpTest : public ::testing::Test {
 protected:
  PumpTest() {
    test::ignore_broken_pipes();
    EXPECT_TRUE(upkeep_.spawn(poller_.run()));
  }
  ~PumpTest() override {
    upkeep_.cancel();
    test::run(context_, upkeep_.join());
  }

  void start(SessionLimits limits = {}, Session* owner = nullptr) {
    auto one = test::connected();
    auto other = test::connected();
    first_.emplace(std::move(one.peer));
    second_.emplace(std::move(other.peer));
    pump_ =
        std::make_unique<BytePump>(context_.get_executor(), poller_, pipes_, std::move(one.served),
                                   std::move(other.served), std::move(limits), owner);
    ending_ = test::start(context_, relay(*pump_, reason_));
  }
  void expect_end(EndReason reason) {
    EXPECT_TRUE(run_until(context_, [&] { return ending_->is_done; })) << "the pump does not end";
    EXPECT_FALSE(ending_->error);
    EXPECT_EQ(to_text(reason_), to_text(reason));
  }

  // Sends both ways at once until all has come unchanged; `disturb` is called all the time.
  template <typename Disturb>
  void exchange(const std::string& there, const std::string& back, Disturb disturb) {
    std::string got_there;
    std::string got_back;
    std::size_t sent_there = 0;
    std::size_t sent_back = 0;
    EXPECT_TRUE(
        run_until(context_,
                  [&] {
                    disturb();
                    sent_there += first_->send_some(std::string_view(there).substr(sent_there));
                    sent_back += second_->send_some(std::string_view(back).substr(sent_back));
                    got_there += second_->receive_some();
                    got_back += first_->receive_some();
                    return got_there.size() == there.size() && got_back.size() == back.size();
                  }))
        << got_there.size() << " and " << got_back.size() << " bytes came";
    EXPECT_TRUE(got_there == there);
    EXPECT_TRUE(got_back == back);
  }
  void exchange(const std::string& there, const std::string& back) {
    exchange(there, back, [] {});
  }
  // Runs what the sockets have to report, which loopback does at once.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      context_.restart();
      context_.run_one_for(1ms);
    }
  }
  // Both directions wait for an allowance after this.
  void send_into_the_limit() {
    first_->send(context_, "held");
    second_->send(context_, "back");
    settle();
    EXPECT_EQ(second_->receive_some(), "");
    EXPECT_EQ(first_->receive_some(), "");
    EXPECT_FALSE(ending_->is_done);
  }
  void close_both() {
    first_->close();
    second_->close();
    expect_end(EndReason::completed);
  }

  test::TempLog log_;
  asio::io_context context_{1};
  Poller poller_{context_.get_executor()};
  TaskGroup upkeep_{context_.get_executor(), log_.log(), 1};
  PipePool pipes_{{.pipe_bytes = 65536, .kept_max = 4}};
  std::optional<test::Peer> first_;
  std::optional<test::Peer> second_;
  std::unique_ptr<BytePump> pump_;
  std::shared_ptr<test::Ending> ending_;
  EndReason reason_ = EndReason::none;
};

// S5B-31
TEST_F(PumpTest, MovesMegabytesBothWaysAtOnceUnchanged) {
  start();
  const std::string there = noise(3 * kMiB + 17, 1);
  const std::string back = noise(2 * kMiB + 1, 2);
  std::string got_there;
  std::string got_back;
  std::size_t sent_there = 0;
  std::size_t sent_back = 0;
  const bool is_done = run_until(context_, [&] {
    sent_there += first_->send_some(std::string_view(there).substr(sent_there, 10'007));
    sent_back += second_->send_some(std::string_view(back).substr(sent_back, 7'919));
    got_there += second_->receive_some(4099);
    got_back += first_->receive_some(131'071);
    return got_there.size() == there.size() && got_back.size() == back.size();
  });
  EXPECT_TRUE(is_done) << got_there.size() << " and " << got_back.size() << " bytes came";
  EXPECT_TRUE(got_there == there);
  EXPECT_TRUE(got_back == back);
  EXPECT_EQ(pump_->bytes_from(Side::first), there.size());
  EXPECT_EQ(pump_->bytes_from(Side::second), back.size());
  first_->close();
  second_->close();
  expect_end(EndReason::completed);
  EXPECT_EQ(pump_->bytes_dropped(), 0U);
}

// S5B-31: nobody has to close or to send more for the last bytes to arrive.
TEST_F(PumpTest, DeliversTheLastBytesWhileTheSenderStaysOpen) {
  start();
  for (const std::size_t size :
       {1U, 2U, 1447U, 4095U, 4096U, 4097U, 65535U, 65536U, 65537U, 262'145U}) {
    const std::string bytes = noise(size, 3);
    std::string got;
    std::size_t sent = 0;
    EXPECT_TRUE(run_until(context_, [&] {
      sent += first_->send_some(std::string_view(bytes).substr(sent));
      got += second_->receive_some();
      return got.size() >= size;
    })) << size;
    EXPECT_TRUE(got == bytes) << size;
  }
  EXPECT_FALSE(ending_->is_done);
  pump_->end(EndReason::ended);
  expect_end(EndReason::ended);
}

// S5B-33
TEST_F(PumpTest, PassesAHalfCloseOnAndKeepsTheOtherDirection) {
  for (const bool is_first_early : {true, false}) {
    start();
    test::Peer& early = is_first_early ? *first_ : *second_;
    test::Peer& late = is_first_early ? *second_ : *first_;
    early.send(context_, "request");
    early.shutdown_send();
    EXPECT_EQ(late.receive_rest(context_), "request");
    EXPECT_TRUE(late.has_ended());
    const std::string answer = noise(kMiB, 4);
    std::string got;
    std::size_t sent = 0;
    EXPECT_TRUE(run_until(context_, [&] {
      sent += late.send_some(std::string_view(answer).substr(sent));
      got += early.receive_some();
      return got.size() >= answer.size();
    }));
    EXPECT_TRUE(got == answer);
    EXPECT_FALSE(ending_->is_done);
    late.shutdown_send();
    EXPECT_EQ(early.receive_rest(context_), "");
    EXPECT_TRUE(early.has_ended());
    expect_end(EndReason::completed);
  }
}

// S5B-33: what was sent before the end arrives before the end, on both sides.
TEST_F(PumpTest, DeliversWhatIsUnderWayWhenBothClose) {
  start();
  first_->send(context_, "last words");
  first_->shutdown_send();
  second_->send(context_, "farewell");
  second_->shutdown_send();
  EXPECT_EQ(second_->receive_rest(context_), "last words");
  EXPECT_EQ(first_->receive_rest(context_), "farewell");
  EXPECT_TRUE(first_->has_ended() && second_->has_ended());
  expect_end(EndReason::completed);
}

TEST_F(PumpTest, EndsAnEmptyStream) {
  start();
  first_->close();
  second_->close();
  expect_end(EndReason::completed);
  EXPECT_EQ(pump_->bytes_from(Side::first) + pump_->bytes_from(Side::second), 0U);
}

// S5B-31: back-pressure. The fast writer is stopped by bounded buffers, not served from memory.
TEST_F(PumpTest, StopsReadingWhenTheSinkStopsAndGoesOnWithIt) {
  start();
  const std::string block = noise(256 * 1024, 5);
  std::size_t sent = 0;
  for (int idle_turns = 0; idle_turns < 100;) {
    const std::size_t n = first_->send_some(std::string_view(block).substr(sent % block.size()));
    sent += n;
    idle_turns = n == 0 ? idle_turns + 1 : 0;
    ASSERT_LT(sent, 64 * kMiB) << "something swallows everything";
    context_.restart();
    context_.run_one_for(1ms);
  }
  EXPECT_FALSE(ending_->is_done);
  first_->shutdown_send();
  std::size_t received = 0;
  bool is_same = true;
  EXPECT_TRUE(run_until(context_, [&] {
    for (const char c : second_->receive_some()) {
      is_same = is_same && c == block[received++ % block.size()];
    }
    return second_->has_ended();
  }));
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(is_same);
  second_->close();
  expect_end(EndReason::completed);
}

// S5B-33: a reset from one side closes the other.
TEST_F(PumpTest, EndsBothSidesWhenOneIsReset) {
  for (const bool is_first : {true, false}) {
    start();
    test::Peer& leaving = is_first ? *first_ : *second_;
    test::Peer& staying = is_first ? *second_ : *first_;
    leaving.send(context_, "x");
    EXPECT_EQ(staying.receive(context_, 1), "x");
    leaving.reset();
    EXPECT_EQ(staying.receive_rest(context_), "");
    expect_end(EndReason::reset);
  }
}

TEST_F(PumpTest, CountsWhatTheOtherSideDidNotTake) {
  start();
  const std::string block = noise(256 * 1024, 6);
  std::size_t sent = 0;
  for (int idle_turns = 0; idle_turns < 100;) {
    const std::size_t n = first_->send_some(block);
    sent += n;
    idle_turns = n == 0 ? idle_turns + 1 : 0;
    context_.restart();
    context_.run_one_for(1ms);
  }
  second_->reset();
  expect_end(EndReason::reset);
  EXPECT_GT(pump_->bytes_dropped(), 0U);
  EXPECT_LE(pump_->bytes_from(Side::first) + pump_->bytes_dropped(), sent);
}

// ROOM-02: a client that does not wait for the activation.
TEST_F(PumpTest, DeliversWhatWasSentBeforeItStarted) {
  auto one = test::connected();
  auto other = test::connected();
  one.peer.send(context_, "early");
  one.peer.shutdown_send();
  BytePump pump(context_.get_executor(), poller_, pipes_, std::move(one.served),
                std::move(other.served), {});
  const auto ending = test::start(context_, relay(pump, reason_));
  EXPECT_EQ(other.peer.receive_rest(context_), "early");
  other.peer.close();
  EXPECT_TRUE(run_until(context_, [&] { return ending->is_done; }));
  EXPECT_EQ(reason_, EndReason::completed);
}

TEST_F(PumpTest, CanBeEndedBeforeItRuns) {
  auto one = test::connected();
  auto other = test::connected();
  BytePump pump(context_.get_executor(), poller_, pipes_, std::move(one.served),
                std::move(other.served), {});
  pump.end(EndReason::shutdown);
  test::run(context_, relay(pump, reason_));
  EXPECT_EQ(reason_, EndReason::shutdown);
}

TEST_F(PumpTest, FailsWithSocketsThatCannotBeWatched) {
  auto one = test::connected();
  base::UniqueFd no_socket(::open("/dev/null", O_RDWR | O_CLOEXEC));  // epoll refuses it
  BytePump pump(context_.get_executor(), poller_, pipes_, std::move(one.served),
                std::move(no_socket), {});
  test::run(context_, relay(pump, reason_));
  EXPECT_EQ(reason_, EndReason::failed);
  EXPECT_EQ(one.peer.receive_rest(context_), "");
}

// S5B-34: the sweep ends a session in this way.
TEST_F(PumpTest, EndsForTheFirstReasonItWasGiven) {
  start();
  first_->send(context_, "x");
  EXPECT_EQ(second_->receive(context_, 1), "x");
  pump_->end(EndReason::idle);
  pump_->end(EndReason::shutdown);
  expect_end(EndReason::idle);
  EXPECT_EQ(first_->receive_rest(context_), "");
  EXPECT_EQ(second_->receive_rest(context_), "");
}

TEST_F(PumpTest, KnowsWhenTheLastByteMoved) {
  const auto begin = base::Clock::now();
  start();
  const auto started = pump_->last_progress();
  EXPECT_GE(started, begin);
  first_->send(context_, "x");
  EXPECT_EQ(second_->receive(context_, 1), "x");
  const auto moved = pump_->last_progress();
  EXPECT_GT(moved, started);
  first_->shutdown_send();
  EXPECT_EQ(second_->receive_rest(context_), "");
  EXPECT_EQ(pump_->last_progress(), moved);
  second_->close();
  expect_end(EndReason::completed);
}

TEST_F(PumpTest, FailsWithoutDescriptorsForAPipe) {
  start();
  context_.poll();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::dup(0);
  ::close(lowest_free);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  first_->send_some("x");
  expect_end(EndReason::failed);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

// S5B-35: neither pipes nor sockets are left when a stream is over.
TEST_F(PumpTest, LeavesNoDescriptorBehind) {
  const std::size_t before = test::open_descriptors();
  for (int round = 0; round < 20; ++round) {
    PipePool pipes({.pipe_bytes = 65536, .kept_max = 4});
    auto one = test::connected();
    auto other = test::connected();
    BytePump pump(context_.get_executor(), poller_, pipes, std::move(one.served),
                  std::move(other.served), {});
    EndReason reason = EndReason::none;
    const auto ending = test::start(context_, relay(pump, reason));
    one.peer.send(context_, noise(100'000, 7));
    if (round % 2 == 0) {
      EXPECT_EQ(other.peer.receive(context_, 100'000).size(), 100'000U);
      one.peer.close();
      other.peer.close();
    } else {
      other.peer.reset();
    }
    EXPECT_TRUE(run_until(context_, [&] { return ending->is_done; }));
  }
  EXPECT_EQ(test::open_descriptors(), before);
}

// S5B-37: a limit slows a stream down, it loses nothing.
TEST_F(PumpTest, MovesEverythingUnderALimitAndNoFasterThanThat) {
  constexpr std::uint64_t kRate = 4 * kMiB;
  const auto begin = base::Clock::now();
  SessionLimits limits = limited(LimitScope::session, kRate);
  limits.of(LimitScope::total) = bucket(100 * kRate);
  start(std::move(limits));
  exchange(noise(kMiB / 2, 8), noise(kMiB / 2, 9));
  // Both directions together: 1 MiB less the burst of 5 % of a second, at 4 MiB a second.
  EXPECT_GE(base::Clock::now() - begin, 190ms);
  close_both();
}

// S5B-37: a grant of a few bytes leaves the rest in the socket, and no event tells of it again.
TEST_F(PumpTest, TakesManySmallGrantsForOneMessage) {
  start(limited(LimitScope::jid, 2000));
  const std::string message = noise(600, 10);
  first_->send(context_, message);
  EXPECT_TRUE(second_->receive(context_, message.size()) == message);
  EXPECT_FALSE(ending_->is_done);
  close_both();
}

// S5B-37: whoever wakes first may not take what others wait for again and again.
TEST_F(PumpTest, StreamsOnOneBucketGetAboutTheSame) {
  constexpr std::size_t kWanted = kMiB;
  SessionLimits limits;
  limits.of(LimitScope::jid) = bucket(4 * kMiB);
  start(limits);
  auto one = test::connected();
  auto other = test::connected();
  test::Peer sender(std::move(one.peer));
  test::Peer receiver(std::move(other.peer));
  EndReason reason = EndReason::none;
  BytePump second(context_.get_executor(), poller_, pipes_, std::move(one.served),
                  std::move(other.served), limits, nullptr);
  const auto ending = test::start(context_, relay(second, reason));
  const std::string bytes = noise(kMiB / 4, 19);
  std::size_t by_first = 0;
  std::size_t by_second = 0;
  EXPECT_TRUE(run_until(context_, [&] {
    (void)first_->send_some(bytes);
    (void)sender.send_some(bytes);
    by_first += second_->receive_some().size();
    by_second += receiver.receive_some().size();
    return by_first + by_second >= kWanted;
  }));
  EXPECT_GE(by_first, kWanted / 4);
  EXPECT_GE(by_second, kWanted / 4);
  second.end(EndReason::ended);
  EXPECT_TRUE(run_until(context_, [&] { return ending->is_done; }));
  pump_->end(EndReason::ended);
  expect_end(EndReason::ended);
}

TEST_F(PumpTest, EndsAtOnceAlthoughALimitKeepsItWaiting) {
  start(closed());
  send_into_the_limit();
  pump_->end(EndReason::ended);
  expect_end(EndReason::ended);
}

// S5B-37: limits that are set while bytes flow hold for the next of them.
TEST_F(PumpTest, ObeysALimitThatIsSetWhileItRuns) {
  start();
  exchange(noise(kMiB, 11), noise(kMiB, 12));
  const auto begin = base::Clock::now();
  pump_->set_limits(limited(LimitScope::domain, 4 * kMiB));
  exchange(noise(kMiB / 2, 13), noise(kMiB / 2, 14));
  EXPECT_GE(base::Clock::now() - begin, 190ms);
  close_both();
}

TEST_F(PumpTest, ObeysALimitThatIsLoweredWhileItRuns) {
  start(limited(LimitScope::session, 1000 * kMiB));
  exchange(noise(kMiB, 15), noise(kMiB, 16));
  const auto begin = base::Clock::now();
  pump_->set_limits(limited(LimitScope::session, 1000));
  exchange(noise(100, 17), noise(100, 18));
  EXPECT_GE(base::Clock::now() - begin, 150ms);  // 200 bytes less 50 at once
  close_both();
}

// The allowance it waits for would not come for days.
TEST_F(PumpTest, GoesOnAtOnceWhenTheLimitItWaitsForIsRaised) {
  start(closed());
  send_into_the_limit();
  pump_->set_limits(limited(LimitScope::jid, 1000 * kMiB));
  EXPECT_EQ(second_->receive(context_, 4), "held");
  EXPECT_EQ(first_->receive(context_, 4), "back");
  EXPECT_TRUE(pump_->limits().any());
  close_both();
}

TEST_F(PumpTest, GoesOnAtOnceWhenTheLimitItWaitsForIsRemoved) {
  start(closed());
  send_into_the_limit();
  pump_->set_limits({});
  EXPECT_EQ(second_->receive(context_, 4), "held");
  EXPECT_EQ(first_->receive(context_, 4), "back");
  EXPECT_FALSE(pump_->limits().any());
  exchange(noise(kMiB, 19), noise(kMiB, 20));
  close_both();
}

TEST_F(PumpTest, WaitsOnWhenTheOtherLimitGrantsNothingEither) {
  start(closed());
  send_into_the_limit();
  for (int i = 0; i < 3; ++i) {
    pump_->set_limits(closed());
    settle();
    EXPECT_EQ(second_->receive_some(), "");
  }
  pump_->set_limits({});
  pump_->set_limits(closed());
  pump_->end(EndReason::ended);  // before the changed limits were looked at
  expect_end(EndReason::ended);
}

TEST_F(PumpTest, TakesOtherLimitsBeforeItRunsAndAfterItsEnd) {
  auto one = test::connected();
  auto other = test::connected();
  BytePump pump(context_.get_executor(), poller_, pipes_, std::move(one.served),
                std::move(other.served), closed());
  pump.set_limits({});
  const auto ending = test::start(context_, relay(pump, reason_));
  one.peer.send(context_, "free");
  EXPECT_EQ(other.peer.receive(context_, 4), "free");
  pump.end(EndReason::ended);
  pump.set_limits(closed());
  EXPECT_TRUE(run_until(context_, [&] { return ending->is_done; }));
  pump.set_limits({});
}

// S5B-31, S5B-37: whatever is set while bytes flow, none is lost, doubled or swapped.
TEST_F(PumpTest, MovesEverythingWhileItsLimitsChangeAllTheTime) {
  start();
  std::mt19937 dice(21);
  exchange(noise(kMiB, 22), noise(kMiB, 23), [&] {
    switch (dice() % 8) {
      case 0:
        return pump_->set_limits({});
      case 1:
        return pump_->set_limits(limited(LimitScope::session, 1));
      case 2:
        return pump_->set_limits(limited(LimitScope::total, kMiB + dice() % (100 * kMiB)));
      case 3:
        return pump_->set_limits(closed());
      default:
        return;
    }
  });
  close_both();
  EXPECT_EQ(pump_->bytes_from(Side::first), kMiB);
  EXPECT_EQ(pump_->bytes_from(Side::second), kMiB);
  EXPECT_EQ(pump_->bytes_dropped(), 0U);
}

// What counts the bytes looks at those alone that have moved some.
TEST_F(PumpTest, TellsItsOwnerOfProgress) {
  SessionList list;
  test::PlainSession owner(1);
  int news = 0;
  list.add(owner);
  start({}, &owner);
  list.follow([&news] { ++news; });
  (void)list.collect();
  news = 0;
  settle();
  EXPECT_EQ(news, 0) << "nothing has moved";
  first_->send(context_, "x");
  EXPECT_EQ(second_->receive(context_, 1), "x");
  EXPECT_EQ(news, 1);
  EXPECT_EQ(list.collect().moved.size(), 1U);
  second_->send(context_, "y");
  EXPECT_EQ(first_->receive(context_, 1), "y");
  EXPECT_EQ(news, 2);
  close_both();
}

}  // namespace
}  // namespace bellhop::runtime

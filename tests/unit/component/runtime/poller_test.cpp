// Readiness of descriptors, told once for each change.
#include "component/runtime/poller.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "component/runtime/task_group.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::runtime {
namespace {

using test::run_until;

// Notes what it is told.
struct Noted final : Poller::Watch {
  void on_ready(std::uint32_t events) override {
    ++calls;
    seen |= events;
    if (then) then();
  }
  void on_turn() override {
    ++turns;
    if (then) then();
  }
  int calls = 0;
  int turns = 0;
  std::uint32_t seen = 0;
  std::function<void()> then;
};

class PollerTest : public ::testing::Test {
 protected:
  PollerTest() { EXPECT_TRUE(upkeep_.spawn(poller_.run())); }
  ~PollerTest() override {
    upkeep_.cancel();
    test::run(context_, upkeep_.join());
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  void expect_seen(const Noted& watch, std::uint32_t event) {
    EXPECT_TRUE(run_until(context_, [&] { return (watch.seen & event) != 0; })) << event;
  }

  test::TempLog log_;
  asio::io_context context_{1};
  Poller poller_{context_.get_executor()};
  TaskGroup upkeep_{context_.get_executor(), log_.log(), 1};
};

TEST_F(PollerTest, TellsWhatIsReadyAlready) {
  auto pair = test::connected();
  pair.peer.send(context_, "x");
  Noted watch;
  ASSERT_TRUE(poller_.add(pair.served.value(), watch));
  expect_seen(watch, EPOLLIN);
  expect_seen(watch, EPOLLOUT);
  poller_.forget(watch);
}

TEST_F(PollerTest, TellsOfEachChangeOnce) {
  auto pair = test::connected();
  Noted watch;
  ASSERT_TRUE(poller_.add(pair.served.value(), watch));
  expect_seen(watch, EPOLLOUT);
  const int before = watch.calls;
  settle();
  settle();
  EXPECT_EQ(watch.calls, before);
  EXPECT_FALSE(watch.seen & EPOLLIN);
  pair.peer.send(context_, "x");
  expect_seen(watch, EPOLLIN);
  pair.peer.shutdown_send();
  expect_seen(watch, EPOLLRDHUP);
  poller_.forget(watch);
}

TEST_F(PollerTest, TellsOfAReset) {
  auto pair = test::connected();
  Noted watch;
  ASSERT_TRUE(poller_.add(pair.served.value(), watch));
  pair.peer.reset();
  expect_seen(watch, EPOLLERR);
  poller_.forget(watch);
}

TEST_F(PollerTest, RefusesWhatCannotBeWatched) {
  const base::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Noted watch;
  EXPECT_FALSE(poller_.add(nothing.value(), watch));
  EXPECT_FALSE(poller_.add(-1, watch));
}

// Both are ready in one batch: the first that is told takes the other with it.
TEST_F(PollerTest, TellsNothingToWhomWasForgottenMeanwhile) {
  auto one = test::connected();
  auto other = test::connected();
  Noted first;
  Noted second;
  first.then = [&] {
    other.served.reset();
    poller_.forget(second);
  };
  second.then = [&] {
    one.served.reset();
    poller_.forget(first);
  };
  ASSERT_TRUE(poller_.add(one.served.value(), first));
  ASSERT_TRUE(poller_.add(other.served.value(), second));
  EXPECT_TRUE(run_until(context_, [&] { return first.calls + second.calls > 0; }));
  settle();
  EXPECT_EQ((first.calls > 0) + (second.calls > 0), 1);
  poller_.forget(first);
  poller_.forget(second);
}

TEST_F(PollerTest, CallsAgainInTheNextRoundAndNotBefore) {
  auto pair = test::connected();
  Noted watch;
  int rounds = 0;
  watch.then = [&] {
    const int turns = watch.turns;
    if (++rounds < 4) poller_.call_again(watch);
    poller_.call_again(watch);  // asking twice is asking once
    EXPECT_EQ(watch.turns, turns);
    if (rounds >= 4) poller_.forget(watch);
  };
  ASSERT_TRUE(poller_.add(pair.served.value(), watch));
  EXPECT_TRUE(run_until(context_, [&] { return rounds >= 4; }));
  settle();
  EXPECT_EQ(watch.calls + watch.turns, 4);
}

}  // namespace
}  // namespace bellhop::runtime

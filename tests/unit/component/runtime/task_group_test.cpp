// What coroutines are made of: Event, TaskGroup, run_every, with_deadline and hop.
#include "component/runtime/task_group.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "component/runtime/periodic.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/timeout.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;
using test::run_until;

Task<> count_wakes(Event& event, int& wakes, int wanted) {
  while (wakes < wanted) {
    co_await event.wait();
    ++wakes;
  }
}

// Ends only by cancellation; says whether it has.
Task<> wait_for_ever(Executor executor, bool& has_ended) {
  Timer timer(executor, base::TimePoint::max());
  co_await timer.async_wait(kTuple);
  has_ended = true;
}

Task<> throw_at_once(std::string what) {
  throw std::runtime_error(what);
  co_return;
}

class Coroutines : public ::testing::Test {
 protected:
  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  // Cancels the group and runs until it is empty, as an owner does.
  void stop(TaskGroup& group) {
    group.cancel();
    test::run(context_, group.join());
    EXPECT_EQ(group.size(), 0U);
  }
  // Runs everything that can run without waiting.
  void settle() {
    context_.restart();
    context_.poll();
  }

  test::TempLog log_;
  asio::io_context context_{1};
};

TEST_F(Coroutines, AreWokenByAnEventThatIsSetLater) {
  Event event(executor());
  int wakes = 0;
  const auto ending = test::start(context_, count_wakes(event, wakes, 2));
  settle();
  EXPECT_EQ(wakes, 0);
  event.set();
  EXPECT_EQ(wakes, 0) << "the setter was interrupted";
  settle();
  EXPECT_EQ(wakes, 1);
  event.set();
  settle();
  EXPECT_TRUE(ending->is_done);
}

TEST_F(Coroutines, AreWokenOnceByAnEventThatWasSetBefore) {
  Event event(executor());
  event.set();
  event.set();
  int wakes = 0;
  const auto ending = test::start(context_, count_wakes(event, wakes, 2));
  settle();
  EXPECT_EQ(wakes, 1);
  EXPECT_FALSE(ending->is_done);
  event.set();
  settle();
  EXPECT_TRUE(ending->is_done);
}

TEST_F(Coroutines, LeaveAnEventWhenTheyAreCancelled) {
  Event event(executor());
  TaskGroup group(executor(), log_.log(), 1);
  int wakes = 0;
  ASSERT_TRUE(group.spawn(count_wakes(event, wakes, 100)));
  settle();
  stop(group);
  EXPECT_LE(wakes, 1);
  event.set();  // nobody is left to be woken
  settle();
  EXPECT_FALSE(log_.has("task_failed"));
}

TEST_F(Coroutines, OfAGroupAreLimitedInNumber) {
  TaskGroup group(executor(), log_.log(), 2);
  bool first = false;
  bool second = false;
  bool third = false;
  Event event(executor());
  int wakes = 0;
  EXPECT_TRUE(group.spawn(wait_for_ever(executor(), first)));
  EXPECT_TRUE(group.spawn(count_wakes(event, wakes, 1)));
  EXPECT_FALSE(group.spawn(wait_for_ever(executor(), third)));
  EXPECT_EQ(group.size(), 2U);
  settle();
  event.set();
  settle();
  EXPECT_EQ(group.size(), 1U);
  EXPECT_TRUE(group.spawn(wait_for_ever(executor(), second)));
  settle();
  stop(group);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(third) << "a refused task ran";
}

TEST_F(Coroutines, AreRefusedByAGroupThatWasCancelled) {
  TaskGroup group(executor(), log_.log(), 10);
  stop(group);
  bool has_ended = false;
  EXPECT_FALSE(group.spawn(wait_for_ever(executor(), has_ended)));
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(Coroutines, AreJoinedOnlyWhenTheLastHasEnded) {
  TaskGroup group(executor(), log_.log(), 2);
  Event first(executor());
  Event second(executor());
  int wakes = 0;
  int others = 0;
  ASSERT_TRUE(group.spawn(count_wakes(first, wakes, 1)));
  ASSERT_TRUE(group.spawn(count_wakes(second, others, 1)));
  const auto join = test::start(context_, group.join());
  first.set();
  settle();
  EXPECT_EQ(group.size(), 1U);
  EXPECT_FALSE(join->is_done);
  second.set();
  settle();
  EXPECT_TRUE(join->is_done);
}

// A child that takes its time to end although its owner is cancelled too.
Task<> end_when_told(Event& event, bool& has_ended) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await event.wait();
  has_ended = true;
}

Task<> own_a_group(TaskGroup& children, bool& has_joined) {
  co_await children.join();
  has_joined = true;
}

TEST_F(Coroutines, AreJoinedToTheEndByAnOwnerThatIsCancelledMeanwhile) {
  TaskGroup owners(executor(), log_.log(), 1);
  TaskGroup children(executor(), log_.log(), 1);
  Event event(executor());
  bool has_ended = false;
  bool has_joined = false;
  ASSERT_TRUE(children.spawn(end_when_told(event, has_ended)));
  ASSERT_TRUE(owners.spawn(own_a_group(children, has_joined)));
  settle();
  owners.cancel();
  settle();
  EXPECT_FALSE(has_joined);
  event.set();
  stop(owners);
  EXPECT_TRUE(has_ended);
  EXPECT_EQ(children.size(), 0U);
}

TEST_F(Coroutines, ThatThrowAreLoggedAndEndAlone) {
  TaskGroup group(executor(), log_.log(), 2);
  bool has_ended = false;
  ASSERT_TRUE(group.spawn(wait_for_ever(executor(), has_ended)));
  ASSERT_TRUE(group.spawn(throw_at_once("out of luck")));
  settle();
  EXPECT_EQ(group.size(), 1U);
  EXPECT_TRUE(log_.has(R"(error event=task_failed what="out of luck")")) << log_.text();
  EXPECT_FALSE(has_ended);
  stop(group);
}

TEST_F(Coroutines, ThatAreCancelledEndWithoutALine) {
  TaskGroup group(executor(), log_.log(), 1);
  bool has_ended = false;
  ASSERT_TRUE(group.spawn(wait_for_ever(executor(), has_ended)));
  settle();
  stop(group);
  EXPECT_TRUE(has_ended);
  EXPECT_EQ(log_.text(), "");
}

TEST(CoroutinesDeathTest, MustHaveEndedBeforeTheirGroup) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave_a_child_behind = [] {
    asio::io_context context(1);
    test::TempLog log;
    bool has_ended = false;
    TaskGroup group(context.get_executor(), log.log(), 1);
    (void)group.spawn(wait_for_ever(context.get_executor(), has_ended));
  };
  EXPECT_DEATH(leave_a_child_behind(), "broken invariant: children_.empty");
}

TEST_F(Coroutines, DoSomethingAgainAndAgainUntilTheyAreCancelled) {
  TaskGroup group(executor(), log_.log(), 1);
  std::vector<base::TimePoint> times;
  auto note = [&times](base::TimePoint now) { times.push_back(now); };
  const auto begin = base::Clock::now();
  ASSERT_TRUE(group.spawn(run_every(executor(), 1ms, note)));
  EXPECT_TRUE(run_until(context_, [&] { return times.size() >= 3; }));
  stop(group);
  EXPECT_GE(times[0], begin + 1ms);
  EXPECT_GE(times[1], times[0] + 1ms);
  EXPECT_GE(times[2], times[1] + 1ms);
}

Task<int> answer_now() {
  co_return 42;
}

// Its destructor tells that the coroutine's frame is gone.
struct Trace {
  explicit Trace(bool& is_gone) : is_gone_(is_gone) {}
  ~Trace() { is_gone_ = true; }
  bool& is_gone_;
};

Task<int> answer_never(Executor executor, bool& is_gone) {
  const Trace trace(is_gone);
  Timer timer(executor, base::TimePoint::max());
  co_await timer.async_wait(kTuple);
  co_return 1;
}

TEST_F(Coroutines, ThatEndBeforeTheirDeadlineGiveTheirValue) {
  EXPECT_EQ(test::run(context_, with_deadline(answer_now(), base::Deadline::after(1h))), 42);
}

TEST_F(Coroutines, ThatMissTheirDeadlineAreCancelledAndGone) {
  bool is_gone = false;
  auto late = with_deadline(answer_never(executor(), is_gone), base::Deadline::after(1ms));
  EXPECT_EQ(test::run(context_, std::move(late)), std::nullopt);
  EXPECT_TRUE(is_gone);
  is_gone = false;
  auto passed = with_deadline(answer_never(executor(), is_gone), base::Deadline::after(-1h));
  EXPECT_EQ(test::run(context_, std::move(passed)), std::nullopt);
  EXPECT_TRUE(is_gone);
}

struct Arrival {
  int number;
  std::thread::id thread;
};

Task<> hop_over(ShardSet& shards, std::vector<Arrival>& arrivals, int number, int& returned) {
  auto cargo = std::make_unique<int>(number);
  auto note = [&arrivals, moved = std::move(cargo)]() mutable {
    arrivals.push_back({*moved, std::this_thread::get_id()});
    return std::move(moved);
  };
  const auto back = co_await hop(shards.at(1), std::move(note));
  EXPECT_EQ(*back, number);
  if (++returned == 100) shards.release();
}

// STZ-09: what a handler hands to another shard keeps its order.
TEST(Shard, GetsWhatHopsToItInOrderAndSendsTheValueBack) {
  ShardSet shards(2);
  EXPECT_EQ(shards.size(), 2U);
  EXPECT_EQ(shards.control().index(), 0U);
  std::vector<Arrival> arrivals;  // written by shard 1 alone, read after its thread has ended
  int returned = 0;               // written by shard 0 alone
  for (int i = 0; i < 100; ++i) {
    asio::co_spawn(shards.control().executor(), hop_over(shards, arrivals, i, returned),
                   [](std::exception_ptr error) { EXPECT_FALSE(error); });
  }
  shards.run();
  EXPECT_EQ(returned, 100);
  ASSERT_EQ(arrivals.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(arrivals[static_cast<std::size_t>(i)].number, i);
    EXPECT_NE(arrivals[static_cast<std::size_t>(i)].thread, std::this_thread::get_id());
  }
}

TEST(Shard, RunsUntilItIsReleased) {
  ShardSet shards(3);
  bool has_run = false;
  asio::post(shards.at(2).executor(), [&] {
    has_run = true;
    shards.release();
  });
  shards.run();
  EXPECT_TRUE(has_run);
}

}  // namespace
}  // namespace bellhop::runtime

// Deadlines: never early, a second late at the most.
#include "component/base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bellhop::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(1000)};

struct Timed : TimerWheel<Timed>::Hook {
  explicit Timed(std::string text) : name(std::move(text)) {}
  std::string name;
  TimePoint deadline;
};

std::string expired(TimerWheel<Timed>& wheel, TimePoint now) {
  std::string names;
  wheel.advance(now, [&](Timed& value) { names += value.name; });
  return names;
}

TEST(TimerWheel, CallsEachOnceItsDeadlineHasPassedAndNotBefore) {
  TimerWheel<Timed> wheel(16, kStart);
  Timed a("a");
  Timed b("b");
  wheel.set(b, kStart + seconds(3));
  wheel.set(a, kStart + seconds(2));
  EXPECT_EQ(expired(wheel, kStart + seconds(2)), "");
  EXPECT_EQ(expired(wheel, kStart + seconds(3)), "a");
  EXPECT_EQ(expired(wheel, kStart + seconds(10)), "b");
  EXPECT_EQ(expired(wheel, kStart + seconds(100)), "");
}

TEST(TimerWheel, NeverCallsBeforeAndAtMostASecondAfterTheDeadline) {
  std::mt19937 random(3);
  TimerWheel<Timed> wheel(64, kStart);
  std::vector<Timed> values(500, Timed(""));
  for (Timed& value : values) {
    value.deadline = kStart + milliseconds(random() % 50'000);
    wheel.set(value, value.deadline);
  }
  std::size_t called = 0;
  for (TimePoint now = kStart; now < kStart + seconds(60); now += milliseconds(100)) {
    wheel.advance(now, [&](Timed& value) {
      ++called;
      EXPECT_GE(now, value.deadline);
      EXPECT_LE(now, value.deadline + milliseconds(1100));
    });
  }
  EXPECT_EQ(called, values.size());
}

TEST(TimerWheel, AsksEarlyForWhatLiesBeyondItsSlots) {
  TimerWheel<Timed> wheel(4, kStart);
  Timed far("f");
  wheel.set(far, kStart + seconds(11));
  int asked = 0;
  TimePoint done{};
  for (TimePoint now = kStart; done == TimePoint{}; now += seconds(1)) {
    wheel.advance(now, [&](Timed& value) {
      ++asked;
      if (now < kStart + seconds(11)) {
        wheel.set(value, kStart + seconds(11));
      } else {
        done = now;
      }
    });
  }
  EXPECT_EQ(done, kStart + seconds(12));
  EXPECT_GT(asked, 1);
}

TEST(TimerWheel, ForgetsWhatIsDestroyedOrMoved) {
  TimerWheel<Timed> wheel(16, kStart);
  Timed stays("s");
  {
    Timed gone("g");
    wheel.set(gone, kStart + seconds(1));
    wheel.set(stays, kStart + seconds(1));
  }
  wheel.set(stays, kStart + seconds(5));
  EXPECT_EQ(expired(wheel, kStart + seconds(4)), "");
  EXPECT_EQ(expired(wheel, kStart + seconds(6)), "s");
}

TEST(TimerWheel, LetsAnotherValueBeDestroyedWhileOneIsCalled) {
  TimerWheel<Timed> wheel(16, kStart);
  Timed first("1");
  auto second = std::make_unique<Timed>("2");
  wheel.set(first, kStart);
  wheel.set(*second, kStart);
  int calls = 0;
  wheel.advance(kStart + seconds(2), [&](Timed&) {
    ++calls;
    second.reset();
  });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace bellhop::base

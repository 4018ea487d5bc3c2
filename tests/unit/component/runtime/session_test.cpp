// The sessions of a shard.
#include "component/runtime/session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kNow{base::Duration(1h)};

// A session that notes how it was ended and goes away then, as real ones do.
class Noted final : public Session {
 public:
  Noted(base::TimePoint progress, std::vector<EndReason>& endings)
      : progress_(progress), endings_(endings) {}
  [[nodiscard]] std::string_view kind() const override { return "noted"; }
  void end(EndReason reason) override {
    endings_.push_back(reason);
    unlink();
  }
  [[nodiscard]] base::TimePoint last_progress() const override { return progress_; }

 private:
  base::TimePoint progress_;
  std::vector<EndReason>& endings_;
};

TEST(EndReason, HasAWordOfItsOwnForEachWayToEnd) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(EndReason::failed); ++i) {
    EXPECT_TRUE(words.insert(to_text(static_cast<EndReason>(i))).second) << i;
  }
  EXPECT_EQ(to_text(EndReason::completed), "completed");
}

TEST(SessionList, ForgetsASessionThatIsDestroyed) {
  SessionList list;
  std::vector<EndReason> endings;
  auto session = std::make_unique<Noted>(kNow, endings);
  list.add(*session);
  EXPECT_EQ(list.count(), 1U);
  session.reset();
  EXPECT_EQ(list.count(), 0U);
}

// S5B-34: just before the time-out nothing happens, at the time-out it ends.
TEST(SessionList, EndsASessionThatWasIdleForTheWholeTimeOut) {
  SessionList list;
  std::vector<EndReason> endings;
  Noted session(kNow, endings);
  list.add(session);
  list.end_idle(kNow + 10min - 1ns, 10min);
  EXPECT_TRUE(endings.empty());
  list.end_idle(kNow + 10min, 10min);
  EXPECT_EQ(endings, std::vector{EndReason::idle});
}

TEST(SessionList, EndsOnlyTheIdleOnesAmongMany) {
  SessionList list;
  std::vector<EndReason> idle;
  std::vector<EndReason> busy;
  Noted first(kNow - 11min, idle);
  Noted second(kNow - 9min, busy);
  Noted third(kNow - 10min, idle);
  for (Noted* session : {&first, &second, &third}) list.add(*session);
  list.end_idle(kNow, 10min);
  EXPECT_EQ(idle.size(), 2U);
  EXPECT_TRUE(busy.empty());
  EXPECT_EQ(list.count(), 1U);
}

TEST(SessionList, EndsAllWhateverTheyDo) {
  SessionList list;
  std::vector<EndReason> endings;
  Noted first(kNow, endings);
  Noted second(kNow, endings);
  list.add(first);
  list.add(second);
  list.end_all(EndReason::shutdown);
  EXPECT_EQ(endings, (std::vector{EndReason::shutdown, EndReason::shutdown}));
  EXPECT_EQ(list.count(), 0U);
}

}  // namespace
}  // namespace bellhop::runtime

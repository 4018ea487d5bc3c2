// The sessions of a shard: order, ends, and bytes that are counted once.
#include "component/runtime/session.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "tests/unit/component/runtime/plain_session.hpp"

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;
using test::id_of;
using test::PlainSession;

constexpr base::TimePoint kNow{base::Duration(1h)};

TEST(EndReason, HasAWordOfItsOwnForEachWayToEnd) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(EndReason::failed); ++i) {
    EXPECT_TRUE(words.insert(to_text(static_cast<EndReason>(i))).second) << i;
  }
  EXPECT_EQ(to_text(EndReason::completed), "completed");
}

TEST(SessionBytes, AreWhatCameSinceBefore) {
  const SessionBytes before{10, 20, 1};
  const SessionBytes now{15, 20, 4};
  EXPECT_EQ(now.since(before), (SessionBytes{5, 0, 3}));
  EXPECT_EQ(now.delivered(), 35U);
}

TEST(SessionList, ForgetsASessionThatIsDestroyed) {
  SessionList list;
  auto session = std::make_unique<PlainSession>(1);
  list.add(*session);
  EXPECT_EQ(list.count(), 1U);
  session.reset();
  EXPECT_EQ(list.count(), 0U);
  EXPECT_EQ(list.find(id_of(1)), nullptr);
}

TEST(SessionList, MayGoBeforeItsSessions) {
  PlainSession session(1);
  {
    SessionList list;
    list.add(session);
    session.move({1, 0, 0});
  }
  session.move({1, 0, 0});
  EXPECT_EQ(session.counts, 0);
}

TEST(SessionList, KeepsSessionsInTheOrderInWhichTheyBegan) {
  SessionList list;
  PlainSession third(3);
  PlainSession first(1);
  PlainSession second(2);
  for (PlainSession* session : {&third, &first, &second}) list.add(*session);
  std::vector<base::Ulid> seen;
  list.for_each([&](Session& session) { seen.push_back(session.id()); });
  EXPECT_EQ(seen, (std::vector{id_of(1), id_of(2), id_of(3)}));
}

TEST(SessionList, FindsASessionByItsId) {
  SessionList list;
  PlainSession first(1);
  PlainSession second(2);
  list.add(first);
  list.add(second);
  EXPECT_EQ(list.find(id_of(2)), &second);
  EXPECT_EQ(list.find(id_of(3)), nullptr);
  list.finish(second, EndReason::completed);
  EXPECT_EQ(list.find(id_of(2)), nullptr);
}

TEST(SessionListDeathTest, HoldsEachSessionOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  SessionList list;
  PlainSession session(1);
  PlainSession twin(1);
  EXPECT_DEATH(list.finish(session, EndReason::completed), "broken invariant");
  list.add(session);
  EXPECT_DEATH(list.add(twin), "broken invariant");
}

// S5B-34: just before the time-out nothing happens, at the time-out it ends.
TEST(SessionList, EndsASessionThatWasIdleForTheWholeTimeOut) {
  SessionList list;
  PlainSession session(1, kNow);
  session.join(list);
  list.end_idle(kNow + 10min - 1ns, 10min);
  EXPECT_TRUE(session.endings.empty());
  list.end_idle(kNow + 10min, 10min);
  EXPECT_EQ(session.endings, std::vector{EndReason::idle});
}

TEST(SessionList, EndsOnlyTheIdleOnesAmongMany) {
  SessionList list;
  PlainSession first(1, kNow - 11min);
  PlainSession second(2, kNow - 9min);
  PlainSession third(3, kNow - 10min);
  for (PlainSession* session : {&first, &second, &third}) session->join(list);
  list.end_idle(kNow, 10min);
  EXPECT_EQ(first.endings.size() + third.endings.size(), 2U);
  EXPECT_TRUE(second.endings.empty());
  EXPECT_EQ(list.count(), 1U);
}

TEST(SessionList, EndsAllWhateverTheyDo) {
  SessionList list;
  PlainSession first(1);
  PlainSession second(2);
  first.join(list);
  second.join(list);
  list.end_all(EndReason::shutdown);
  EXPECT_EQ(first.endings, std::vector{EndReason::shutdown});
  EXPECT_EQ(second.endings, std::vector{EndReason::shutdown});
  EXPECT_EQ(list.count(), 0U);
}

TEST(SessionList, CountsBytesAlsoWhenNobodyFollows) {
  SessionList list;
  PlainSession session(1);
  list.add(session);
  session.move({3, 4, 0});
  EXPECT_EQ(session.counts, 0);
  EXPECT_TRUE(list.collect().is_empty());
  EXPECT_EQ(session.counted, (SessionBytes{3, 4, 0}));
  EXPECT_TRUE(list.collect().is_empty());
  EXPECT_EQ(session.counts, 1);
  session.move({0, 0, 9});
  list.finish(session, EndReason::reset);
  EXPECT_EQ(session.counted, (SessionBytes{3, 4, 9}));
}

// A kind that could not start a session counts none of its bytes.
TEST(SessionList, DoesNotCountASessionThatIsDestroyedUnfinished) {
  SessionList list;
  int news = 0;
  list.follow([&] { ++news; });
  {
    PlainSession session(1);
    list.add(session);
    session.move({1, 0, 0});
  }
  const SessionBatch batch = list.collect();
  EXPECT_TRUE(batch.moved.empty());
  EXPECT_TRUE(batch.ended.empty());
  EXPECT_EQ(news, 1);
}

TEST(SessionList, TellsHowASessionGoesFromBatchToBatch) {
  SessionList list;
  list.follow([] {});
  PlainSession session(1);
  list.add(session);
  SessionBatch batch = list.collect();
  ASSERT_EQ(batch.started.size(), 1U);
  EXPECT_EQ(batch.started[0].id, id_of(1));
  EXPECT_EQ(batch.started[0].requester, "alice@example.org/phone");
  EXPECT_TRUE(batch.moved.empty() && batch.ended.empty());
  const auto before = std::chrono::system_clock::now();
  session.move({5, 0, 0});
  session.move({5, 1, 0});
  batch = list.collect();
  ASSERT_EQ(batch.moved.size(), 1U);
  EXPECT_EQ(batch.moved[0].bytes, (SessionBytes{10, 1, 0}));
  EXPECT_GE(batch.moved[0].at, before);
  EXPECT_EQ(batch.moved[0].rate_limit, 0U);
  EXPECT_TRUE(batch.started.empty() && batch.ended.empty());
  list.finish(session, EndReason::idle);
  batch = list.collect();
  ASSERT_EQ(batch.ended.size(), 1U);
  EXPECT_EQ(batch.ended[0].bytes, (SessionBytes{10, 1, 0}));
  EXPECT_EQ(batch.ended[0].reason, EndReason::idle);
  EXPECT_TRUE(batch.started.empty() && batch.moved.empty());
  EXPECT_TRUE(list.collect().is_empty());
}

// What began, moved and ended between two batches is told by two rows, and nothing of it is lost.
TEST(SessionList, TellsAShortSessionInOneBatch) {
  SessionList list;
  list.follow([] {});
  PlainSession session(1);
  list.add(session);
  session.move({7, 0, 2});
  list.finish(session, EndReason::reset);
  const SessionBatch batch = list.collect();
  EXPECT_EQ(batch.started.size(), 1U);
  EXPECT_TRUE(batch.moved.empty());
  ASSERT_EQ(batch.ended.size(), 1U);
  EXPECT_EQ(batch.ended[0].bytes, (SessionBytes{7, 0, 2}));
  EXPECT_EQ(session.counts, 1);
}

TEST(SessionList, TellsAFollowerWhatRunsAlready) {
  SessionList list;
  PlainSession quiet(1);
  PlainSession counted(2);
  PlainSession noted(3);
  for (PlainSession* session : {&quiet, &counted, &noted}) list.add(*session);
  counted.move({100, 0, 0});
  (void)list.collect();
  noted.move({200, 0, 0});
  int news = 0;
  list.follow([&] { ++news; });
  EXPECT_EQ(news, 1);
  const SessionBatch batch = list.collect();
  EXPECT_EQ(batch.started.size(), 3U);
  std::map<base::Ulid, std::uint64_t> moved;
  for (const SessionProgress& row : batch.moved) moved[row.id] = row.bytes.first_to_second;
  EXPECT_EQ(moved,
            (std::map<base::Ulid, std::uint64_t>{{id_of(1), 0}, {id_of(2), 100}, {id_of(3), 200}}));
  EXPECT_EQ(counted.counted.delivered(), 100U);
  EXPECT_EQ(noted.counted.delivered(), 200U);
}

TEST(SessionList, TellsAFollowerNothingWhereNothingRuns) {
  SessionList list;
  int news = 0;
  list.follow([&] { ++news; });
  EXPECT_EQ(news, 0);
  EXPECT_TRUE(list.collect().is_empty());
}

TEST(SessionList, CallsItsFollowerOnceForEachBatch) {
  SessionList list;
  int news = 0;
  list.follow([&] { ++news; });
  PlainSession first(1);
  PlainSession second(2);
  list.add(first);
  list.add(second);
  first.move({1, 0, 0});
  list.finish(second, EndReason::completed);
  EXPECT_EQ(news, 1);
  (void)list.collect();
  EXPECT_EQ(news, 1);
  for (int i = 0; i < 5; ++i) first.move({1, 0, 0});
  EXPECT_EQ(news, 2);
  (void)list.collect();
  list.finish(first, EndReason::completed);
  EXPECT_EQ(news, 3);
}

// The visit of one session may end it, its neighbour lives on.
TEST(SessionList, MayLoseASessionWhileItVisitsIt) {
  SessionList list;
  PlainSession first(1);
  PlainSession second(2);
  PlainSession third(3);
  for (PlainSession* session : {&first, &second, &third}) session->join(list);
  int visits = 0;
  list.for_each([&](Session& session) {
    ++visits;
    if (&session == &second) session.end(EndReason::policy);
  });
  EXPECT_EQ(visits, 3);
  EXPECT_EQ(list.count(), 2U);
}

// S5B-37: a limit for one session, beside those it shares.
TEST(Session, CanBeLimitedAlone) {
  SessionList list;
  int news = 0;
  list.follow([&] { ++news; });
  PlainSession session(1);
  list.add(session);
  (void)list.collect();
  SessionLimits shared;
  shared.of(LimitScope::jid) = std::make_shared<base::TokenBucket>(5000, kNow);
  shared.of(LimitScope::session) = std::make_shared<base::TokenBucket>(4000, kNow);
  session.set_limits(shared);
  EXPECT_FALSE(session.is_limited_alone());
  session.limit_alone(1000, kNow);
  EXPECT_TRUE(session.is_limited_alone());
  EXPECT_EQ(session.limits().of(LimitScope::session)->rate(), 1000U);
  EXPECT_EQ(session.limits().of(LimitScope::jid), shared.of(LimitScope::jid));
  EXPECT_EQ(news, 2);
  const SessionBatch batch = list.collect();
  ASSERT_EQ(batch.moved.size(), 1U);
  EXPECT_EQ(batch.moved[0].rate_limit, 1000U);
  EXPECT_EQ(batch.moved[0].bytes, SessionBytes{});
}

TEST(Session, CanBeFreedOfItsOwnLimitAndStaysSo) {
  SessionList list;
  list.follow([] {});
  PlainSession session(1);
  list.add(session);
  session.limit_alone(1000, kNow);
  session.limit_alone(0, kNow);
  EXPECT_TRUE(session.is_limited_alone()) << "none is what the operator set";
  EXPECT_FALSE(session.limits().any());
  EXPECT_EQ(list.collect().moved.at(0).rate_limit, 0U);
}

TEST(Session, MayBeLimitedOutsideOfAList) {
  PlainSession session(1);
  session.limit_alone(1000, kNow);
  EXPECT_TRUE(session.limits().any());
}

// Everything that is known about one session from the outside.
struct Reference {
  std::unique_ptr<PlainSession> session;
  SessionBytes moved;
  SessionBytes told;  // by the batches
  bool has_moved = false;
};

// Random lives: counters, batches and what was moved are one figure after each batch.
class RandomLives {
 public:
  explicit RandomLives(std::uint32_t seed) : generator_(seed) {
    list_.follow([this] { ++news_; });
  }

  void step() {
    switch (dice(8)) {
      case 0:
        return begin();
      case 1:
        return finish();
      case 2:
        return collect();
      default:
        return move();
    }
  }
  void end_all_and_collect() {
    while (!running_.empty()) finish();
    collect();
    EXPECT_EQ(told_, moved_);
    EXPECT_EQ(counted_, moved_);
    EXPECT_EQ(list_.count(), 0U);
  }

 private:
  std::uint32_t dice(std::uint32_t sides) {
    return static_cast<std::uint32_t>(generator_()) % sides;
  }

  void begin() {
    const base::Ulid id = ids_.next(std::chrono::system_clock::now());
    Reference& added = running_[id];
    added.session = std::make_unique<PlainSession>(id);
    list_.add(*added.session);
    ++begun_;
  }
  Reference* any() {
    if (running_.empty()) return nullptr;
    return &std::next(running_.begin(), dice(static_cast<std::uint32_t>(running_.size())))->second;
  }
  void move() {
    Reference* one = any();
    if (one == nullptr) return;
    const SessionBytes more{dice(1000), dice(1000), dice(3)};
    one->session->move(more);
    add(one->moved, more);
    add(moved_, more);
    one->has_moved = true;
  }
  void finish() {
    Reference* one = any();
    if (one == nullptr) return;
    const base::Ulid id = one->session->id();
    list_.finish(*one->session, EndReason::completed);
    EXPECT_EQ(one->session->counted, one->moved);
    add(counted_, one->session->counted);
    ended_.emplace(id, std::move(*one));
    running_.erase(id);
  }
  void collect() {
    const SessionBatch batch = list_.collect();
    EXPECT_EQ(batch.started.size(), std::exchange(begun_, 0U));
    EXPECT_EQ(batch.ended.size(), ended_.size());
    EXPECT_EQ(std::exchange(news_, 0), batch.is_empty() ? 0 : 1);
    for (const SessionProgress& row : batch.moved) {
      Reference& one = running_.at(row.id);
      EXPECT_TRUE(std::exchange(one.has_moved, false));
      EXPECT_EQ(row.bytes, one.moved);
      EXPECT_EQ(one.session->counted, one.moved);
      add(told_, row.bytes.since(std::exchange(one.told, row.bytes)));
    }
    for (const auto& [id, one] : running_) EXPECT_FALSE(one.has_moved) << "not told";
    for (const SessionEnding& row : batch.ended) {
      const Reference& one = ended_.at(row.id);
      EXPECT_EQ(row.bytes, one.moved);
      add(told_, row.bytes.since(one.told));
    }
    ended_.clear();
  }
  static void add(SessionBytes& sum, const SessionBytes& more) {
    sum.first_to_second += more.first_to_second;
    sum.second_to_first += more.second_to_first;
    sum.dropped += more.dropped;
  }

  std::mt19937 generator_;
  SessionList list_;
  base::UlidSource ids_;
  std::map<base::Ulid, Reference> running_;
  std::map<base::Ulid, Reference> ended_;  // since the last batch
  SessionBytes moved_;
  SessionBytes told_;
  SessionBytes counted_;
  std::size_t begun_ = 0;
  int news_ = 0;
};

TEST(SessionList, CountsAndTellsEachByteOnceWhateverHappens) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    RandomLives lives(seed);
    for (int i = 0; i < 1000; ++i) lives.step();
    lives.end_all_and_collect();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace bellhop::runtime

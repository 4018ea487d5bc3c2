// News of a shard's sessions, not more often than they are wanted.
#include "component/runtime/session_feed.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/runtime/plain_session.hpp"

namespace bellhop::runtime {
namespace {

using namespace std::chrono_literals;
using test::id_of;
using test::PlainSession;
using test::run_until;

// A shard on the test's thread, and what its feed hands over.
class SessionFeedTest : public ::testing::Test {
 protected:
  SessionFeed::Sink sink() {
    return [this](SessionBatch batch) {
      EXPECT_FALSE(batch.is_empty());
      times_.push_back(base::Clock::now());
      batches_.push_back(std::move(batch));
    };
  }
  void expect_batches(std::size_t count) {
    EXPECT_TRUE(run_until(shard_.context(), [&] { return batches_.size() >= count; }));
    EXPECT_EQ(batches_.size(), count);
  }
  // Everything that is due, without waiting for what is not.
  void run_what_is_due() {
    shard_.context().restart();
    shard_.context().poll();
  }

  Shard shard_{0};
  std::vector<SessionBatch> batches_;
  std::vector<base::TimePoint> times_;
};

TEST_F(SessionFeedTest, HandsOverWhatHappenedWithinAnInterval) {
  SessionFeed feed(shard_, 20ms, sink());
  const auto begin = base::Clock::now();
  PlainSession first(1);
  PlainSession second(2);
  shard_.sessions().add(first);
  shard_.sessions().add(second);
  first.move({10, 0, 0});
  first.move({10, 0, 0});
  shard_.sessions().finish(second, EndReason::completed);
  EXPECT_TRUE(batches_.empty());
  expect_batches(1);
  EXPECT_GE(times_[0] - begin, 20ms);
  EXPECT_EQ(batches_[0].started.size(), 2U);
  ASSERT_EQ(batches_[0].moved.size(), 1U);
  EXPECT_EQ(batches_[0].moved[0].bytes.delivered(), 20U);
  EXPECT_EQ(batches_[0].ended.size(), 1U);
}

TEST_F(SessionFeedTest, TellsWhatRunsAlready) {
  PlainSession session(1);
  shard_.sessions().add(session);
  session.move({10, 0, 0});
  SessionFeed feed(shard_, 1ms, sink());
  expect_batches(1);
  EXPECT_EQ(batches_[0].started.size(), 1U);
  EXPECT_EQ(batches_[0].moved.size(), 1U);
}

TEST_F(SessionFeedTest, KeepsItsIntervalUnderConstantProgress) {
  SessionFeed feed(shard_, 10ms, sink());
  PlainSession session(1);
  const auto begin = base::Clock::now();
  shard_.sessions().add(session);
  EXPECT_TRUE(run_until(shard_.context(), [&] {
    session.move({1, 0, 0});
    return batches_.size() >= 4;
  }));
  auto before = begin;
  for (const base::TimePoint at : times_) EXPECT_GE(at - std::exchange(before, at), 10ms);
  std::uint64_t last = 0;
  for (const SessionBatch& batch : batches_) {
    ASSERT_EQ(batch.moved.size(), 1U);
    EXPECT_GT(batch.moved[0].bytes.delivered(),
              std::exchange(last, batch.moved[0].bytes.delivered()));
  }
  EXPECT_EQ(session.counted.delivered(), last);
}

TEST_F(SessionFeedTest, HandsOverAtOnceWhenItIsAsked) {
  SessionFeed feed(shard_, 1h, sink());
  feed.flush();
  EXPECT_TRUE(batches_.empty()) << "there was nothing";
  PlainSession session(1);
  shard_.sessions().add(session);
  run_what_is_due();
  EXPECT_TRUE(batches_.empty());
  feed.flush();
  EXPECT_EQ(batches_.size(), 1U);
  feed.flush();
  EXPECT_EQ(batches_.size(), 1U);
  session.move({1, 0, 0});
  run_what_is_due();
  EXPECT_EQ(batches_.size(), 1U);
  feed.flush();
  EXPECT_EQ(batches_.size(), 2U);
}

// The timer of news that were handed over already finds nothing.
TEST_F(SessionFeedTest, SaysNothingTwice) {
  SessionFeed feed(shard_, 5ms, sink());
  PlainSession session(1);
  shard_.sessions().add(session);
  feed.flush();
  ASSERT_EQ(batches_.size(), 1U);
  shard_.release();
  shard_.run();  // until its timer is done
  EXPECT_EQ(batches_.size(), 1U);
}

TEST_F(SessionFeedTest, LeavesAShardAloneOnWhichNothingHappens) {
  SessionFeed feed(shard_, 1h, sink());
  shard_.release();
  shard_.run();  // an hour, had it anything to wait for
  EXPECT_TRUE(batches_.empty());
}

}  // namespace
}  // namespace bellhop::runtime

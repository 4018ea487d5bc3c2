// The queue between a watch and a reader who may be slow or gone.
#include "api/admin/outlet.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using runtime::test::run_until;

class OutletTest : public ::testing::Test {
 protected:
  // Starts a wait whose answer is to be read from the optional.
  std::shared_ptr<std::optional<bool>> begin(runtime::Task<bool> wait) {
    auto answer = std::make_shared<std::optional<bool>>();
    runtime::asio::co_spawn(context_.get_executor(), std::move(wait),
                            [answer](std::exception_ptr error, bool value) {
                              EXPECT_FALSE(error);
                              *answer = value;
                            });
    context_.restart();
    context_.poll();
    return answer;
  }
  bool finish(const std::shared_ptr<std::optional<bool>>& answer) {
    EXPECT_TRUE(run_until(context_, [&] { return answer->has_value(); }));
    return answer->value_or(false);
  }
  void fill(std::size_t messages = kOutletMax) {
    for (std::size_t i = 0; i < messages; ++i) outlet_.push(static_cast<int>(i));
  }

  boost::asio::io_context context_{1};
  int news_ = 0;
  Outlet<int> outlet_{context_.get_executor(), [this] { ++news_; }};
};

TEST_F(OutletTest, GivesMessagesInTheirOrder) {
  EXPECT_EQ(outlet_.take(), std::nullopt);
  fill(3);
  EXPECT_EQ(news_, 3);
  EXPECT_EQ(outlet_.room(), kOutletMax - 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outlet_.take(), i);
  EXPECT_EQ(outlet_.take(), std::nullopt);
}

TEST_F(OutletTest, DropsAndCountsWhatIsBeyondItsMaximum) {
  fill();
  EXPECT_EQ(outlet_.room(), 0U);
  EXPECT_EQ(outlet_.take_lost(), 0U);
  outlet_.push(-1);
  outlet_.push(-2);
  EXPECT_EQ(news_, static_cast<int>(kOutletMax));
  EXPECT_EQ(outlet_.take_lost(), 0U) << "there is no room to say so";
  EXPECT_EQ(outlet_.take(), 0);
  EXPECT_EQ(outlet_.take_lost(), 2U);
  EXPECT_EQ(outlet_.take_lost(), 0U);
  int last = 0;
  while (const auto message = outlet_.take()) last = *message;
  EXPECT_EQ(last, static_cast<int>(kOutletMax) - 1);
}

TEST_F(OutletTest, AWaitEndsAfterItsTime) {
  const auto began = base::Clock::now();
  EXPECT_TRUE(finish(begin(outlet_.wait(5ms))));
  EXPECT_GE(base::Clock::now() - began, 5ms);
}

TEST_F(OutletTest, WaitsForTheBeatThatAllWatchesOfAnIntervalShare) {
  const auto began = base::Clock::now().time_since_epoch();
  EXPECT_TRUE(finish(begin(outlet_.wait_for_beat(20ms))));
  EXPECT_GT(base::Clock::now().time_since_epoch() / 20ms, began / 20ms);
  const auto waiting = begin(outlet_.wait_for_beat(24h));
  outlet_.wake();
  EXPECT_TRUE(finish(waiting)) << "a wake ends this wait too";
}

TEST_F(OutletTest, AWakeEndsAWaitAlsoBeforeItBegins) {
  const auto waiting = begin(outlet_.wait(1h));
  EXPECT_FALSE(waiting->has_value());
  outlet_.wake();
  EXPECT_TRUE(finish(waiting));
  outlet_.wake();
  EXPECT_TRUE(finish(begin(outlet_.wait(1h))));
  EXPECT_FALSE(begin(outlet_.wait(1h))->has_value()) << "one wake ends one wait";
  outlet_.wake();
}

TEST_F(OutletTest, WaitsForRoomUntilHalfOfItIsFree) {
  fill(kOutletMax / 2);
  EXPECT_TRUE(finish(begin(outlet_.wait_for_room())));
  outlet_.push(-1);
  const auto waiting = begin(outlet_.wait_for_room());
  EXPECT_FALSE(waiting->has_value());
  EXPECT_TRUE(outlet_.take());
  context_.restart();
  context_.poll();
  EXPECT_EQ(*waiting, true) << "it was woken, its second did not pass";
}

TEST_F(OutletTest, WhenTheReaderHasGoneNothingIsKeptAndNobodyWaits) {
  fill();
  const auto waiting = begin(outlet_.wait_for_room());
  EXPECT_FALSE(waiting->has_value());
  outlet_.close();
  EXPECT_FALSE(finish(waiting));
  EXPECT_TRUE(outlet_.is_closed());
  EXPECT_EQ(outlet_.take(), std::nullopt);
  outlet_.push(1);
  EXPECT_EQ(outlet_.take(), std::nullopt);
  EXPECT_EQ(news_, static_cast<int>(kOutletMax));
  EXPECT_FALSE(finish(begin(outlet_.wait(1h))));
  EXPECT_FALSE(finish(begin(outlet_.wait_for_room())));
}

}  // namespace
}  // namespace bellhop::admin

// How long the next try waits.
#include "component/xmpp/reconnect_delay.hpp"

#include <gtest/gtest.h>

namespace bellhop::xmpp {
namespace {

using namespace std::chrono_literals;

constexpr ReconnectDelay::Options kOptions{.base = 1s, .max = 60s, .refused = 30s};
constexpr double kAlmostOne = 0.999999999;

// CMP-08
TEST(ReconnectDelay, DoublesItsCeilingUpToTheMaximum) {
  ReconnectDelay delay(kOptions);
  for (const auto ceiling : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    const auto wait = delay.after_failure(kAlmostOne);
    EXPECT_LE(wait, ceiling);
    EXPECT_GT(wait, ceiling - 1ms);
  }
}

// CMP-08: the wait is any part of the ceiling, so that many instances do not come at once.
TEST(ReconnectDelay, TakesARandomPartOfItsCeiling) {
  ReconnectDelay delay(kOptions);
  EXPECT_EQ(delay.after_failure(0.0), 0s);
  EXPECT_EQ(delay.after_failure(0.25), 500ms);
  EXPECT_EQ(delay.after_failure(0.5), 2s);
}

// CMP-08
TEST(ReconnectDelay, StartsAnewAfterAStreamThatWasStable) {
  ReconnectDelay delay(kOptions);
  for (int i = 0; i < 5; ++i) (void)delay.after_failure(0.5);
  delay.note_lifetime(ReconnectDelay::kStableAfter - 1ns);
  EXPECT_EQ(delay.after_failure(0.5), 16s);
  delay.note_lifetime(ReconnectDelay::kStableAfter);
  EXPECT_EQ(delay.after_failure(0.5), 500ms);
}

// CMP-06, ROOM-28: what only an operator can lift is not tried more often than that.
TEST(ReconnectDelay, IsLongAfterARefusalAndDoesNotDouble) {
  ReconnectDelay delay(kOptions);
  EXPECT_EQ(delay.after_refusal(0.0), 30s);
  EXPECT_EQ(delay.after_refusal(0.5), 37500ms);
  EXPECT_LT(delay.after_refusal(kAlmostOne), 45s);
  EXPECT_EQ(delay.after_failure(0.5), 500ms);
}

TEST(ReconnectDelay, NeverExceedsAMaximumBelowItsBase) {
  ReconnectDelay delay({.base = 10s, .max = 2s, .refused = 30s});
  EXPECT_LE(delay.after_failure(kAlmostOne), 2s);
  EXPECT_LE(delay.after_failure(kAlmostOne), 2s);
}

}  // namespace
}  // namespace bellhop::xmpp

// Distances between words, and when a suggestion is made.
#include "config/suggestion.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

TEST(Suggestion, CountsEachKindOfSlipOnce) {
  EXPECT_EQ(edit_distance("level", "level"), 0U);
  EXPECT_EQ(edit_distance("leve", "level"), 1U);
  EXPECT_EQ(edit_distance("levels", "level"), 1U);
  EXPECT_EQ(edit_distance("lefel", "level"), 1U);
  EXPECT_EQ(edit_distance("lveel", "level"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("", ""), 0U);
}

TEST(Suggestion, DoesNotCompareWordsLongerThanAnyKey) {
  const std::string longest(64, 'a');
  EXPECT_EQ(edit_distance(longest, longest), 0U);
  EXPECT_EQ(edit_distance(longest + 'a', longest), 65U);
  EXPECT_EQ(edit_distance("a", std::string(100000, 'a')), 65U);
}

TEST(Suggestion, FindsTheNearestKnownWord) {
  const std::vector<std::string> known = {"idle_timeout", "activation_timeout", "rate_total"};
  EXPECT_EQ(closest("idel_timeout", known), "idle_timeout");
  EXPECT_EQ(closest("IDLE_TIMEOUT", known), "idle_timeout");
  EXPECT_EQ(closest("rate_totals", known), "rate_total");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(closest("xyzzy", {"level", "file"}), std::nullopt);
  EXPECT_EQ(closest("", {"level"}), std::nullopt);
  EXPECT_EQ(closest("level", {}), std::nullopt);
}

TEST(Suggestion, AllowsShortWordsOneSlipOnly) {
  EXPECT_EQ(closest("tsl", {"tls"}), "tls");
  EXPECT_EQ(closest("abs", {"tls"}), std::nullopt);
}

}  // namespace
}  // namespace bellhop::config

// That every counter of the relay is described in a scrape.
#include "api/web/metric_help.hpp"

#include <gtest/gtest.h>

#include "relay/nodes/counters.hpp"
#include "relay/turn/counters.hpp"

namespace bellhop::web {
namespace {

// Told by kind, under the names of all sessions.
bool is_told_elsewhere(std::string_view metric) {
  return metric.ends_with("_bytes_total") || metric.ends_with("_ended_total");
}

template <typename Names>
void expect_described(const Names& names) {
  for (const base::CounterName& name : names) {
    if (is_told_elsewhere(name.metric)) continue;
    EXPECT_FALSE(help_of(name.metric).starts_with("See ")) << name.metric;
    EXPECT_TRUE(help_of(name.metric).ends_with('.')) << name.metric;
  }
}

TEST(MetricHelp, DescribesWhatTurnAndRelayNodesCount) {
  expect_described(turn::kTurnCounterNames);
  expect_described(nodes::kNodesCounterNames);
}

TEST(MetricHelp, SaysOfOthersWhereTheyAreDescribed) {
  EXPECT_EQ(help_of("bellhop_proxy_refusals_total"), "See README.md.");
  EXPECT_EQ(help_of(""), "See README.md.");
}

}  // namespace
}  // namespace bellhop::web

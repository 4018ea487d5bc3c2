// What the file store counts, and under which names.
#include "proxy/files/counters.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "component/xmpp/errors.hpp"

namespace bellhop::files {
namespace {

TEST(FileCounters, CountEachRefusalUnderItsOwnReason) {
  FileCounters counters(2);
  base::CounterRegistry registry;
  registry.add(counters.refusals, kFileRefusalNames);
  for (const errors::StatusRow& row : errors::kAll) counters.count_refusal(0, *row.kind);
  counters.count_refusal(2, errors::bad_slot);
  counters.count_refusal(1, xmpp::errors::bad_request);  // counted elsewhere
  std::set<std::string_view> reasons;
  for (const auto& reading : registry.read()) {
    EXPECT_EQ(reading.name.metric, "bellhop_files_refusals_total");
    EXPECT_TRUE(reasons.insert(reading.name.reason).second) << reading.name.reason;
    EXPECT_EQ(reading.value, reading.name.reason == "bad-slot" ? 2U : 1U) << reading.name.reason;
  }
  EXPECT_EQ(reasons.size(), errors::kAll.size());
}

TEST(FileCounters, HaveAReasonForEachRemoval) {
  std::set<std::string_view> reasons;
  for (const auto& name : kRemovalNames) {
    EXPECT_EQ(name.metric, "bellhop_files_removed_total");
    EXPECT_FALSE(name.reason.empty());
    EXPECT_TRUE(reasons.insert(name.reason).second) << name.reason;
  }
  EXPECT_EQ(to_text(RemoveReason::slot_lapsed), "slot-lapsed");
  EXPECT_EQ(to_text(RemoveReason::lost), "lost");
}

TEST(FileCounters, HaveANameOfTheirOwnForEachEvent) {
  std::set<std::string_view> names;
  for (const auto& name : kFileCounterNames) {
    EXPECT_TRUE(name.metric.starts_with("bellhop_files_")) << name.metric;
    EXPECT_TRUE(names.insert(name.metric).second) << name.metric;
  }
}

}  // namespace
}  // namespace bellhop::files

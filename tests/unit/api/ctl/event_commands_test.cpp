// bellhopctl events against a stand-in for the daemon.
#include "api/ctl/event_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/event_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::Event event(v1::EventType type, const std::string& summary) {
  v1::Event event;
  event.set_type(type);
  event.set_summary(summary);
  event.mutable_time()->set_seconds(kNowSeconds);
  return event;
}

void answer(StandIn& daemon) {
  v1::WatchEventsResponse snapshot;
  *snapshot.mutable_snapshot() = event(v1::EVENT_TYPE_NODE, "serving");
  v1::WatchEventsResponse mark;
  mark.mutable_snapshot_complete();
  v1::WatchEventsResponse lost;
  lost.mutable_lost()->set_count(2);
  v1::WatchEventsResponse changed;
  *changed.mutable_changed() = event(v1::EVENT_TYPE_AUDIT, "ended\na session");
  auto* audit = changed.mutable_changed()->mutable_audit();
  audit->set_identity("uid:1000");
  audit->set_method("SessionService/EndSession");
  audit->set_result("ok");
  daemon.answer("EventService/WatchEvents", {snapshot, mark, lost, changed});
}

TEST(EventCommands, ShowsChangesAndWhoMadeThem) {
  StandIn daemon;
  answer(daemon);
  const Outcome outcome = run_with(daemon, {"events", "--type", "audit", "--type", "node"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "2026-03-01 12:00:00  audit     ended�a session  uid:1000"
            " SessionService/EndSession: ok\n");
  EXPECT_EQ(outcome.err, "bellhopctl: 2 messages were left out: this reader was too slow\n");
  const auto request = daemon.request<v1::WatchEventsRequest>("EventService/WatchEvents");
  ASSERT_EQ(request.types_size(), 2);
  EXPECT_EQ(request.types(0), v1::EVENT_TYPE_AUDIT);
  EXPECT_EQ(request.types(1), v1::EVENT_TYPE_NODE);
}

TEST(EventCommands, ShowsHowThingsStandIfAsked) {
  StandIn daemon;
  answer(daemon);
  EXPECT_TRUE(run_with(daemon, {"events", "--snapshot", "--count", "1"})
                  .out.starts_with("2026-03-01 12:00:00  node      serving\n"));
}

TEST(EventCommands, EndsAtAGapIfStrict) {
  StandIn daemon;
  answer(daemon);
  EXPECT_EQ(run_with(daemon, {"events", "--strict"}).code, 7);
}

TEST(EventCommands, WritesEveryMessageAsJson) {
  StandIn daemon;
  answer(daemon);
  const Outcome outcome = run_with(daemon, {"events", "-o", "json"});
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 4);
}

}  // namespace
}  // namespace bellhop::ctl

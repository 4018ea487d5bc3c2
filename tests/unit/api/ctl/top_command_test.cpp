// bellhopctl top --once, and what top refuses.
#include "api/ctl/top_command.hpp"

#include <gtest/gtest.h>

#include "tests/unit/api/ctl/top_stand_in.hpp"

namespace bellhop::ctl {
namespace {

TEST(TopCommand, OncePrintsOneFrameAsText) {
  StandIn daemon;
  answer_top(daemon);
  const Outcome outcome =
      run_with(daemon, {"top", "--once", "--filter", "bytes > 1", "--sort", "newest"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "Bellhop 0.1.0 serving, up 0s, 0 sessions\n"
            "- now, - over 10 s, - over 1 min, 2.0 KiB since start\n"
            "by newest, only bytes > 1\n"
            "SESSION  KIND  REQUESTER          TARGET  RATE  BYTES  AGE  LIMIT\n"
            "01ABC          alice@example.org             -    0 B   0s      -\n");
  const auto request =
      daemon.request<bellhop::admin::v1::ListSessionsRequest>("SessionService/ListSessions");
  EXPECT_EQ(request.filter(), "bytes > 1");
  EXPECT_EQ(request.order_by(), "create_time desc");
}

TEST(TopCommand, NeedsATerminalOrOnce) {
  const Outcome outcome = run_without({"top"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--once"), std::string::npos);
}

TEST(TopCommand, HasNoJson) {
  EXPECT_EQ(run_without({"top", "--once", "-o", "json"}).code, 2);
}

TEST(TopCommand, TellsOfADaemonThatIsNotThereBeforeTheScreenIsTaken) {
  EXPECT_EQ(run_without({"--address", "unix:/nowhere/s", "top", "--once"}).code, 5);
}

}  // namespace
}  // namespace bellhop::ctl

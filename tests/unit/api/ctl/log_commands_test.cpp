// bellhopctl log against a stand-in for the daemon.
#include "api/ctl/log_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/log_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

TEST(LogCommands, GetTellsTheLevelAndWhenItEnds) {
  StandIn daemon;
  v1::GetLogLevelResponse response;
  response.set_level(v1::LOG_LEVEL_DEBUG);
  response.set_configured_level(v1::LOG_LEVEL_INFO);
  response.mutable_revert_time()->set_seconds(kNowSeconds);
  daemon.answer("LogService/GetLogLevel", {response});
  EXPECT_EQ(run_with(daemon, {"log", "get"}).out,
            "level:            debug\n"
            "configured:       info\n"
            "back to that at:  2026-03-01 12:00:00\n");
}

TEST(LogCommands, SetSendsLevelAndTime) {
  StandIn daemon;
  v1::SetLogLevelResponse response;
  response.set_level(v1::LOG_LEVEL_TRACE);
  daemon.answer("LogService/SetLogLevel", {response});
  EXPECT_EQ(run_with(daemon, {"log", "set", "trace", "--ttl", "10m"}).out,
            "level:  trace\nuntil:  the next start\n");
  const auto request = daemon.request<v1::SetLogLevelRequest>("LogService/SetLogLevel");
  EXPECT_EQ(request.level(), v1::LOG_LEVEL_TRACE);
  EXPECT_EQ(request.ttl().seconds(), 600);
  EXPECT_NE(run_with(daemon, {"log", "set", "warn", "-o", "json"})
                .out.find("\"level\": \"LOG_LEVEL_TRACE\""),
            std::string::npos);
}

}  // namespace
}  // namespace bellhop::ctl

// bellhopctl node, drain, shutdown, health against a stand-in for the daemon.
#include "api/ctl/node_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/node_service.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
namespace health = grpc::health::v1;

v1::Node node() {
  v1::Node node;
  node.set_version("0.1.0");
  node.set_state(v1::NODE_STATE_SERVING);
  node.mutable_start_time()->set_seconds(kNowSeconds - 7'380);
  node.set_descriptor_count(40);
  node.set_descriptor_limit(1'024);
  node.add_listen_addresses("0.0.0.0:7777");
  node.add_listen_addresses("[::]:7777");
  return node;
}

TEST(NodeCommands, NodeTellsAboutTheProcess) {
  StandIn daemon;
  v1::GetNodeResponse response;
  *response.mutable_node() = node();
  daemon.answer("NodeService/GetNode", {response});
  const Outcome outcome = run_with(daemon, {"node"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("state:                serving\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("(2h 3m ago)"), std::string::npos);
  EXPECT_NE(outcome.out.find("40 of 1024\n"), std::string::npos);
  EXPECT_NE(outcome.out.find("0.0.0.0:7777, [::]:7777\n"), std::string::npos);
}

TEST(NodeCommands, WhoamiTellsTheRole) {
  StandIn daemon;
  v1::GetCallerResponse response;
  response.set_identity("uid:1000");
  response.set_access(v1::ACCESS_READ);
  daemon.answer("NodeService/GetCaller", {response});
  EXPECT_EQ(run_with(daemon, {"whoami"}).out, "uid:1000 may read, and change nothing\n");
}

TEST(NodeCommands, PagePrintsTheLinkAlone) {
  StandIn daemon;
  v1::CreatePageLinkResponse response;
  response.set_url("http://127.0.0.1:5281/#token=x");
  daemon.answer("NodeService/CreatePageLink", {response});
  EXPECT_EQ(run_with(daemon, {"page"}).out, "http://127.0.0.1:5281/#token=x\n");
}

v1::DrainNodeResponse progress(std::uint64_t sessions, bool is_done, std::uint64_t dropped) {
  v1::DrainNodeResponse progress;
  progress.set_session_count(sessions);
  progress.mutable_elapsed()->set_seconds(3);
  progress.set_is_done(is_done);
  progress.set_dropped_session_count(dropped);
  return progress;
}

TEST(NodeCommands, DrainShowsProgressUntilItIsDone) {
  StandIn daemon;
  daemon.answer("NodeService/DrainNode", {progress(1, false, 0), progress(0, true, 0)});
  const Outcome outcome = run_with(daemon, {"drain", "--timeout", "10m"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "3s  1 session\n3s  0 sessions\n");
  EXPECT_EQ(daemon.request<v1::DrainNodeRequest>("NodeService/DrainNode").timeout().seconds(), 600);
}

TEST(NodeCommands, DrainSaysIfSessionsWereCutShortOrItWasTakenBack) {
  StandIn daemon;
  daemon.answer("NodeService/DrainNode", {progress(0, true, 4)});
  daemon.answer("NodeService/DrainNode", {progress(2, false, 0)});
  const Outcome cut_short = run_with(daemon, {"drain"});
  EXPECT_EQ(cut_short.code, 7);
  EXPECT_EQ(cut_short.err, "bellhopctl: 4 session(s) were cut short\n");
  EXPECT_EQ(run_with(daemon, {"drain"}).code, 7);
  EXPECT_EQ(run_with(daemon, {"drain", "--no-wait"}).code, 0);
}

TEST(NodeCommands, UndrainShowsTheProcessAfterwards) {
  StandIn daemon;
  v1::UndrainNodeResponse response;
  *response.mutable_node() = node();
  daemon.answer("NodeService/UndrainNode", {response});
  EXPECT_NE(run_with(daemon, {"undrain"}).out.find("serving"), std::string::npos);
}

TEST(NodeCommands, ShutdownAsksAndTakesTheEndOfTheProcessForSuccess) {
  StandIn daemon;
  v1::ShutdownNodeResponse going;
  going.set_session_count(2);
  daemon.answer("NodeService/ShutdownNode", {going}, {grpc::StatusCode::UNAVAILABLE, "gone"});
  EXPECT_EQ(run_with(daemon, {"shutdown"}).code, 2);
  EXPECT_EQ(daemon.count("NodeService/ShutdownNode"), 0U);
  const Outcome outcome = run_with(daemon, {"shutdown", "--yes", "--timeout", "0"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "0s  2 sessions\n");
  EXPECT_TRUE(daemon.request<v1::ShutdownNodeRequest>("NodeService/ShutdownNode").has_timeout());
  EXPECT_EQ(run_with(daemon, {"shutdown", "--yes"}).code, 0);
  EXPECT_FALSE(
      daemon.request<v1::ShutdownNodeRequest>("NodeService/ShutdownNode", 1).has_timeout());
}

TEST(NodeCommands, ShutdownThatNeverBeganHasFailed) {
  StandIn daemon;
  daemon.refuse("NodeService/ShutdownNode",
                detailed_status(grpc::StatusCode::PERMISSION_DENIED, "not your role", "denied"));
  const Outcome outcome = run_with(daemon, {"shutdown", "--yes"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_NE(outcome.err.find("whoami"), std::string::npos);
}

TEST(NodeCommands, HealthIsACheck) {
  StandIn daemon;
  health::HealthCheckResponse response;
  response.set_status(health::HealthCheckResponse::SERVING);
  daemon.answer("Health/Check", {response});
  response.set_status(health::HealthCheckResponse::NOT_SERVING);
  daemon.answer("Health/Check", {response});
  const Outcome serving = run_with(daemon, {"health"});
  EXPECT_EQ(serving.code, 0);
  EXPECT_EQ(serving.out, "serving\n");
  const Outcome not_serving = run_with(daemon, {"health", "bellhop.xmpp", "-o", "json"});
  EXPECT_EQ(not_serving.code, 6);
  EXPECT_EQ(not_serving.out, "{\n \"status\": \"NOT_SERVING\"\n}\n");
  EXPECT_EQ(daemon.request<health::HealthCheckRequest>("Health/Check", 1).service(),
            "bellhop.xmpp");
}

TEST(NodeCommands, HealthOfAnUnknownPartIsNotFound) {
  StandIn daemon;
  daemon.refuse("Health/Check", {grpc::StatusCode::NOT_FOUND, ""});
  EXPECT_EQ(run_with(daemon, {"health", "nothing"}).code, 3);
}

}  // namespace
}  // namespace bellhop::ctl

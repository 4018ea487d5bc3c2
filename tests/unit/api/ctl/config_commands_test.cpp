// bellhopctl config, with the daemon and without it.
#include "api/ctl/config_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/config_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

const std::vector<std::string> kCheck{"config", "check", "-"};
const std::vector<std::string> kCheckAlone{"--address", "unix:/nowhere/s", "config", "check", "-"};

TEST(ConfigCommands, CheckSendsTheTextAndTellsWhatAReloadWouldChange) {
  StandIn daemon;
  v1::CheckConfigResponse response;
  response.add_warnings()->set_text("x.toml:3:1: warning\n  line\n  ^\n");
  response.add_live_changes("proxy.idle_timeout");
  response.add_restart_changes("proxy.listen");
  daemon.answer("ConfigService/CheckConfig", {response});
  const Outcome outcome = run_with(daemon, kCheck, {.typed = "[proxy]\n"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "warning: x.toml:3:1: warning\n  line\n  ^\n"
            "a reload would change:\n  proxy.idle_timeout\n"
            "only a restart would change:\n  proxy.listen\n"
            "good\n");
  EXPECT_EQ(daemon.request<v1::CheckConfigRequest>("ConfigService/CheckConfig").text(),
            "[proxy]\n");
}

TEST(ConfigCommands, CheckFailsWithProblems) {
  StandIn daemon;
  v1::CheckConfigResponse response;
  response.add_problems()->set_message("no\x1B[2J component");
  daemon.answer("ConfigService/CheckConfig", {response});
  const Outcome outcome = run_with(daemon, kCheck);
  EXPECT_EQ(outcome.code, 6);
  EXPECT_EQ(outcome.out, "error: no�[2J component\n");
}

TEST(ConfigCommands, CheckWorksWithoutTheDaemon) {
  const Outcome bad = run_without(kCheckAlone, {.typed = "[proxi]\nx = 1\n"});
  EXPECT_EQ(bad.code, 6);
  EXPECT_NE(bad.out.find("-:1:2"), std::string::npos) << bad.out;
  EXPECT_NE(bad.err.find("cannot be reached"), std::string::npos);
  const std::string good =
      "[[component]]\njid = \"bellhop.example.org\"\nserver = \"127.0.0.1:5347\"\n"
      "secret_file = \"/nowhere/secret\"\n[public]\nhost = \"bellhop.example.org\"\n";
  EXPECT_EQ(run_without(kCheckAlone, {.typed = good}).code, 0);
  auto json = kCheckAlone;
  json.insert(json.end(), {"-o", "json"});
  EXPECT_TRUE(run_without(json, {.typed = good}).out.starts_with("{\n \"problems\": []"));
}

TEST(ConfigCommands, CheckTakesTheLargestTextAndNoLargerOne) {
  StandIn daemon;
  daemon.answer("ConfigService/CheckConfig", {v1::CheckConfigResponse()});
  const std::size_t max = 1U << 20U;
  EXPECT_EQ(run_with(daemon, kCheck, {.typed = std::string(max, '#')}).code, 0);
  EXPECT_EQ(run_with(daemon, kCheck, {.typed = std::string(max + 1, '#')}).code, 2);
}

TEST(ConfigCommands, CheckNamesTheFileThatItCannotRead) {
  const Outcome outcome = run_without({"config", "check", "/nowhere/x.toml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "bellhopctl: cannot read /nowhere/x.toml: No such file or directory\n");
}

TEST(ConfigCommands, ShowTellsWhereValuesComeFrom) {
  StandIn daemon;
  v1::GetConfigResponse response;
  auto* option = response.add_options();
  option->set_name("proxy.idle_timeout");
  option->set_value("\"10min\"");
  option->set_origin("default");
  option->set_is_live(true);
  daemon.answer("ConfigService/GetConfig", {response});
  const Outcome outcome = run_with(daemon, {"config", "show", "proxy."});
  EXPECT_EQ(outcome.out,
            "OPTION              VALUE    FROM     CHANGES\n"
            "proxy.idle_timeout  \"10min\"  default  on reload\n");
  EXPECT_EQ(daemon.request<v1::GetConfigRequest>("ConfigService/GetConfig").prefix(), "proxy.");
}

TEST(ConfigCommands, ReloadTellsWhatHasChangedAndWhyNot) {
  StandIn daemon;
  v1::ReloadConfigResponse changed;
  changed.add_live_changes("log.level");
  v1::ReloadConfigResponse wrong;
  wrong.add_problems()->set_text("wrong\n");
  daemon.answer("ConfigService/ReloadConfig", {changed});
  daemon.answer("ConfigService/ReloadConfig", {v1::ReloadConfigResponse()});
  daemon.answer("ConfigService/ReloadConfig", {wrong});
  EXPECT_EQ(run_with(daemon, {"config", "reload"}).out, "changed:\n  log.level\n");
  EXPECT_EQ(run_with(daemon, {"config", "reload", "--dry-run"}).out, "nothing to change\n");
  EXPECT_TRUE(
      daemon.request<v1::ReloadConfigRequest>("ConfigService/ReloadConfig", 1).validate_only());
  const Outcome outcome = run_with(daemon, {"config", "reload"});
  EXPECT_EQ(outcome.out, "error: wrong\nnothing has changed\n");
  EXPECT_EQ(outcome.code, 6);
}

}  // namespace
}  // namespace bellhop::ctl

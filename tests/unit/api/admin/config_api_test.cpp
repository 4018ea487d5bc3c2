// ConfigService: shown without secrets, checked without effect, reloaded whole or not at all.
#include "api/admin/config_api.hpp"

#include <gtest/gtest.h>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using test::AdminWorld;

const std::string kAlice = "alice@example.org/phone";
constexpr const char* kComponent =
    "[[component]]\njid = \"bellhop.example.org\"\nserver = \"127.0.0.1:1\"\n";

class ConfigApiTest : public ::testing::Test {
 protected:
  v1::GetConfigResponse get(const std::string& prefix = "") {
    v1::GetConfigRequest request;
    request.set_prefix(prefix);
    return world_.expect_call<v1::GetConfigResponse>("ConfigService/GetConfig", request);
  }
  v1::CheckConfigResponse check(const std::string& text) {
    v1::CheckConfigRequest request;
    request.set_text(text);
    return world_.expect_call<v1::CheckConfigResponse>("ConfigService/CheckConfig", request);
  }
  v1::ReloadConfigResponse reload(bool is_trial = false) {
    v1::ReloadConfigRequest request;
    request.set_validate_only(is_trial);
    return world_.expect_call<v1::ReloadConfigResponse>("ConfigService/ReloadConfig", request);
  }
  std::string value_of(const std::string& name) {
    const v1::GetConfigResponse response = get(name);
    for (const auto& option : response.options()) {
      if (option.name() == name) return option.value();
    }
    return "(none)";
  }
  static bool has(const google::protobuf::RepeatedPtrField<std::string>& names,
                  const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  AdminWorld world_{{.config = "[proxy]\nidle_timeout = \"5min\"\n"}};
};

TEST_F(ConfigApiTest, ShowsEveryOptionAndNoSecret) {
  const auto response = get();
  EXPECT_EQ(response.path(), world_.file("bellhop.toml").string());
  EXPECT_GT(response.options_size(), 60);
  bool has_secret = false;
  for (const auto& option : response.options()) {
    EXPECT_EQ(option.DebugString().find("hunter2"), std::string::npos);
    EXPECT_FALSE(option.origin().empty()) << option.name();
    has_secret = has_secret || option.value() == "(secret)";
  }
  EXPECT_TRUE(has_secret);
}

TEST_F(ConfigApiTest, SaysWhereAValueComesFrom) {
  const auto response = get("proxy.idle_timeout");
  ASSERT_EQ(response.options_size(), 1);
  EXPECT_EQ(response.options(0).origin(), "line 8");
  EXPECT_TRUE(response.options(0).is_live());
  EXPECT_EQ(get("proxy.sid_bytes_max").options(0).origin(), "default");
  EXPECT_EQ(get("component[0].jid").options(0).value(), "\"bellhop.example.org\"")
      << "as it stands in the file";
  EXPECT_EQ(get("component[1]").options_size(), 0);
  EXPECT_EQ(get(std::string(1 << 20, 'x')).options_size(), 0);
}

TEST_F(ConfigApiTest, ACheckNamesEachProblemAndItsLine) {
  const auto response = check(std::string(kComponent) +
                              "secret = \"x\"\n[proxy]\nidle_timeuot = 1\nsessions_max = -1\n");
  ASSERT_EQ(response.problems_size(), 2);
  EXPECT_EQ(response.problems(0).line(), 6U);
  EXPECT_EQ(response.problems(1).line(), 7U);
  EXPECT_GT(response.problems(0).column(), 0U);
  EXPECT_NE(response.problems(0).text().find("idle_timeout"), std::string::npos)
      << "it was nearly that";
  EXPECT_EQ(response.live_changes_size() + response.restart_changes_size(), 0);
}

TEST_F(ConfigApiTest, ACheckSaysWhatWouldChangeAndChangesNothing) {
  const auto response = check(std::string(kComponent) +
                              "secret = \"x\"\n[public]\nhost = \"other.example.org\"\n"
                              "[proxy]\nidle_timeout = \"7min\"\n[monitoring]\nstate_dir = \"\"\n");
  EXPECT_EQ(response.problems_size(), 0);
  EXPECT_TRUE(has(response.live_changes(), "proxy.idle_timeout"));
  EXPECT_TRUE(has(response.restart_changes(), "public.host"));
  EXPECT_NE(value_of("proxy.idle_timeout"), "7min");
  EXPECT_EQ(world_.core.parts.settings.proxy.idle_timeout, std::chrono::minutes(5));
}

// A caller may not learn of files what only Bellhop may read.
TEST_F(ConfigApiTest, ACheckOpensNoFileThatItsTextNames) {
  store::write_text(world_.file("private"), "the-private-text");
  const auto response =
      check(std::string(kComponent) + "secret_file = \"" + world_.file("private").string() +
            "\"\n[public]\nhost = \"x.example\"\n");
  EXPECT_EQ(response.DebugString().find("the-private-text"), std::string::npos);
  const auto missing = check(std::string(kComponent) +
                             "secret_file = \"/not/there\"\n[public]\nhost = \"x.example\"\n");
  EXPECT_EQ(missing.problems_size(), response.problems_size());
}

TEST_F(ConfigApiTest, ACheckHasAMaximumOfBytes) {
  const std::string text = std::string(kComponent) + "secret = \"x\"\n";
  EXPECT_EQ(check(text + "#" + std::string(1024 * 1024 - text.size() - 1, 'x')).problems_size(), 0);
  v1::CheckConfigRequest request;
  request.set_text(std::string(1024 * 1024 + 1, '#'));
  const auto refused = world_.call<v1::CheckConfigResponse>("ConfigService/CheckConfig", request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field(), "text");
}

TEST_F(ConfigApiTest, AGoodReloadIsInForceForRunningSessionsToo) {
  const base::Ulid id = world_.start(kAlice, 1);
  world_.write_config(
      "[proxy]\nidle_timeout = \"7min\"\nrate_per_session = 4096\n"
      "[access]\ndeny_jids = [\"mallory@example.org\"]\n[monitoring]\nstate_dir = \"\"\n");
  const auto trial = reload(true);
  EXPECT_TRUE(has(trial.live_changes(), "access.deny_jids"));
  EXPECT_TRUE(world_.may_start("mallory@example.org")) << "it was a trial";
  const auto response = reload();
  EXPECT_EQ(response.problems_size(), 0);
  EXPECT_FALSE(world_.may_start("mallory@example.org"));
  EXPECT_EQ(world_.rate_of(id, runtime::LimitScope::session), 4096U);
  EXPECT_EQ(world_.core.parts.settings.proxy.idle_timeout, std::chrono::minutes(7));
  EXPECT_TRUE(world_.log().has("event=config_reloaded"));
  EXPECT_EQ(reload().live_changes_size(), 0) << "nothing is left to change";
}

TEST_F(ConfigApiTest, AReloadThatDeniesEndsWhoIsDenied) {
  const base::Ulid id = world_.start(kAlice, 1);
  world_.write_config(
      "[access]\ndeny_jids = [\"alice@example.org\"]\n[monitoring]\nstate_dir = \"\"\n");
  (void)reload();
  EXPECT_EQ(world_.reason_of(id), runtime::EndReason::policy);
}

TEST_F(ConfigApiTest, ABrokenReloadChangesNothing) {
  world_.write_config(
      "[access]\ndeny_jids = [\"alice@example.org\"]\n[proxy]\nidle_timeout = \"never\"\n");
  const auto response = reload();
  EXPECT_EQ(response.problems_size(), 1);
  EXPECT_EQ(response.live_changes_size(), 0);
  EXPECT_TRUE(world_.may_start(kAlice));
  EXPECT_EQ(world_.core.parts.settings.proxy.idle_timeout, std::chrono::minutes(5));
  EXPECT_TRUE(world_.log().has("event=config_refused"));
  std::filesystem::remove(world_.file("bellhop.toml"));
  EXPECT_GT(reload().problems_size(), 0);
  EXPECT_TRUE(world_.may_start(kAlice));
}

TEST_F(ConfigApiTest, WhatNeedsARestartKeepsItsValueAndIsNamed) {
  world_.write_config("[proxy]\nlisten = [\"127.0.0.1:7999\"]\n[monitoring]\nstate_dir = \"\"\n");
  EXPECT_TRUE(has(reload().restart_changes(), "proxy.listen"));
  EXPECT_EQ(value_of("proxy.listen").find("7999"), std::string::npos);
  EXPECT_TRUE(has(reload().restart_changes(), "proxy.listen")) << "it still waits";
}

}  // namespace
}  // namespace bellhop::admin

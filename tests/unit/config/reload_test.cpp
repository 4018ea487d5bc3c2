// What a changed configuration changes now, and what later.
#include "config/reload.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

using Names = std::vector<std::string>;

Settings with_components(std::initializer_list<const char*> jids) {
  Settings settings;
  for (const char* jid : jids) {
    ComponentSettings component;
    component.jid = jid;
    component.secret = Secret("hunter2");
    settings.components.push_back(component);
  }
  return settings;
}

TEST(Reload, FindsNothingBetweenEqualSettings) {
  const Changes changes = compare(with_components({"a"}), with_components({"a"}));
  EXPECT_TRUE(changes.live.empty());
  EXPECT_TRUE(changes.restart.empty());
}

TEST(Reload, PartsWhatAppliesLiveFromWhatNeedsARestart) {
  const Settings old_settings;
  Settings new_settings;
  new_settings.proxy.idle_timeout = 5s;
  new_settings.log.level = LogLevel::debug;
  new_settings.access.deny_jids = {"a@b"};
  new_settings.quota.monthly_bytes_per_domain = 1;
  new_settings.proxy.listen = {{"::1", 1}};
  new_settings.admin.plaintext_role = AdminRole::full;
  new_settings.monitoring.accounting = false;
  new_settings.contact.abuse = {"mailto:a@b"};
  new_settings.log.file = "other.log";
  new_settings.runtime.shards = 3;
  const Changes changes = compare(old_settings, new_settings);
  EXPECT_EQ(changes.live, (Names{"proxy.idle_timeout", "access.deny_jids",
                                 "quota.monthly_bytes_per_domain", "log.level"}));
  EXPECT_EQ(changes.restart, (Names{"proxy.listen", "admin.plaintext_role", "monitoring.accounting",
                                    "contact.abuse", "log.file", "runtime.shards"}));
}

TEST(Reload, SeesTheSmallestDifference) {
  Settings new_settings;
  new_settings.proxy.idle_timeout += 1ms;
  new_settings.proxy.rate_total += 1;
  EXPECT_EQ(compare({}, new_settings).live, (Names{"proxy.idle_timeout", "proxy.rate_total"}));
}

TEST(Reload, NamesComponentsThatCameAndWent) {
  const Changes changes = compare(with_components({"a", "b"}), with_components({"b", "c"}));
  EXPECT_EQ(changes.restart, (Names{"component[a]", "component[c]"}));
}

TEST(Reload, TakesNoNoteOfTheOrderOfComponents) {
  EXPECT_TRUE(compare(with_components({"a", "b"}), with_components({"b", "a"})).restart.empty());
}

TEST(Reload, NamesChangedOptionsOfAComponentAndNoSecret) {
  Settings new_settings = with_components({"a"});
  new_settings.components[0].name = "Porter";
  new_settings.components[0].secret = Secret("hunter3");
  EXPECT_EQ(compare(with_components({"a"}), new_settings).restart,
            (Names{"component[a].secret", "component[a].name"}));
}

// EXD-05: a secret is rotated by a reload, and the files may keep their names.
TEST(Reload, SeesOtherSecretsAndUsersInFilesOfTheSameName) {
  Settings old_settings = with_components({"a"});
  old_settings.turn.secrets = {Secret("old")};
  old_settings.turn.users = {{"romeo", Secret("montague")}};
  EXPECT_TRUE(compare(old_settings, old_settings).live.empty());
  Settings new_settings = old_settings;
  new_settings.turn.secrets = {Secret("new"), Secret("old")};
  EXPECT_EQ(compare(old_settings, new_settings).live, (Names{"turn.secret_files"}));
  new_settings.turn.users[0].password = Secret("capulet");
  EXPECT_EQ(compare(old_settings, new_settings).live,
            (Names{"turn.secret_files", "turn.users_file"}));
  const Settings running = apply_live(old_settings, new_settings);
  EXPECT_TRUE(compare(running, new_settings).live.empty());
  ASSERT_EQ(running.turn.secrets.size(), 2U);
  EXPECT_EQ(running.turn.secrets[0].reveal(), "new");
  EXPECT_EQ(running.turn.users.at(0).password.reveal(), "capulet");
}

TEST(Reload, TakesOverLiveOptionsAndKeepsTheRest) {
  const Settings old_settings = with_components({"a"});
  Settings new_settings = with_components({"b"});
  new_settings.proxy.sessions_max = 7;
  new_settings.quota.daily_bytes_per_jid = 8;
  new_settings.admin.socket = "elsewhere";
  new_settings.proxy.listen = {};
  const Settings running = apply_live(old_settings, new_settings);
  EXPECT_EQ(running.proxy.sessions_max, 7U);
  EXPECT_EQ(running.quota.daily_bytes_per_jid, 8U);
  EXPECT_EQ(running.admin.socket, old_settings.admin.socket);
  EXPECT_EQ(running.proxy.listen, old_settings.proxy.listen);
  EXPECT_EQ(running.components.at(0).jid, "a");
  EXPECT_TRUE(compare(running, new_settings).live.empty());
}

}  // namespace
}  // namespace bellhop::config

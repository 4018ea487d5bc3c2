// The option table is complete, and each row agrees with its own default.
#include "config/option_table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

TEST(OptionTable, HasEachOptionOnceInAKnownSection) {
  std::set<std::string> names;
  std::set<std::string_view> sections;
  for (const SectionInfo& section : section_table()) sections.insert(section.name);
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name()).second) << option.name();
    EXPECT_TRUE(sections.contains(option.section)) << option.name();
  }
  for (const SectionInfo& section : section_table()) {
    EXPECT_FALSE(options_of(section.name).empty()) << section.name;
  }
}

TEST(OptionTable, SaysOfEachOptionWhatAPersonNeeds) {
  for (const Option& option : option_table()) {
    EXPECT_TRUE(option.help.ends_with('.')) << option.name();
    EXPECT_FALSE(option.value.type_name.empty()) << option.name();
    EXPECT_FALSE(option.value.allowed.empty()) << option.name();
  }
}

TEST(OptionTable, GivesEachOptionOutsideComponentsItsOwnVariable) {
  std::set<std::string> names;
  for (const Option& option : option_table()) {
    if (option.in_component()) {
      EXPECT_EQ(option.environment_name(), "");
      continue;
    }
    EXPECT_TRUE(names.insert(option.environment_name()).second) << option.environment_name();
    EXPECT_FALSE(option.environment_name().starts_with("BELLHOP_SECRET"));
  }
  EXPECT_TRUE(names.contains("BELLHOP_COMPONENT_STREAM_PING_INTERVAL"));
}

// Each row's own default is written as a value and read again: type, range and text agree.
TEST(OptionTable, AcceptsEachDefault) {
  for (const Option& option : option_table()) {
    if (option.in_component()) continue;
    const std::string value = option.value.show(Settings{}, {});
    const std::string text = kComponent + '[' + std::string(option.section) + "]\n" +
                             std::string(option.key) + " = " + value;
    const LoadOutcome outcome = load(text);
    EXPECT_TRUE(outcome.problems.empty()) << shown(outcome.problems);
    EXPECT_EQ(option.value.show(outcome.settings, {}), value) << option.name();
  }
}

TEST(OptionTable, CopiesOneOptionAndNoOther) {
  Settings from;
  from.proxy.idle_timeout = 5s;
  from.proxy.sessions_max = 7;
  Settings to;
  find_option("proxy", "idle_timeout")->value.copy(from, to);
  EXPECT_EQ(to.proxy.idle_timeout, 5s);
  EXPECT_EQ(to.proxy.sessions_max, ProxySettings{}.sessions_max);
}

TEST(OptionTable, LetsLimitsAndListsChangeLiveAndAddressesNot) {
  for (const char* key : {"idle_timeout", "sessions_max", "rate_total", "handshake_timeout"}) {
    EXPECT_EQ(find_option("proxy", key)->apply, Apply::live) << key;
  }
  EXPECT_EQ(find_option("access", "deny_jids")->apply, Apply::live);
  EXPECT_EQ(find_option("log", "level")->apply, Apply::live);
  EXPECT_EQ(find_option("quota", "daily_bytes_per_jid")->apply, Apply::live);
  EXPECT_EQ(find_option("contact", "abuse")->apply, Apply::restart);
  EXPECT_EQ(find_option("log", "file")->apply, Apply::restart);
  for (const char* key : {"secret_files", "credential_lifetime", "channel_max_kbps"}) {
    EXPECT_EQ(find_option("turn", key)->apply, Apply::live) << key;
  }
  for (const char* key : {"listen", "relay_addresses", "port_min", "allow_peers", "threads"}) {
    EXPECT_EQ(find_option("turn", key)->apply, Apply::restart) << key;
  }
  for (const std::string_view section : {"admin", "monitoring"}) {
    for (const Option* option : options_of(section)) {
      EXPECT_EQ(option->apply, Apply::restart) << option->name();
    }
  }
  EXPECT_EQ(find_option("proxy", "listen")->apply, Apply::restart);
  EXPECT_EQ(find_option("component", "jid")->apply, Apply::restart);
  EXPECT_EQ(find_option("runtime", "shards")->apply, Apply::restart);
}

// Who changes nothing gets a socket for the group, a page on loopback, and no open door.
TEST(OptionTable, KeepsTheAdminSideClosedByDefault) {
  const AdminSettings admin;
  EXPECT_EQ(admin.socket, "/run/bellhop/admin.sock");
  EXPECT_EQ(admin.http_listen, (std::vector<HostPort>{{"127.0.0.1", 7780}}));
  EXPECT_TRUE(admin.listen.empty() && admin.plaintext_listen.empty());
  EXPECT_TRUE(admin.full_clients.empty() && admin.read_clients.empty());
  EXPECT_TRUE(admin.read_socket.empty());
  EXPECT_EQ(admin.plaintext_role, AdminRole::read);
}

// TURN-A18 and RFC 8656: ports, lifetimes and what is off unless somebody asks for it.
TEST(OptionTable, KeepsTurnClosedByDefault) {
  const TurnSettings turn;
  EXPECT_EQ(turn.port_min, 49152);
  EXPECT_EQ(turn.port_max, 65535);
  EXPECT_EQ(turn.allocation_lifetime, 10min);
  EXPECT_EQ(turn.allocation_lifetime_max, 1h);
  EXPECT_TRUE(turn.allow_peers.empty() && turn.users_file.empty());
  EXPECT_FALSE(turn.tcp_relay || turn.software);
  EXPECT_EQ(ComponentSettings{}.services, std::vector<Service>{Service::proxy});
}

TEST(OptionTable, KnowsNoOptionThatDoesNotExist) {
  EXPECT_EQ(find_option("proxy", "jid"), nullptr);
  EXPECT_EQ(find_option("", ""), nullptr);
  EXPECT_TRUE(options_of("nothing").empty());
  EXPECT_EQ(component_option(3, "jid"), "component[3].jid");
}

}  // namespace
}  // namespace bellhop::config

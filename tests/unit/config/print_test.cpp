// What is printed loads again; the generated pages in the repository are up to date.
#include "config/print.hpp"

#include <sstream>

#include "config/option_table.hpp"
#include "config/reload.hpp"
#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string content_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Not every file that the text below names is there.
LoadOutcome load_closed(const std::string& text) {
  LoadOptions options;
  options.secret_files = SecretFiles::skip;
  return load(text, options);
}

std::string with_secret(std::string text) {
  const std::string comment = "# secret = (not shown)";
  for (std::size_t at; (at = text.find(comment)) != std::string::npos;) {
    text.replace(at, comment.size(), "secret = \"hunter2\"");
  }
  return text;
}

// Every option away from its default.
const std::string kEverything =
    kComponent +
    "parent_domain = \"example.net\"\nname = \"\\\\ and \\\"quotes\\\" # not a comment\"\n"
    "services = [\"upload\", \"turn\"]\ntls = true\ntls_name = \"xmpp.example.org\"\ntls_ca_file = "
    "\"/ca.pem\"\n"
    "[[component]]\njid = \"second.example.org\"\nserver = \"[::1]:5347\"\nsecret = \"hunter2\"\n"
    "[component_stream]\nconnect_timeout = \"1s\"\nreconnect_delay = \"500ms\"\n"
    "reconnect_delay_max = \"2min\"\nrefused_delay = \"1h\"\nping_interval = \"90s\"\n"
    "ping_timeout = \"1500ms\"\nstanza_bytes_max = 10000\nsend_queue_bytes_max = \"64 KiB\"\n"
    "[public]\nhost = \"a.org\"\nipv4 = \"192.0.2.1\"\nipv6 = \"2001:db8::1\"\n"
    "[proxy]\nlisten = [\"127.0.0.1:1\", \"[::1]:2\"]\npublic_port = 443\nstreamhosts = "
    "[\"b.org:3\"]\n"
    "handshake_timeout = \"2s\"\nactivation_timeout = \"3s\"\nactivation_grace = 0\n"
    "idle_timeout = \"1h\"\nconnections_max = 1000\npending_per_address_max = 100\n"
    "sessions_max = 400\nsessions_per_jid_max = 20\nsessions_per_domain_max = 300\n"
    "sid_bytes_max = 64\nrate_per_session = \"1 MiB\"\nrate_per_jid = 2000000\nrate_total = \"1 "
    "GiB/s\"\n"
    "[access]\nallow_domains = [\"*\", \"a.org\"]\nallow_jids = [\"a@b\"]\ndeny_domains = [\"c\"]\n"
    "deny_jids = [\"d@e\"]\nparent_domain = false\n"
    "[quota]\ndaily_bytes_per_jid = \"1 GiB\"\nmonthly_bytes_per_jid = \"20 GiB\"\n"
    "daily_bytes_per_domain = 1\nmonthly_bytes_per_domain = \"1024 TiB\"\n"
    "stored_bytes_per_jid = 1\nstored_bytes_per_domain = 2\nstored_bytes_total = \"3 GiB\"\n"
    "stored_files_per_jid = 4\nstored_files_per_domain = 5\nstored_files_total = 6\n"
    "[files]\ndir = \"/files\"\nlisten = [\"192.0.2.1:443\"]\ntls_certificate = \"/c.pem\"\n"
    "tls_key = \"/k.pem\"\nplain_listen = [\"[::1]:80\"]\npublic_url = \"https://b.org/x\"\n"
    "trusted_proxies = [\"10.0.0.0/8\"]\nthreads = 2\nfile_bytes_max = \"2 GiB\"\n"
    "free_bytes_min = 0\nslot_timeout = \"1s\"\nupload_timeout = \"1h\"\nretention = \"100d\"\n"
    "retention_min = \"1d\"\nprofile_retention = 0\nheader_timeout = \"1s\"\n"
    "idle_timeout = \"2s\"\nconnections_max = 10\nconnections_per_address_max = 5\n"
    "requests_per_address_max = 7\n"
    "[turn]\nlisten = [\"127.0.0.1:1\"]\ntls_listen = [\"[::1]:2\"]\ntls_certificate = "
    "\"/c.pem\"\n"
    "tls_key = \"/k.pem\"\nrelay_addresses = [\"192.0.2.1\", \"2001:db8::1\"]\n"
    "public_relay_addresses = [\"198.51.100.1\"]\nport_min = 1024\nport_max = 1039\n"
    "realm = \"a realm\"\nsecret_files = [\"/s1\", \"/s2\"]\nusers_file = \"/users\"\n"
    "credential_lifetime = \"1d\"\nallocation_lifetime = \"1min\"\n"
    "allocation_lifetime_max = \"2min\"\nnonce_lifetime = \"1min\"\n"
    "connection_timeout = \"1s\"\nallocations_max = 10\nallocations_per_user_max = 9\n"
    "permissions_max = 8\nchannels_max = 7\nconnections_max = 6\n"
    "tcp_connections_per_user_max = 5\nrate_per_allocation = \"1 MiB\"\nallow_peers = "
    "[\"127.0.0.0/8\"]\n"
    "deny_peers = [\"198.51.100.0/24\"]\ntcp_relay = true\n"
    "alternate_servers = [\"192.0.2.2:3478\"]\nsoftware = true\nthreads = 2\n"
    "channel_max_kbps = 500\nchannel_timeout = \"30s\"\nrelay_channels_per_user_max = 0\n"
    "[admin]\nsocket = \"/a.sock\"\nsocket_group = \"ops\"\nread_socket = \"/b.sock\"\n"
    "listen = [\"192.0.2.1:1\"]\ntls_certificate = \"/c.pem\"\ntls_key = \"/k.pem\"\n"
    "tls_client_ca = \"/ca.pem\"\nfull_clients = [\"ops.example.org\"]\nread_clients = [\"*\"]\n"
    "plaintext_listen = [\"[::1]:1\"]\nplaintext_role = \"full\"\nhttp_listen = []\n"
    "http_token_file = \"/token\"\nconnections_max = 1\nwatches_max = 10000\n"
    "[monitoring]\nstate_dir = \"\"\naccounting = false\naccounting_interval = \"1s\"\n"
    "accounting_file_bytes = \"64 KiB\"\naccounting_files = 1\n"
    "[contact]\nabuse = [\"mailto:a@b\"]\nadmin = [\"xmpp:a@b\"]\nfeedback = [\"a:b\", \"c:d\"]\n"
    "sales = [\"a:b\"]\nsecurity = [\"a:b\"]\nstatus = [\"a:b\"]\nsupport = [\"a:b\"]\n"
    "[log]\nlevel = \"trace\"\nprivacy = \"masked\"\nfile = \"/var/log/bellhop.log\"\n"
    "[runtime]\nshards = 3\ndrain_timeout = \"1min\"\n";

TEST(Print, GivesAConfigurationThatLoadsToTheSameSettings) {
  for (const std::string& text : {kComponent, kEverything}) {
    const LoadOutcome first = load_closed(text);
    ASSERT_EQ(shown(first.problems), "");
    const LoadOutcome second =
        load_closed(with_secret(print_config(first.settings, first.origins)));
    ASSERT_EQ(shown(second.problems), "");
    const Changes changes = compare(first.settings, second.settings);
    EXPECT_TRUE(changes.live.empty()) << changes.live.front();
    EXPECT_TRUE(changes.restart.empty()) << changes.restart.front();
  }
}

// Keeps the text above complete: an option that is missing there would pass unseen.
TEST(Print, IsTestedWithEveryOptionAwayFromItsDefault) {
  const Changes changes = compare(load(kComponent).settings, load_closed(kEverything).settings);
  std::size_t options = 0;
  for (const Option& option : option_table()) options += option.in_component() ? 0 : 1;
  std::size_t found = changes.live.size();
  for (const std::string& name : changes.restart) found += name.starts_with("component[") ? 0 : 1;
  EXPECT_EQ(found, options);
}

TEST(Print, NeverShowsASecret) {
  const LoadOutcome outcome = load_closed(kEverything);
  const std::string text = print_config(outcome.settings, outcome.origins);
  EXPECT_FALSE(has(text, "hunter2"));
  EXPECT_TRUE(has(text, "# secret = (not shown)\n"));
}

TEST(Print, SaysWhereEachValueCameFrom) {
  LoadOptions options;
  options.environment["BELLHOP_LOG_LEVEL"] = "debug";
  options.overrides = {"runtime.shards=2"};
  const LoadOutcome outcome = load(kComponent + "[proxy]\nsessions_max = 10\n", options);
  const std::string text = print_config(outcome.settings, outcome.origins);
  EXPECT_TRUE(has(text, "jid = \"bellhop.example.org\"  # line 2\n"));
  EXPECT_TRUE(has(text, "parent_domain = \"example.org\"  # from component[0].jid\n"));
  EXPECT_TRUE(has(text, "sessions_max = 10  # line 6\n"));
  EXPECT_TRUE(has(text, "sessions_per_domain_max = 10  # from proxy.sessions_max\n"));
  EXPECT_TRUE(has(text, "level = \"debug\"  # environment BELLHOP_LOG_LEVEL\n"));
  EXPECT_TRUE(has(text, "shards = 2  # command line\n"));
  EXPECT_TRUE(has(text, "idle_timeout = \"10min\"  # default\n"));
}

TEST(Print, ReferencePageInTheRepositoryIsWhatTheTableSays) {
  EXPECT_EQ(content_of(BELLHOP_REFERENCE_FILE), print_reference())
      << "write it anew: bellhopd --print-reference > config/REFERENCE.md";
}

TEST(Print, ReferencePageNamesEveryOptionWithItsDefaultAndVariable) {
  const std::string page = print_reference();
  for (const Option& option : option_table()) {
    EXPECT_TRUE(has(page, "### `" + std::string(option.key) + "`\n")) << option.name();
    EXPECT_TRUE(has(page, option.environment_name())) << option.name();
  }
  EXPECT_TRUE(has(page,
                  "- default: `\"10min\"`\n- duration: 100ms to 1d\n- applies on reload\n"
                  "- environment: `BELLHOP_PROXY_IDLE_TIMEOUT`\n"));
}

TEST(Print, ExampleInTheRepositoryIsWhatTheTableSays) {
  EXPECT_EQ(content_of(BELLHOP_EXAMPLE_FILE), print_example())
      << "write it anew: bellhopd --print-example > deploy/bellhop.toml";
}

TEST(Print, ExampleLoadsAndChangesNoDefault) {
  LoadOptions options;
  options.secret_files = SecretFiles::skip;
  const LoadOutcome outcome = load(content_of(BELLHOP_EXAMPLE_FILE), options);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_EQ(shown(outcome.warnings), "");
  Settings defaults;
  defaults.components = outcome.settings.components;
  defaults.public_address.host = "bellhop.example.org";
  const Changes changes = compare(defaults, outcome.settings);
  EXPECT_TRUE(changes.live.empty());
  EXPECT_TRUE(changes.restart.empty());
}

// A commented line must be right as well: people take the mark away.
TEST(Print, ExampleLoadsWithEveryCommentedOptionSwitchedOn) {
  std::istringstream lines(print_example());
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool option = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    const bool other_secret = line.starts_with("#secret =") || line.starts_with("#secret_env");
    if (line.starts_with("#tls = ")) line = "#tls = true";
    text += (option && !other_secret ? line.substr(1) : line) + '\n';
  }
  LoadOptions options;
  options.secret_files = SecretFiles::skip;
  const LoadOutcome outcome = load(text, options);
  EXPECT_EQ(shown(outcome.problems), "");
  for (const Option& option : option_table()) {
    if (option.in_component()) continue;
    EXPECT_TRUE(outcome.origins.contains(option.name())) << option.name();
  }
}

}  // namespace
}  // namespace bellhop::config

// Rules across fields: limits that follow others, contradictions, warnings.
#include "config/validate.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

// The rules see settings in tests the way they see them in a run: after loading.
std::string problems_of(const std::string& text) {
  return shown(load(kComponent + text).problems);
}
std::string warnings_of(const std::string& text) {
  return shown(load(kComponent + text).warnings);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Validate, FindsNothingWrongWithTheDefaults) {
  const SourceText source("");
  Report report("f.toml", source);
  Settings settings;
  Origins origins;
  fit_defaults(settings, origins);
  validate(settings, origins, report);
  EXPECT_TRUE(origins.empty());
  EXPECT_TRUE(report.take_problems().empty());
  EXPECT_TRUE(report.take_warnings().empty());
}

TEST(Validate, LowersLimitsThatNobodyWrote) {
  const LoadOutcome outcome = load(kComponent + "[proxy]\nconnections_max = 101\n");
  EXPECT_TRUE(outcome.problems.empty()) << shown(outcome.problems);
  EXPECT_EQ(outcome.settings.proxy.sessions_max, 50U);
  EXPECT_EQ(outcome.settings.proxy.sessions_per_domain_max, 50U);
  EXPECT_EQ(outcome.settings.proxy.sessions_per_jid_max, 50U);
  EXPECT_EQ(outcome.settings.proxy.pending_per_address_max, 101U);
  EXPECT_EQ(to_text(outcome.origins.at("proxy.sessions_max")), "from proxy.connections_max");
}

TEST(Validate, LeavesLimitsThatFit) {
  const LoadOutcome outcome = load(kComponent + "[proxy]\nsessions_max = 30000\n");
  EXPECT_EQ(outcome.settings.proxy.sessions_per_domain_max, 30000U);
  EXPECT_EQ(outcome.settings.proxy.sessions_per_jid_max, 25000U);
}

TEST(Validate, MovesTheSideOfAPairThatNobodyWrote) {
  EXPECT_EQ(load(kComponent + "[component_stream]\nreconnect_delay = '2min'")
                .settings.stream.reconnect_delay_max,
            2min);
  EXPECT_EQ(load(kComponent + "[component_stream]\nreconnect_delay_max = '500ms'")
                .settings.stream.reconnect_delay,
            500ms);
  EXPECT_EQ(load(kComponent + "[component_stream]\nstanza_bytes_max = '16 MiB'")
                .settings.stream.send_queue_bytes_max,
            16U * 1024 * 1024);
}

TEST(Validate, RefusesLimitsThatContradictEachOther) {
  EXPECT_TRUE(has(problems_of("[proxy]\nsessions_max = 11\nconnections_max = 21\n"),
                  "6:16: proxy.sessions_max: 2 times 11 exceeds proxy.connections_max (21)"));
  EXPECT_EQ(problems_of("[proxy]\nsessions_max = 11\nconnections_max = 22\n"), "");
  EXPECT_TRUE(has(problems_of("[proxy]\nsessions_per_jid_max = 60000\n"),
                  "60000 exceeds proxy.sessions_per_domain_max (50000)"));
  EXPECT_TRUE(has(problems_of("[proxy]\nsessions_max = 5\nsessions_per_domain_max = 6\n"),
                  "6 exceeds proxy.sessions_max (5)"));
  EXPECT_TRUE(has(problems_of("[proxy]\nconnections_max = 5\npending_per_address_max = 6\n"),
                  "6 exceeds proxy.connections_max (5)"));
  EXPECT_TRUE(has(problems_of("[component_stream]\nreconnect_delay = 2\nreconnect_delay_max = 1\n"),
                  "\"2s\" exceeds component_stream.reconnect_delay_max (\"1s\")"));
}

TEST(Validate, RefusesTwoComponentsWithOneJid) {
  const std::string text = problems_of(
      "[[component]]\njid = \"Bellhop.Example.ORG\"\nserver = \"127.0.0.1:1\"\nsecret = \"x\"\n");
  EXPECT_TRUE(has(text, "bellhop.toml:6:7: component[1].jid: another component has the jid"))
      << text;
}

TEST(Validate, RefusesTlsOptionsWithoutTls) {
  EXPECT_TRUE(has(problems_of("tls_name = \"a.org\"\n"), "tls_name: has no effect without tls"));
  EXPECT_TRUE(has(problems_of("tls_ca_file = \"a.pem\"\n"), "tls_ca_file: has no effect"));
  EXPECT_EQ(problems_of("tls = true\ntls_name = \"a.org\"\ntls_ca_file = \"a.pem\"\n"), "");
}

TEST(Validate, RefusesListenersThatCoverEachOther) {
  EXPECT_TRUE(has(problems_of("[proxy]\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:1\"]\n"),
                  "127.0.0.1:1 is already covered by 0.0.0.0:1"));
  EXPECT_TRUE(has(problems_of("[proxy]\nlisten = [\"[::]:1\", \"[::1]:1\"]\n"),
                  "[::1]:1 is already covered by [::]:1"));
  EXPECT_EQ(problems_of("[proxy]\nlisten = [\"127.0.0.1:1\", \"[::]:1\", \"0.0.0.0:2\"]\n"), "");
}

TEST(Validate, RefusesAProxyWithNothingToListenOn) {
  EXPECT_TRUE(has(problems_of("[proxy]\nlisten = []\n"), "proxy.listen: nothing to listen on"));
}

TEST(Validate, WarnsOfAnOpenProxy) {
  EXPECT_TRUE(has(warnings_of("[access]\nallow_domains = [\"a.org\", \"*\"]\n"), "strangers too"));
  EXPECT_EQ(warnings_of("[access]\nallow_domains = [\"a.org\"]\n"), "");
}

TEST(Validate, WarnsWhenNobodyMayUseIt) {
  EXPECT_TRUE(has(warnings_of("[access]\nparent_domain = false\n"), "nobody may use"));
  EXPECT_EQ(warnings_of("[access]\nparent_domain = false\nallow_jids = [\"a@b\"]\n"), "");
}

TEST(Validate, WarnsOfWhatIsAllowedAndDenied) {
  EXPECT_TRUE(has(warnings_of("[access]\nallow_jids = [\"A@b\"]\ndeny_jids = [\"a@B\"]\n"),
                  "\"A@b\" is allowed and denied"));
  EXPECT_TRUE(
      has(warnings_of("[access]\nallow_domains = [\"b\"]\ndeny_domains = [\"b\"]\n"), "deny wins"));
}

TEST(Validate, WarnsOfAStreamInClearThatLeavesTheNetwork) {
  const std::string far = "[[component]]\njid = \"b\"\nsecret = \"x\"\nserver = ";
  EXPECT_TRUE(has(shown(load(far + "\"xmpp.example.org:1\"").warnings), "is not encrypted"));
  EXPECT_TRUE(has(shown(load(far + "\"192.0.2.1:1\"").warnings), "4:10: component[0].server"));
  for (const char* near : {"\"xmpp.example.org:1\"\ntls = true", "\"prosody:1\"", "\"[::1]:1\"",
                           "\"10.0.0.5:1\"", "\"localhost:1\""}) {
    EXPECT_EQ(shown(load(far + near).warnings), "") << near;
  }
}

TEST(Validate, WarnsOfAddressesThatTheInternetCannotReach) {
  EXPECT_TRUE(
      has(warnings_of("[public]\nipv4 = \"192.168.1.2\"\n"), "6:8: public.ipv4: 192.168.1.2"));
  EXPECT_TRUE(has(warnings_of("[public]\nipv6 = \"fe80::1\"\n"), "public.ipv6: fe80::1 cannot"));
  EXPECT_TRUE(
      has(warnings_of("[public]\nhost = \"127.0.0.1\"\n"), "public.host: 127.0.0.1 cannot"));
  EXPECT_TRUE(has(warnings_of("[proxy]\nstreamhosts = [\"172.17.0.2:1\"]\n"), "172.17.0.2 cannot"));
  EXPECT_EQ(warnings_of("[public]\nhost = \"proxy.example.org\"\nipv4 = \"192.0.2.1\"\n"), "");
}

// ROOM-03: of several streamhosts many clients try only the first or only the last.
TEST(Validate, WarnsOfSeveralStreamhosts) {
  EXPECT_TRUE(
      has(warnings_of("[proxy]\nstreamhosts = [\"a.org:1\", \"b.org:1\"]\n"), "only one of them"));
  EXPECT_EQ(warnings_of("[proxy]\nstreamhosts = [\"a.org:1\"]\n"), "");
}

TEST(Validate, WarnsOfARateThatIsNeverReached) {
  EXPECT_TRUE(has(warnings_of("[proxy]\nrate_per_session = '2 MiB'\nrate_per_jid = '1 MiB'\n"),
                  "proxy.rate_per_session: is never reached: a wider limit is lower (1 MiB/s)"));
  EXPECT_TRUE(has(warnings_of("[proxy]\nrate_per_jid = '2 MiB'\nrate_total = '1 MiB'\n"),
                  "proxy.rate_per_jid: is never reached"));
  EXPECT_EQ(warnings_of("[proxy]\nrate_per_jid = '1 MiB'\nrate_total = '1 MiB'\n"), "");
}

constexpr std::string_view kTls =
    "tls_certificate = \"a.pem\"\ntls_key = \"b.pem\"\ntls_client_ca = \"c.pem\"\n";

// Nobody is let in over TCP without a certificate of his own.
TEST(Validate, RefusesAnAdminListenerWithoutMutualTls) {
  const std::string listen = "[admin]\nlisten = [\"0.0.0.0:7781\"]\nfull_clients = [\"ops\"]\n";
  EXPECT_EQ(problems_of(listen + std::string(kTls)), "");
  EXPECT_EQ(warnings_of(listen + std::string(kTls)), "");
  const std::string text = problems_of(listen);
  for (const char* name : {"admin.tls_certificate", "admin.tls_key", "admin.tls_client_ca"}) {
    EXPECT_TRUE(has(text, "6:10: admin.listen: needs " + std::string(name))) << text;
  }
  const std::string no_key = problems_of(
      listen + "tls_certificate = \"a.pem\"\ntls_key = \"\"\ntls_client_ca = \"c.pem\"\n");
  EXPECT_TRUE(has(no_key, "needs admin.tls_key")) << no_key;
  EXPECT_FALSE(has(no_key, "needs admin.tls_certificate")) << no_key;
  EXPECT_EQ(problems_of("[admin]\ntls_key = \"b.pem\"\n"), "") << "nothing listens";
}

TEST(Validate, WarnsOfAnAdminListenerForNobody) {
  const std::string listen = "[admin]\nlisten = [\"[::]:7781\"]\n" + std::string(kTls);
  EXPECT_TRUE(has(warnings_of(listen), "6:10: admin.listen: no certificate has a role"));
  EXPECT_EQ(warnings_of(listen + "read_clients = [\"*\"]\n"), "");
}

TEST(Validate, RefusesPlainTextOffLoopback) {
  EXPECT_EQ(problems_of("[admin]\nplaintext_listen = [\"127.0.0.1:1\", \"[::1]:1\"]\n"), "");
  for (const char* address : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "10.0.0.1:1"}) {
    const std::string text = problems_of("[admin]\nplaintext_listen = [\"127.0.0.1:1\", \"" +
                                         std::string(address) + "\"]\n");
    EXPECT_TRUE(
        has(text, "6:20: admin.plaintext_listen: " + std::string(address) + " is not on loopback"))
        << text;
    EXPECT_FALSE(has(text, "127.0.0.1:1 is not on loopback")) << text;
  }
}

TEST(Validate, WarnsOfHttpOffLoopback) {
  EXPECT_EQ(warnings_of("[admin]\nhttp_listen = [\"127.0.0.1:1\", \"[::1]:1\"]\n"), "");
  const std::string text = warnings_of("[admin]\nhttp_listen = [\"[::]:7780\"]\n");
  EXPECT_TRUE(has(text, "6:15: admin.http_listen: [::]:7780 speaks HTTP without TLS")) << text;
}

TEST(Validate, WantsACertificateForHttps) {
  const std::string listen = "[files]\nlisten = [\"192.0.2.1:443\"]\n";
  EXPECT_TRUE(has(problems_of(listen), "files.listen: needs files.tls_certificate"));
  EXPECT_EQ(problems_of(listen + "tls_certificate = \"/c\"\ntls_key = \"/k\"\n"), "");
}

TEST(Validate, WantsAWayToTheFilesOfAComponentThatOffersUploads) {
  const std::string upload = "services = [\"upload\"]\n";
  EXPECT_TRUE(has(problems_of(upload), "files.listen: nothing to listen on"));
  const std::string plain = upload + "[files]\nplain_listen = [\"127.0.0.1:80\"]\n";
  EXPECT_TRUE(has(problems_of(plain), "files.public_url: is needed"));
  EXPECT_EQ(problems_of(plain + "public_url = \"https://b.org\"\n"), "");
  EXPECT_EQ(problems_of("[files]\nplain_listen = [\"127.0.0.1:80\"]\n"), "") << "nobody offers it";
}

TEST(Validate, WantsLinksThatClientsTake) {
  const std::string upload =
      "services = [\"upload\"]\n[files]\nplain_listen = [\"127.0.0.1:80\"]\npublic_url = ";
  EXPECT_TRUE(has(problems_of(upload + "\"http://b.org\"\n"), "files.public_url: is not https"));
  EXPECT_EQ(problems_of(upload + "\"http://127.0.0.1:80\"\n"), "");
}

TEST(Validate, WarnsOfFilesOverHttpOffLoopbackWithoutAProxy) {
  const std::string upload =
      "services = [\"upload\"]\n[files]\nplain_listen = [\"192.0.2.1:80\"]\n"
      "public_url = \"https://b.org\"\n";
  EXPECT_TRUE(has(warnings_of(upload), "files.plain_listen: 192.0.2.1:80 speaks HTTP"));
  EXPECT_FALSE(has(warnings_of(upload + "trusted_proxies = [\"192.0.2.2\"]\n"), "plain_listen"));
}

TEST(Validate, RefusesLargeFilesThatStayLongerThanSmallOnes) {
  const std::string upload =
      "services = [\"upload\"]\n[files]\nplain_listen = [\"127.0.0.1:80\"]\n"
      "public_url = \"https://b.org\"\nretention_min = \"8d\"\n";
  EXPECT_TRUE(has(problems_of(upload + "retention = \"7d\"\n"), "files.retention_min: is longer"));
  EXPECT_EQ(problems_of(upload + "retention = 0\n"), "");
}

// sun_path has 108 bytes, the last of which ends it.
TEST(Validate, RefusesASocketWhosePathIsTooLong) {
  for (const std::string name : {"socket", "read_socket"}) {
    const std::string key = "[admin]\n" + name + " = \"/";
    EXPECT_EQ(problems_of(key + std::string(106, 'x') + "\"\n"), "");
    const std::string text = problems_of(key + std::string(107, 'x') + "\"\n");
    EXPECT_TRUE(has(text, "admin." + name + ": the path has 108 bytes")) << text;
  }
}

}  // namespace
}  // namespace bellhop::config

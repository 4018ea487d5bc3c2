// The rules of [turn]: what contradicts itself, and what opens a way that nobody wants open.
#include "config/validate_turn.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

// The rules see settings in tests the way they see them in a run: after loading.
std::string problems_of(const std::string& text) {
  return shown(load(kComponent + "services = [\"turn\"]\n[turn]\n" + text).problems);
}
std::string warnings_of(const std::string& text) {
  return shown(load(kComponent + "services = [\"turn\"]\n[turn]\n" + text).warnings);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ValidateTurn, FindsNothingWrongWithTheDefaults) {
  EXPECT_EQ(problems_of(""), "");
  EXPECT_EQ(warnings_of(""), "");
}

TEST(ValidateTurn, WantsSixteenPorts) {
  EXPECT_EQ(problems_of("port_min = 50000\nport_max = 50015\n"), "");
  EXPECT_TRUE(has(problems_of("port_min = 50000\nport_max = 50014\n"),
                  "8:12: turn.port_max: leaves 15 ports"));
  EXPECT_TRUE(has(problems_of("port_min = 50000\nport_max = 40000\n"), "leaves 0 ports"));
  // TURN-A18: never below 1024.
  EXPECT_TRUE(has(problems_of("port_min = 1023\n"), "turn.port_min: 1023 is out of range"));
  EXPECT_EQ(problems_of("port_min = 1024\n"), "");
}

TEST(ValidateTurn, WarnsOfAListenerAmongTheRelayedPorts) {
  EXPECT_TRUE(has(warnings_of("listen = [\"0.0.0.0:50000\"]\n"),
                  "turn.listen: 0.0.0.0:50000 lies among the relayed ports"));
  EXPECT_EQ(warnings_of("listen = [\"0.0.0.0:49151\"]\n"), "");
}

TEST(ValidateTurn, WantsBothFilesForTls) {
  const std::string listen = "tls_listen = [\"0.0.0.0:5349\"]\n";
  for (const char* missing : {"", "tls_key = \"/k\"\n", "tls_certificate = \"/c\"\n"}) {
    EXPECT_TRUE(has(problems_of(listen + missing), "turn.tls_listen: needs turn.tls_certificate"));
  }
  const std::string files = "tls_key = \"/k\"\ntls_certificate = \"/c\"\n";
  EXPECT_EQ(problems_of(listen + files), "");
  EXPECT_TRUE(has(problems_of("tls_listen = [\"0.0.0.0:3478\"]\n" + files),
                  "turn.tls_listen: 0.0.0.0:3478 is in turn.listen, too"));
}

TEST(ValidateTurn, WantsListenersThatDoNotCoverEachOther) {
  EXPECT_TRUE(has(problems_of("listen = [\"127.0.0.1:1\", \"0.0.0.0:1\"]\n"),
                  "turn.listen: 127.0.0.1:1 is already covered by 0.0.0.0:1"));
  EXPECT_TRUE(has(problems_of("listen = []\n"), "turn.listen: nothing to listen on"));
  EXPECT_EQ(shown(load(kComponent + "[turn]\nlisten = []\n").problems), "") << "nobody offers it";
}

// TURN-D07: what listens on loopback trusts this machine, not the world.
TEST(ValidateTurn, LetsNobodyButThisMachineRelayToLoopback) {
  const std::string local = "listen = [\"127.0.0.1:3478\", \"[::1]:3478\"]\n";
  const std::string world = "listen = [\"127.0.0.1:3478\", \"192.0.2.1:3478\"]\n";
  for (const char* network : {"127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "::1", "::/0",
                              "::ffff:127.0.0.1", "::ffff:0:0/96"}) {
    const std::string allow = "allow_peers = [\"" + std::string(network) + "\"]\n";
    EXPECT_EQ(problems_of(local + allow), "") << network;
    EXPECT_TRUE(has(problems_of(world + allow), "loopback")) << network;
    EXPECT_TRUE(has(problems_of(allow), "loopback")) << network << " with default listeners";
    EXPECT_TRUE(has(problems_of(local + allow +
                                "tls_listen = [\"0.0.0.0:1\"]\ntls_key = \"k\"\n"
                                "tls_certificate = \"c\"\n"),
                    "loopback"))
        << network << " with TLS for the world";
  }
  EXPECT_EQ(problems_of("allow_peers = [\"10.0.0.0/8\", \"fd00::/8\"]\n"), "");
}

TEST(ValidateTurn, WantsNetworksThatAreNetworks) {
  for (const char* key : {"allow_peers", "deny_peers"}) {
    for (const char* value : {"10.0.0.0/33", "example.org", "10.0.0", "", "10.0.0.0/-1"}) {
      const std::string text = problems_of(key + (" = [\"" + std::string(value)) + "\"]\n");
      EXPECT_TRUE(has(text, "turn." + std::string(key))) << value << text;
    }
  }
}

TEST(ValidateTurn, WantsOneRelayAddressOfAFamily) {
  EXPECT_EQ(problems_of("relay_addresses = [\"192.0.2.1\", \"2001:db8::1\"]\n"), "");
  EXPECT_TRUE(has(problems_of("relay_addresses = [\"192.0.2.1\", \"192.0.2.2\"]\n"),
                  "turn.relay_addresses: two addresses of IPv4"));
  EXPECT_TRUE(has(problems_of("relay_addresses = [\"2001:db8::1\", \"2001:db8::2\"]\n"),
                  "turn.relay_addresses: two addresses of IPv6"));
  EXPECT_TRUE(has(problems_of("relay_addresses = [\"relay.example.org\"]\n"), "relay_addresses"));
  for (const char* wildcard : {"0.0.0.0", "::"}) {
    EXPECT_TRUE(has(problems_of("relay_addresses = [\"" + std::string(wildcard) + "\"]\n"),
                    "is no address that clients can be told"));
  }
}

// JRN-10: behind 1:1 NAT the public address stands for a local one of the same family.
TEST(ValidateTurn, WantsPublicAddressesThatStandForLocalOnes) {
  const std::string relay = "relay_addresses = [\"10.0.0.1\"]\n";
  EXPECT_EQ(problems_of(relay + "public_relay_addresses = [\"192.0.2.1\"]\n"), "");
  EXPECT_TRUE(has(problems_of(relay + "public_relay_addresses = [\"2001:db8::1\"]\n"),
                  "turn.public_relay_addresses: an address whose family is missing"));
  EXPECT_TRUE(has(problems_of("public_relay_addresses = [\"192.0.2.1\", \"192.0.2.2\"]\n"),
                  "two addresses of IPv4"));
  EXPECT_EQ(problems_of("public_relay_addresses = [\"192.0.2.1\", \"2001:db8::1\"]\n"), "");
}

TEST(ValidateTurn, WantsAlternateServersThatClientsCanBeSentTo) {
  EXPECT_EQ(problems_of("alternate_servers = [\"192.0.2.1:3478\", \"[2001:db8::1]:3478\"]\n"), "");
  EXPECT_TRUE(has(problems_of("alternate_servers = [\"192.0.2.1:1\", \"192.0.2.2:1\"]\n"),
                  "turn.alternate_servers: two addresses of IPv4"));
  EXPECT_FALSE(problems_of("alternate_servers = [\"192.0.2.1:0\"]\n").empty());
  EXPECT_FALSE(problems_of("alternate_servers = [\"turn.example.org:1\"]\n").empty());
}

TEST(ValidateTurn, WantsLifetimesInOrder) {
  EXPECT_TRUE(has(problems_of("allocation_lifetime = \"2h\"\nallocation_lifetime_max = \"1h\"\n"),
                  "\"2h\" exceeds turn.allocation_lifetime_max (\"1h\")"));
  EXPECT_EQ(
      load(kComponent + "[turn]\nallocation_lifetime = '2h'").settings.turn.allocation_lifetime_max,
      2h);
  // TURN-A04: nonces expire at least hourly.
  EXPECT_FALSE(problems_of("nonce_lifetime = \"61min\"\n").empty());
  EXPECT_EQ(load(kComponent + "[turn]\nallocations_max = 5").settings.turn.allocations_per_user_max,
            5U);
}

TEST(ValidateTurn, WarnsOfASecretThatIsNotKept) {
  const std::string text = "services = [\"turn\"]\n[monitoring]\nstate_dir = \"\"\n";
  EXPECT_TRUE(
      has(shown(load(kComponent + text).warnings), "turn.secret_files: there is no secret"));
}

class TurnFiles : public testing::Test {
 protected:
  // Loads a file in the folder that names these with relative paths.
  LoadOutcome load_with(const std::string& lines, SecretFiles secret_files = SecretFiles::read) {
    LoadOptions options;
    options.path = folder_.path("bellhop.toml");
    options.secret_files = secret_files;
    return load_text(kComponent + "services = [\"turn\"]\n[turn]\n" + lines, options);
  }

  TemporaryFolder folder_;
};

TEST_F(TurnFiles, AreReadBesideTheConfiguration) {
  EXPECT_TRUE(folder_.write("new", std::string(16, 'n') + '\n').ends_with("new"));
  EXPECT_TRUE(folder_.write("old", std::string(32, 'o')).ends_with("old"));
  EXPECT_TRUE(folder_.write("users", "romeo:montague\n").ends_with("users"));
  const LoadOutcome outcome =
      load_with("secret_files = [\"new\", \"old\"]\nusers_file = \"users\"\n");
  ASSERT_EQ(shown(outcome.problems), "");
  const TurnSettings& turn = outcome.settings.turn;
  ASSERT_EQ(turn.secrets.size(), 2U);
  EXPECT_EQ(turn.secrets[0].reveal(), std::string(16, 'n'));
  EXPECT_EQ(turn.secrets[1].reveal(), std::string(32, 'o'));
  ASSERT_EQ(turn.users.size(), 1U);
  EXPECT_EQ(turn.users[0].name, "romeo");
  EXPECT_EQ(turn.realm, "example.org");
  EXPECT_EQ(to_text(outcome.origins.at("turn.realm")), "from component[0].parent_domain");
}

TEST_F(TurnFiles, AreRefusedWhereTheSecretIsShortOrOpen) {
  EXPECT_TRUE(folder_.write("short", std::string(15, 'h')).ends_with("short"));
  EXPECT_TRUE(folder_.write("open", std::string(16, 'h'), 0644).ends_with("open"));
  const std::string text = shown(load_with("secret_files = [\"short\", \"open\"]\n").problems);
  EXPECT_TRUE(has(text, "7:16: turn.secret_files: a secret is too short")) << text;
  EXPECT_TRUE(has(text, "can be read by everybody")) << text;
  EXPECT_FALSE(has(text, "hhh")) << text;
  EXPECT_TRUE(has(shown(load_with("users_file = \"missing\"\n").problems), "7:14: "));
}

TEST_F(TurnFiles, StayClosedForTextsThatAreNotTrusted) {
  const LoadOutcome outcome =
      load_with("secret_files = [\"missing\"]\nusers_file = \"missing\"\n", SecretFiles::skip);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_TRUE(outcome.settings.turn.secrets.empty() && outcome.settings.turn.users.empty());
}

}  // namespace
}  // namespace bellhop::config

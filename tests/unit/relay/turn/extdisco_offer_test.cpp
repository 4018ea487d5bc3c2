// What a configuration offers: few services, by addresses that clients can reach.
#include "relay/turn/extdisco_offer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bellhop::turn {
namespace {

// `type/transport host port` of each service, one a line.
std::string offered(const config::Settings& settings, std::vector<std::string_view> reached) {
  std::vector<base::IpAddress> addresses;
  for (const std::string_view text : reached) {
    addresses.push_back(base::IpAddress::parse(text).value());
  }
  std::string text;
  for (const ExternalService& each : offered_services(settings, addresses)) {
    text.append(to_string(each.type)).append("/").append(to_string(each.transport));
    text.append(" ").append(each.host).append(" ").append(std::to_string(each.port)).append("\n");
  }
  return text;
}

config::Settings listening(std::vector<config::HostPort> listen,
                           std::vector<config::HostPort> tls_listen = {}) {
  config::Settings settings;
  settings.turn.listen = std::move(listen);
  settings.turn.tls_listen = std::move(tls_listen);
  return settings;
}

// EXD-06: an IP literal, because some clients resolve no names for UDP.
TEST(ExtdiscoOffer, TellsAddressesForUdpAndTheNameForTls) {
  config::Settings settings = listening({{"0.0.0.0", 3478}, {"::", 3478}}, {{"0.0.0.0", 5349}});
  settings.public_address.host = "turn.example.org";
  EXPECT_EQ(offered(settings, {"198.51.100.7"}),
            "stun/udp 198.51.100.7 3478\n"
            "stun/udp turn.example.org 3478\n"
            "turn/udp 198.51.100.7 3478\n"
            "turn/udp turn.example.org 3478\n"
            "turn/tcp 198.51.100.7 3478\n"
            "turns/tcp turn.example.org 5349\n");
  EXPECT_EQ(offered(settings, {"2001:db8::7", "198.51.100.7"}),
            "stun/udp 198.51.100.7 3478\n"
            "stun/udp 2001:db8::7 3478\n"
            "turn/udp 198.51.100.7 3478\n"
            "turn/udp 2001:db8::7 3478\n"
            "turn/tcp 198.51.100.7 3478\n"
            "turns/tcp turn.example.org 5349\n");
}

TEST(ExtdiscoOffer, TellsTheNameOnceWhereNoAddressIsKnown) {
  config::Settings settings = listening({{"0.0.0.0", 3478}, {"::", 3478}});
  EXPECT_EQ(offered(settings, {}), "");
  settings.public_address.host = "turn.example.org";
  EXPECT_EQ(offered(settings, {}),
            "stun/udp turn.example.org 3478\n"
            "turn/udp turn.example.org 3478\n"
            "turn/tcp turn.example.org 3478\n");
}

// Behind 1:1 NAT the local address tells nobody anything.
TEST(ExtdiscoOffer, TellsThePublicAddressOfAPrivateListener) {
  const config::Settings settings = listening({{"10.0.0.5", 443}}, {{"10.0.0.5", 5349}});
  EXPECT_EQ(offered(settings, {"8.8.8.8"}),
            "stun/udp 8.8.8.8 443\nturn/udp 8.8.8.8 443\nturn/tcp 8.8.8.8 443\n"
            "turns/tcp 8.8.8.8 5349\n");
  EXPECT_EQ(offered(settings, {"10.0.0.6"}),
            "stun/udp 10.0.0.5 443\nturn/udp 10.0.0.5 443\nturn/tcp 10.0.0.5 443\n"
            "turns/tcp 10.0.0.5 5349\n");
}

TEST(ExtdiscoOffer, TellsAPublicListenerAsItIs) {
  const config::Settings settings = listening({{"9.9.9.9", 3478}});
  EXPECT_EQ(offered(settings, {"8.8.8.8"}),
            "stun/udp 9.9.9.9 3478\nturn/udp 9.9.9.9 3478\nturn/tcp 9.9.9.9 3478\n");
}

TEST(ExtdiscoOffer, TellsOnlyWhatIsListenedOn) {
  EXPECT_EQ(offered(listening({{"::1", 3478}}), {"127.0.0.1"}),
            "stun/udp ::1 3478\nturn/udp ::1 3478\nturn/tcp ::1 3478\n");
  EXPECT_EQ(offered(listening({}, {{"127.0.0.1", 5349}}), {}), "turns/tcp 127.0.0.1 5349\n");
  EXPECT_EQ(offered(listening({}), {"198.51.100.7"}), "");
}

}  // namespace
}  // namespace bellhop::turn

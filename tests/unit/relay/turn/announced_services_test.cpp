#include "relay/turn/announced_services.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bellhop::turn {
namespace {

base::IpAddress ip(const char* text) {
  return base::IpAddress::parse(text).value();
}

std::string told(const config::PublicSettings& address, const TurnListeners& listeners) {
  const RelayPlaces places({RelayPlaces::Address{ip("10.0.0.1"), ip("8.8.8.8")}, {}});
  std::string text;
  for (const ExternalService& service : announced_services(address, listeners, places)) {
    text += std::string(to_string(service.type)) + ":" + service.host + ":" +
            std::to_string(service.port) + "/" + std::string(to_string(service.transport)) + "\n";
  }
  return text;
}

// EXD-06
TEST(AnnouncedServices, AreTheWaysInUnderThePublicName) {
  config::PublicSettings address;
  address.host = "turn.example.org";
  address.ipv4 = "9.9.9.9";
  const TurnListeners listeners{{{ip("0.0.0.0"), 3478}, {ip("::"), 3478}}, {{ip("0.0.0.0"), 5349}}};
  EXPECT_EQ(told(address, listeners),
            "stun:turn.example.org:3478/udp\n"
            "turn:turn.example.org:3478/udp\n"
            "turn:turn.example.org:3478/tcp\n"
            "turns:turn.example.org:5349/tcp\n");
}

TEST(AnnouncedServices, HaveTheAddressWhereThereIsNoName) {
  config::PublicSettings address;
  const TurnListeners listeners{{{ip("0.0.0.0"), 3478}}, {}};
  EXPECT_EQ(told(address, listeners),
            "stun:8.8.8.8:3478/udp\nturn:8.8.8.8:3478/udp\nturn:8.8.8.8:3478/tcp\n");
  address.ipv6 = "2a00::1";
  EXPECT_NE(told(address, listeners).find("turn:2a00::1:3478/udp"), std::string::npos);
  address.ipv4 = "9.9.9.9";
  EXPECT_NE(told(address, listeners).find("turn:9.9.9.9:3478/udp"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::turn

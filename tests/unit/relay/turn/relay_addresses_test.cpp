// Which addresses are relayed from, and which are shown.
#include "relay/turn/relay_addresses.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bellhop::turn {
namespace {

using Addresses = std::vector<std::string>;

// `local>shown` of each family, `-` where there is none.
std::string chosen(const config::TurnSettings& turn, const Addresses& machine,
                   const config::PublicSettings& public_address = {}) {
  std::vector<base::IpAddress> own;
  for (const std::string& text : machine) own.push_back(base::IpAddress::parse(text).value());
  const auto found = choose_relay_addresses(turn, public_address, own);
  std::string text;
  for (const auto& address : {found.v4, found.v6}) {
    if (!text.empty()) text += ' ';
    text += address ? address->local.text() + ">" + address->shown.text() : "-";
  }
  return text;
}

const Addresses kPublic{"127.0.0.1", "::1", "10.0.0.5", "8.8.8.8", "fe80::1", "2a00::5"};
const Addresses kBehindNat{"127.0.0.1", "::1", "169.254.3.4", "10.0.0.5", "fe80::1"};

TEST(RelayAddresses, AreTheFirstGlobalOnesOfTheMachine) {
  EXPECT_EQ(chosen({}, kPublic), "8.8.8.8>8.8.8.8 2a00::5>2a00::5");
  EXPECT_EQ(chosen({}, {"127.0.0.1", "8.8.8.8"}), "8.8.8.8>8.8.8.8 -");
  EXPECT_EQ(chosen({}, kBehindNat), "- -");
}

TEST(RelayAddresses, AreThoseOfTheOptionsFirst) {
  config::TurnSettings turn;
  turn.relay_addresses = {"10.0.0.5"};
  EXPECT_EQ(chosen(turn, kPublic), "10.0.0.5>10.0.0.5 2a00::5>2a00::5");
  turn.public_relay_addresses = {"9.9.9.9"};
  EXPECT_EQ(chosen(turn, kPublic), "10.0.0.5>9.9.9.9 2a00::5>2a00::5");
}

TEST(RelayAddresses, AreWhatTheServerListensOnWhereThatIsAnAddress) {
  config::TurnSettings turn;
  turn.listen = {{"127.0.0.1", 3478}, {"::", 3478}};
  EXPECT_EQ(chosen(turn, kBehindNat), "127.0.0.1>127.0.0.1 -");
}

TEST(RelayAddresses, AreShownAsThePublicOneBehindNat) {
  config::PublicSettings public_address;
  public_address.host = "turn.example.org";
  EXPECT_EQ(chosen({}, kBehindNat, public_address), "- -");
  public_address.ipv4 = "9.9.9.9";
  EXPECT_EQ(chosen({}, kBehindNat, public_address), "10.0.0.5>9.9.9.9 -");
  public_address = {};
  public_address.host = "9.9.9.9";
  EXPECT_EQ(chosen({}, kBehindNat, public_address), "10.0.0.5>9.9.9.9 -");
  // Somebody who has the public address does not need it told.
  EXPECT_EQ(chosen({}, kPublic, public_address), "8.8.8.8>8.8.8.8 2a00::5>2a00::5");
}

}  // namespace
}  // namespace bellhop::turn

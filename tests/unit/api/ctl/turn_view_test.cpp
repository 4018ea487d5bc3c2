// The relay for calls as `bellhopctl node` and `turn show` print it.
#include "api/ctl/turn_view.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "api/ctl/text.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::Turn turn() {
  v1::Turn turn;
  turn.set_is_open(true);
  turn.add_listen_addresses("0.0.0.0:3478");
  turn.add_listen_addresses("[::]:3478");
  turn.add_services("turn:turn.example.org:3478?transport=udp");
  v1::TurnRelay& relay = *turn.add_relays();
  relay.set_address("203.0.113.7");
  relay.set_local_address("203.0.113.7");
  relay.set_free_port_count(16'000);
  relay.set_port_count(16'384);
  turn.set_allocation_count(40);
  turn.set_allocation_limit(10'000);
  turn.set_dropped_packet_count(12);
  return turn;
}

std::string printed(const v1::Turn& turn) {
  FieldList fields;
  add_turn_fields(fields, turn);
  std::ostringstream out;
  fields.print(out, Style());
  return out.str();
}

TEST(TurnView, TellsWhereItIsAndHowMuchIsInUse) {
  const std::string text = printed(turn());
  EXPECT_NE(text.find("0.0.0.0:3478, [::]:3478\n"), std::string::npos) << text;
  EXPECT_NE(text.find("turn:turn.example.org:3478?transport=udp\n"), std::string::npos) << text;
  EXPECT_NE(text.find("203.0.113.7: 16000 of 16384 ports free\n"), std::string::npos) << text;
  EXPECT_NE(text.find("40 of 10000\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" 12\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("TLS"), std::string::npos) << "there is no such listener";
  EXPECT_EQ(text.find("takes no new calls"), std::string::npos) << text;
}

TEST(TurnView, TellsOfNatTlsLossAndADrain) {
  v1::Turn behind_nat = turn();
  behind_nat.set_is_open(false);
  behind_nat.mutable_relays(0)->set_local_address("10.0.0.2");
  behind_nat.add_tls_listen_addresses("0.0.0.0:5349");
  behind_nat.set_kernel_dropped_packet_count(7);
  const std::string text = printed(behind_nat);
  EXPECT_NE(text.find("203.0.113.7 (bound to 10.0.0.2): 16000"), std::string::npos) << text;
  EXPECT_NE(text.find("0.0.0.0:5349\n"), std::string::npos) << text;
  EXPECT_NE(text.find("12, 7 of them by the kernel\n"), std::string::npos) << text;
  EXPECT_NE(text.find("takes no new calls\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace bellhop::ctl

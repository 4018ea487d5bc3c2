// How the relay for calls is told as values, and its services as URIs.
#include "api/turn_status.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::api {
namespace {

using turn::ExternalService;
using Type = ExternalService::Type;
using Over = ExternalService::Transport;

config::Settings settings() {
  config::Settings settings;
  config::ComponentSettings component;
  component.jid = "bellhop.example.org";
  component.parent_domain = "example.org";
  component.services = {config::Service::turn};
  settings.components.push_back(component);
  settings.public_address.host = "turn.example.org";
  settings.turn.listen = {{"127.0.0.1", 0}};
  settings.turn.relay_addresses = {"127.0.0.1"};
  settings.turn.public_relay_addresses = {"203.0.113.7"};
  settings.turn.port_min = 50000;
  settings.turn.port_max = 51999;
  settings.turn.allocations_max = 123;
  settings.turn.secrets.emplace_back("a secret of the tests");
  return settings;
}

class TurnStatusTest : public ::testing::Test {
 protected:
  // Nothing runs yet, so this is the control shard.
  TurnStatus status() { return read_turn_status(server_, nullptr, settings_); }

  config::Settings settings_ = settings();
  runtime::test::TempLog log_;
  runtime::ShardSet shards_{2};
  policy::Admission admission_{
      std::make_shared<policy::Policy>(policy::Rules{}, policy::Rules{}, true)};
  turn::TurnServer server_{{shards_, 1, log_.log(), settings_, admission_}};
};

TEST_F(TurnStatusTest, TellsWhereItIsAndHowMuchIsFree) {
  const TurnStatus fresh = status();
  EXPECT_FALSE(fresh.is_open) << "not started";
  ASSERT_EQ(fresh.listen.size(), 1U);
  EXPECT_EQ(fresh.listen[0].address.text(), "127.0.0.1");
  EXPECT_NE(fresh.listen[0].port, 0);
  ASSERT_EQ(fresh.relays.size(), 1U);
  EXPECT_EQ(fresh.relays[0].shown.text(), "203.0.113.7");
  EXPECT_EQ(fresh.relays[0].local.text(), "127.0.0.1");
  EXPECT_EQ(fresh.relays[0].free_ports, 2000U);
  EXPECT_EQ(fresh.ports, 2000U);
  EXPECT_EQ(fresh.allocations, 0U);
  EXPECT_EQ(fresh.allocations_max, 123U);
  ASSERT_EQ(fresh.services.size(), 3U);
  EXPECT_EQ(fresh.services[0].host, "127.0.0.1");  // where it listens
  (void)server_.ports(fresh.relays[0].local).take();
  EXPECT_EQ(status().relays[0].free_ports, 1999U);
}

TEST_F(TurnStatusTest, AddsUpWhatTheShardsCount) {
  using turn::TurnCounter;
  auto& first = server_.counters().of_shard(0);
  auto& second = server_.counters().of_shard(1);
  first.add(TurnCounter::packets_to_peers, 10);
  second.add(TurnCounter::packets_to_clients, 5);
  second.add(TurnCounter::dropped_no_permission, 3);
  second.add(TurnCounter::dropped_by_kernel, 4);
  first.add(TurnCounter::refused_quota, 1);
  first.add(TurnCounter::refused_capacity, 1);
  first.add(TurnCounter::refused_forbidden, 1);
  first.add(TurnCounter::refused_unauthenticated, 100);  // a part of every call
  second.add(TurnCounter::connections, 2);
  const TurnStatus counted = status();
  EXPECT_EQ(counted.packets, 15U);
  EXPECT_EQ(counted.packets_dropped, 7U);
  EXPECT_EQ(counted.packets_dropped_by_kernel, 4U);
  EXPECT_EQ(counted.refusals, 3U);
  EXPECT_EQ(counted.connections, 2U);
}

// EXD-06
TEST(ToUri, IsWhatRfc7064AndRfc7065Say) {
  EXPECT_EQ(to_uri({Type::stun, "turn.example.org", 3478, Over::udp}),
            "stun:turn.example.org:3478");
  EXPECT_EQ(to_uri({Type::turn, "192.0.2.1", 3478, Over::tcp}),
            "turn:192.0.2.1:3478?transport=tcp");
  EXPECT_EQ(to_uri({Type::turns, "2001:db8::1", 5349, Over::tcp}),
            "turns:[2001:db8::1]:5349?transport=tcp");
}

}  // namespace
}  // namespace bellhop::api

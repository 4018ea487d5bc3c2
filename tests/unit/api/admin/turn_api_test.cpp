// TurnService beside a real relay: how it stands, and credentials that open it.
#include "api/admin/turn_api.hpp"

#include <gtest/gtest.h>

#include "api/admin/turn_client.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using test::AdminWorld;

constexpr const char* kAlice = "alice@example.org";

v1::CreateTurnCredentialsRequest for_user(const std::string& jid, std::int64_t ttl_seconds = 0) {
  v1::CreateTurnCredentialsRequest request;
  request.set_jid(jid);
  if (ttl_seconds != 0) request.mutable_ttl()->set_seconds(ttl_seconds);
  return request;
}

class TurnApiTest : public ::testing::Test {
 protected:
  v1::Turn shown() {
    return world_.expect_call<v1::GetTurnResponse>("TurnService/GetTurn", v1::GetTurnRequest())
        .turn();
  }
  ApiResult<v1::CreateTurnCredentialsResponse> create(
      const v1::CreateTurnCredentialsRequest& request, const Caller& caller = test::kOperator) {
    return world_.call<v1::CreateTurnCredentialsResponse>("TurnService/CreateTurnCredentials",
                                                          request, caller);
  }
  void deny(const std::string& subject) {
    v1::SetAccessRuleRequest request;
    request.mutable_access_rule()->set_subject(subject);
    request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
    world_.expect_call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  }
  std::unique_ptr<TurnClient> client(const v1::CreateTurnCredentialsResponse& made) {
    const base::IpEndpoint at = world_.core.parts.control.parts().turn->bound().plain.front();
    TurnClient::Server where{TurnClient::Over::udp, "127.0.0.1", at, at.port};
    return std::make_unique<TurnClient>(world_.admin_shard().executor(), std::move(where),
                                        TurnClient::User{made.username(), made.password()});
  }
  Trouble allocate(TurnClient& of) {
    return world_.run(of.allocate(stun::AddressFamily::ipv4, Deadline::after(10s)));
  }

  AdminWorld world_{{.config = "[turn]\ncredential_lifetime = \"2h\"\n", .has_turn = true}};
};

TEST_F(TurnApiTest, TellsHowTheRelayStandsAndTheNodeDoesToo) {
  const v1::Turn turn = shown();
  EXPECT_TRUE(turn.is_open());
  ASSERT_EQ(turn.listen_addresses_size(), 1);
  EXPECT_TRUE(turn.listen_addresses(0).starts_with("127.0.0.1:"));
  EXPECT_EQ(turn.tls_listen_addresses_size(), 0);
  ASSERT_EQ(turn.services_size(), 3);
  EXPECT_TRUE(turn.services(0).starts_with("stun:127.0.0.1:")) << turn.services(0);
  ASSERT_EQ(turn.relays_size(), 1);
  EXPECT_EQ(turn.relays(0).address(), "127.0.0.1");
  EXPECT_EQ(turn.relays(0).free_port_count(), turn.relays(0).port_count());
  EXPECT_GT(turn.allocation_limit(), 0U);
  const auto node =
      world_.expect_call<v1::GetNodeResponse>("NodeService/GetNode", v1::GetNodeRequest()).node();
  EXPECT_EQ(node.turn().listen_addresses(0), turn.listen_addresses(0));
}

// TURN-A11
TEST_F(TurnApiTest, CredentialsOpenTheRelayAsTheUser) {
  const auto made = create(for_user(kAlice));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->realm(), "example.org");
  ASSERT_EQ(made->services_size(), 2) << "what they open, which STUN is not";
  EXPECT_TRUE(made->services(0).starts_with("turn:127.0.0.1:")) << made->services(0);
  EXPECT_EQ(made->username().find("alice"), std::string::npos) << "EXD-08: nobody reads who it is";
  const auto alice = client(*made);
  ASSERT_EQ(allocate(*alice), "");
  EXPECT_EQ(shown().allocation_count(), 1U);
  EXPECT_EQ(shown().relays(0).free_port_count(), shown().relays(0).port_count() - 1);
  v1::ListSessionsRequest request;
  request.set_filter("kind = turn AND requester = \"alice@example.org\"");
  world_.refresh();
  const auto sessions =
      world_.expect_call<v1::ListSessionsResponse>("SessionService/ListSessions", request);
  EXPECT_EQ(sessions.sessions_size(), 1);
}

TEST_F(TurnApiTest, ARuleMakesThemUseless) {
  const auto made = create(for_user(kAlice));
  ASSERT_TRUE(made);
  const auto before = client(*made);
  ASSERT_EQ(allocate(*before), "");
  deny("jid:alice@example.org");
  world_.expect([&] { return shown().allocation_count() == 0; });
  const auto after = client(*made);
  EXPECT_NE(allocate(*after).find("403"), std::string::npos);
  EXPECT_EQ(shown().refusal_count(), 1U);
  const auto again = create(for_user(kAlice));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind().name, "failed-precondition");
  EXPECT_NE(again.error().message().find("explain"), std::string::npos);
}

TEST_F(TurnApiTest, TheyLastAsLongAsIsSaid) {
  const auto lasts = [this](const ApiResult<v1::CreateTurnCredentialsResponse>& made) {
    EXPECT_TRUE(made);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return made->expire_time().seconds() -
           std::chrono::duration_cast<std::chrono::seconds>(now).count();
  };
  EXPECT_NEAR(static_cast<double>(lasts(create(for_user(kAlice)))), 7200, 30);
  EXPECT_NEAR(static_cast<double>(lasts(create(for_user(kAlice, 60)))), 60, 30);
  EXPECT_TRUE(create(for_user(kAlice, 30 * 86'400)));
}

TEST_F(TurnApiTest, WhatCannotBeIsRefusedWithTheField) {
  EXPECT_EQ(create(for_user("alice@example.org/phone")).error().field(), "jid");
  EXPECT_EQ(create(for_user("")).error().field(), "jid");
  EXPECT_EQ(create(for_user(kAlice, 59)).error().field(), "ttl");
  EXPECT_EQ(create(for_user(kAlice, 30 * 86'400 + 1)).error().field(), "ttl");
  EXPECT_EQ(create(for_user("eve@stranger.example")).error().kind().name, "failed-precondition");
  EXPECT_EQ(create(for_user(kAlice), test::kReader).error().kind().name, "permission-denied");
}

TEST_F(TurnApiTest, TheLogTellsWhoMadeThemAndNotThePassword) {
  const auto made = create(for_user(kAlice));
  ASSERT_TRUE(made);
  const std::string log = world_.log().text();
  EXPECT_NE(log.find("CreateTurnCredentials"), std::string::npos);
  EXPECT_NE(log.find(kAlice), std::string::npos);
  EXPECT_EQ(log.find(made->password()), std::string::npos);
}

TEST(TurnApi, WithoutTurnThereIsNothingToOpen) {
  AdminWorld world;
  EXPECT_FALSE(world.expect_call<v1::GetTurnResponse>("TurnService/GetTurn", v1::GetTurnRequest())
                   .has_turn());
  const auto made = world.call<v1::CreateTurnCredentialsResponse>(
      "TurnService/CreateTurnCredentials", for_user(kAlice));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind().name, "failed-precondition");
}

TEST(ParentsWith, AreThoseOfComponentsWithTheService) {
  config::Settings settings;
  const auto add = [&settings](const char* parent, std::vector<config::Service> services) {
    config::ComponentSettings component;
    component.parent_domain = parent;
    component.services = std::move(services);
    settings.components.push_back(std::move(component));
  };
  add("one.example", {config::Service::proxy});
  add("two.example", {config::Service::proxy, config::Service::turn});
  add("three.example", {config::Service::turn});
  add("two.example", {config::Service::turn});
  EXPECT_EQ(parents_with(settings, config::Service::turn),
            (std::vector<std::string>{"two.example", "three.example"}));
}

}  // namespace
}  // namespace bellhop::admin

// bellhopctl turn against a stand-in for the daemon.
#include "api/ctl/turn_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/turn_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

TEST(TurnCommands, ShowTellsOfTheRelayOrThatThereIsNone) {
  StandIn daemon;
  daemon.answer("TurnService/GetTurn", {v1::GetTurnResponse()});
  v1::GetTurnResponse response;
  response.mutable_turn()->set_is_open(true);
  response.mutable_turn()->set_allocation_count(40);
  response.mutable_turn()->set_allocation_limit(100);
  daemon.answer("TurnService/GetTurn", {response});
  EXPECT_EQ(run_with(daemon, {"turn", "show"}).out, "no component offers TURN\n");
  const Outcome outcome = run_with(daemon, {"turn", "show"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("40 of 100\n"), std::string::npos) << outcome.out;
}

TEST(TurnCommands, CredentialsAreForAUserAndAWhile) {
  StandIn daemon;
  v1::CreateTurnCredentialsResponse response;
  response.set_username("1700000000:token");
  response.set_password("secret");
  response.set_realm("example.org");
  response.mutable_expire_time()->set_seconds(kNowSeconds + 600);
  response.add_services("turn:turn.example.org:3478?transport=udp");
  response.add_services("turn:turn.example.org:3478?transport=tcp");
  daemon.answer("TurnService/CreateTurnCredentials", {response});
  const Outcome outcome =
      run_with(daemon, {"turn", "credentials", "alice@example.org", "--ttl", "10m"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* text : {"1700000000:token\n", "secret\n", "example.org\n",
                           "turn:turn.example.org:3478?transport=tcp\n"}) {
    EXPECT_NE(outcome.out.find(text), std::string::npos) << outcome.out;
  }
  const auto request =
      daemon.request<v1::CreateTurnCredentialsRequest>("TurnService/CreateTurnCredentials");
  EXPECT_EQ(request.jid(), "alice@example.org");
  EXPECT_EQ(request.ttl().seconds(), 600);
}

TEST(TurnCommands, TheConfigurationSaysHowLongUnlessTheCallerDoes) {
  StandIn daemon;
  daemon.answer("TurnService/CreateTurnCredentials", {v1::CreateTurnCredentialsResponse()});
  EXPECT_EQ(run_with(daemon, {"turn", "credentials", "alice@example.org"}).code, 0);
  const auto request =
      daemon.request<v1::CreateTurnCredentialsRequest>("TurnService/CreateTurnCredentials");
  EXPECT_FALSE(request.has_ttl());
}

TEST(TurnCommands, HelpOfCredentialsSaysHowTheyAreTakenBack) {
  StandIn daemon;
  const Outcome outcome = run_with(daemon, {"turn", "credentials", "--help"});
  EXPECT_NE(outcome.out.find("policy access set JID deny"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace bellhop::ctl

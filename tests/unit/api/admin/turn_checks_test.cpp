// doctor's checks of the relay for calls, beside a real one, and what it makes of a server's
// answer.
#include "api/admin/turn_checks.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/namespaces.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using test::AdminWorld;
using turn::ExternalService;
using xmpp::Element;
namespace ns = xmpp::ns;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class TurnChecksTest : public ::testing::Test {
 protected:
  void close() {
    auto close = [this] {
      world_.core.parts.control.set_open(false);
      return true;
    };
    (void)world_.run(world_.core.on_control(close));
  }

  AdminWorld world_{{.config = "", .has_turn = true}};
  Core& core_ = world_.core;
};

// TURN-A01, TURN-P01
TEST_F(TurnChecksTest, TheLoopGoesThroughEachTransportThatIsAnnounced) {
  const CheckOutcome outcome = world_.run(check_turn_loop(core_));
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_PASSED) << outcome.summary;
  EXPECT_TRUE(has(outcome.summary, "transport=udp in ")) << outcome.summary;
  EXPECT_TRUE(has(outcome.summary, "transport=tcp in ")) << outcome.summary;
  auto allocations = [&core = core_] { return core.parts.control.turn()->allocations; };
  world_.expect([&] { return world_.run(core_.on_control(allocations)) == 0; });
}

TEST_F(TurnChecksTest, TheLoopAsksNoRule) {
  v1::SetAccessRuleRequest request;
  request.mutable_access_rule()->set_subject("total");
  request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
  world_.expect_call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  const CheckOutcome outcome = world_.run(check_turn_loop(core_));
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_PASSED) << outcome.summary;
}

TEST_F(TurnChecksTest, ALoopThroughAClosedRelayFails) {
  close();
  const CheckOutcome outcome = world_.run(check_turn_loop(core_));
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_FAILED);
  EXPECT_TRUE(has(outcome.fix, "undrain")) << outcome.fix;
}

TEST_F(TurnChecksTest, AnAddressThatOnlyThisNetworkReachesIsAWarning) {
  const CheckOutcome outcome = world_.run(check_turn_address(core_));
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_WARNING);
  EXPECT_TRUE(has(outcome.summary, "127.0.0.1")) << outcome.summary;
  EXPECT_TRUE(has(outcome.fix, "turn.public_relay_addresses")) << outcome.fix;
  EXPECT_TRUE(has(outcome.fix, "[public] host")) << outcome.fix;
}

TEST_F(TurnChecksTest, AServerThatIsAwayIsNotAsked) {
  const CheckOutcome outcome = world_.run(check_turn_credentials(core_));
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_SKIPPED);
  EXPECT_TRUE(has(outcome.summary, "not attached")) << outcome.summary;
}

TEST(TurnChecks, WithoutTurnNothingIsChecked) {
  AdminWorld world;
  for (const auto check : {check_turn_address, check_turn_loop, check_turn_credentials}) {
    const CheckOutcome outcome = world.run(check(world.core));
    EXPECT_EQ(outcome.status, v1::CHECK_STATUS_SKIPPED) << outcome.summary;
  }
}

turn::Credentials credentials(const char* secret) {
  turn::Credentials::Options options;
  options.realm = "example.org";
  options.domain = "example.org";
  options.secrets.emplace_back(secret);
  return turn::Credentials(std::move(options));
}

class JudgeServices : public ::testing::Test {
 protected:
  // A service of the server's answer; without credentials, for STUN.
  Element& tell(const std::string& type, const std::string& host, const std::string& port) {
    Element service("service", ns::kExtdisco);
    service.set("type", type).set("host", host).set("port", port).set("transport", "udp");
    return services_.add(std::move(service));
  }
  void tell_with(const turn::Credentials& issuer, base::Duration lifetime = 1h) {
    const auto issued =
        issuer.issue("alice@example.org", "example.org",
                     std::chrono::system_clock::now() +
                         std::chrono::duration_cast<std::chrono::system_clock::duration>(lifetime));
    tell("turn", "TURN.example.org", "3478")
        .set("username", issued.username)
        .set("password", issued.password);
  }
  CheckOutcome judge() { return judge_services(services_, "example.org", ours_, credentials_); }

  Element services_{"services", ns::kExtdisco};
  std::vector<ExternalService> ours_{
      {ExternalService::Type::stun, "turn.example.org", 3478, ExternalService::Transport::udp},
      {ExternalService::Type::turn, "turn.example.org", 3478, ExternalService::Transport::udp}};
  turn::Credentials credentials_ = credentials("the secret of both");
};

// EXD-09, TURN-A11
TEST_F(JudgeServices, CredentialsThatBellhopBelievesPass) {
  tell("stun", "turn.example.org", "3478");
  tell_with(credentials_);
  tell("xmpp", "other.example.org", "5222");
  EXPECT_EQ(judge().status, v1::CHECK_STATUS_PASSED) << judge().summary;
}

TEST_F(JudgeServices, CredentialsOfAnotherSecretFail) {
  tell_with(credentials("the secret of somebody else"));
  EXPECT_EQ(judge().status, v1::CHECK_STATUS_FAILED);
  EXPECT_TRUE(has(judge().fix, "turn.secret_files")) << judge().fix;
}

TEST_F(JudgeServices, CredentialsThatAreOverFail) {
  tell_with(credentials_, -1h);
  EXPECT_EQ(judge().status, v1::CHECK_STATUS_FAILED);
  EXPECT_TRUE(has(judge().fix, "clocks")) << judge().fix;
}

TEST_F(JudgeServices, TurnWithoutCredentialsFails) {
  tell("turn", "turn.example.org", "3478");
  EXPECT_EQ(judge().status, v1::CHECK_STATUS_FAILED);
  EXPECT_TRUE(has(judge().summary, "without credentials")) << judge().summary;
}

TEST_F(JudgeServices, AnotherRelayIsAWarning) {
  tell_with(credentials_);
  tell("turn", "rival.example.org", "");
  const CheckOutcome outcome = judge();
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_WARNING);
  EXPECT_TRUE(has(outcome.summary, "turn:rival.example.org:3478")) << outcome.summary;
  EXPECT_TRUE(has(outcome.fix, "mod_stun_disco")) << outcome.fix;
}

TEST_F(JudgeServices, AServerThatTellsOfNoneIsAWarning) {
  EXPECT_EQ(judge().status, v1::CHECK_STATUS_WARNING);
  EXPECT_TRUE(has(judge().fix, "deploy/attach")) << judge().fix;
}

TEST_F(JudgeServices, OfAnEndlessAnswerAPartIsLookedAt) {
  for (int i = 0; i < 1000; ++i) tell("turn", "rival" + std::to_string(i) + ".example", "1");
  EXPECT_LT(judge().summary.size(), 5000U);
}

}  // namespace
}  // namespace bellhop::admin

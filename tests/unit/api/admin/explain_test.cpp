// Each reason for a refusal, and that the proxy gives the same.
#include "api/admin/explain.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using test::AdminWorld;

const std::string kAlice = "alice@example.org/phone";

class ExplainTest : public ::testing::Test {
 protected:
  v1::ExplainAccessResponse explain(const std::string& user = kAlice, bool is_open = true) {
    world_.refresh();
    return explain_access(core_, {xmpp::Jid::parse(user).value(), is_open, {"example.org"}});
  }
  void quota(const std::string& subject, std::uint64_t daily, std::uint64_t monthly,
             std::uint32_t sessions) {
    v1::SetQuotaRequest request;
    request.mutable_quota()->set_subject(subject);
    request.mutable_quota()->set_daily_bytes(daily);
    request.mutable_quota()->set_monthly_bytes(monthly);
    request.mutable_quota()->set_session_count(sessions);
    world_.expect_call<v1::SetQuotaResponse>("PolicyService/SetQuota", request);
  }
  // What the first step that failed says; a test failure if it is not the reason.
  void expect_reason(const v1::ExplainAccessResponse& response, const std::string& reason,
                     const std::string& check) {
    EXPECT_FALSE(response.is_allowed());
    EXPECT_EQ(response.reason(), reason);
    EXPECT_NE(response.summary().find(check), std::string::npos) << response.summary();
    for (const v1::ExplainStep& step : response.steps()) {
      if (step.is_passed()) continue;
      EXPECT_EQ(step.check(), check);
      return;
    }
    ADD_FAILURE() << "every step passed";
  }
  void use(std::uint64_t bytes) {
    const base::Ulid id = world_.start(kAlice);
    world_.move(id, {bytes, 0, 0});
    world_.end(id);
    world_.refresh();
  }

  AdminWorld world_;
  const Core& core_ = world_.core;
};

TEST_F(ExplainTest, WhoMayIsToldThatASessionWouldBeGranted) {
  const auto response = explain();
  EXPECT_TRUE(response.is_allowed());
  EXPECT_EQ(response.reason(), "");
  EXPECT_GE(response.steps_size(), 2);
  for (const auto& step : response.steps()) EXPECT_TRUE(step.is_passed()) << step.check();
}

TEST_F(ExplainTest, AClosedServiceIsAReason) {
  expect_reason(explain(kAlice, false), "proxy-closed", "service open");
}

TEST_F(ExplainTest, AStrangerIsNotAllowed) {
  expect_reason(explain("eve@stranger.example"), "user-not-allowed", "access rules");
  EXPECT_FALSE(world_.may_start("eve@stranger.example"));
}

TEST_F(ExplainTest, TheDecidingRuleIsNamedWithItsOrigin) {
  v1::SetAccessRuleRequest request;
  request.mutable_access_rule()->set_subject("jid:alice@example.org");
  request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
  world_.expect_call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  const auto response = explain();
  expect_reason(response, "user-not-allowed", "access rules");
  EXPECT_EQ(response.steps(1).origin().source(), "runtime");
  EXPECT_EQ(response.steps(1).origin().detail(), "uid:0");
}

TEST_F(ExplainTest, WithoutComponentsNobodyMay) {
  const auto response = explain_access(core_, {xmpp::Jid::parse(kAlice).value(), true, {}});
  EXPECT_EQ(response.reason(), "user-not-allowed");
}

TEST_F(ExplainTest, OneOfSeveralParentDomainsIsEnough) {
  const auto response = explain_access(
      core_, {xmpp::Jid::parse(kAlice).value(), true, {"other.example", "example.org"}});
  EXPECT_TRUE(response.is_allowed());
}

TEST_F(ExplainTest, BytesOfTheUserOfADayAndOfAMonth) {
  quota("jid:alice@example.org", 1000, 0, 0);
  use(999);
  EXPECT_TRUE(explain().is_allowed());
  use(1);
  expect_reason(explain(), "bytes-of-jid", "daily quota of the JID");
  EXPECT_FALSE(world_.may_start(kAlice));
  quota("jid:alice@example.org", 0, 1000, 0);
  expect_reason(explain(), "bytes-of-jid", "monthly quota of the JID");
  EXPECT_FALSE(world_.may_start(kAlice));
  quota("jid:alice@example.org", 0, 1001, 0);
  EXPECT_TRUE(explain().is_allowed());
  EXPECT_TRUE(world_.may_start(kAlice));
}

TEST_F(ExplainTest, BytesOfTheDomainAndOfEverybody) {
  use(1000);
  quota("total", 1000, 0, 0);
  expect_reason(explain(), "bytes-total", "daily quota of everybody");
  quota("domain:*", 1000, 0, 0);
  expect_reason(explain(), "bytes-of-domain", "daily quota of the domain");
  quota("jid:*", 0, 1000, 0);
  const auto response = explain();
  expect_reason(response, "bytes-of-jid", "monthly quota of the JID");
  EXPECT_NE(response.summary().find("1000 of 1000"), std::string::npos) << response.summary();
  EXPECT_FALSE(world_.may_start(kAlice));
}

TEST_F(ExplainTest, SessionsOfTheUserTheDomainAndEverybody) {
  quota("jid:*", 0, 0, 2);
  (void)world_.start(kAlice);
  EXPECT_TRUE(explain().is_allowed());
  (void)world_.start(kAlice, 1);
  expect_reason(explain(), "sessions-of-jid", "sessions of the JID");
  EXPECT_TRUE(explain("bob@example.org").is_allowed());
  // In the order in which a grant is decided: everybody, the domain, the user.
  quota("domain:example.org", 0, 0, 2);
  expect_reason(explain(), "sessions-of-domain", "sessions of the domain");
  quota("total", 0, 0, 2);
  expect_reason(explain("bob@example.org"), "sessions-total", "sessions of everybody");
}

TEST_F(ExplainTest, BytesComeBeforeSessionsAndRulesBeforeBoth) {
  quota("jid:*", 1000, 0, 1);
  const base::Ulid id = world_.start(kAlice);
  expect_reason(explain(), "sessions-of-jid", "sessions of the JID");
  world_.move(id, {1000, 0, 0});
  world_.refresh();
  world_.expect([&] { return world_.reason_of(id) == runtime::EndReason::quota; });
  expect_reason(explain(), "bytes-of-jid", "daily quota of the JID");
  expect_reason(explain("alice@stranger.example"), "user-not-allowed", "access rules");
}

// What the store checks, with what it would answer (files::StorageLedger).
class ExplainStoredTest : public ExplainTest {
 protected:
  using Uses = std::vector<files::StorageUse>;

  // Of the JID, the domain and everybody.
  v1::ExplainAccessResponse explain_stored(Uses stored) {
    world_.refresh();
    return explain_access(
        core_, {xmpp::Jid::parse(kAlice).value(), true, {"example.org"}, std::move(stored)});
  }
  void stored_quota(const std::string& subject, std::uint64_t bytes, std::uint64_t files) {
    v1::SetQuotaRequest request;
    request.mutable_quota()->set_subject(subject);
    request.mutable_quota()->set_stored_bytes(bytes);
    request.mutable_quota()->set_stored_file_count(files);
    world_.expect_call<v1::SetQuotaResponse>("PolicyService/SetQuota", request);
  }
};

TEST_F(ExplainStoredTest, BytesOfTheUserTheDomainAndEverybody) {
  const Uses uses{{10, 1}, {20, 2}, {30, 3}};
  stored_quota("total", 30, 0);
  expect_reason(explain_stored(uses), "stored-total", "stored bytes of everybody");
  stored_quota("domain:*", 20, 0);
  expect_reason(explain_stored(uses), "stored-of-domain", "stored bytes of the domain");
  stored_quota("jid:alice@example.org", 10, 0);
  const auto response = explain_stored(uses);
  expect_reason(response, "stored-of-jid", "stored bytes of the JID");
  EXPECT_NE(response.summary().find("10 of 10"), std::string::npos) << response.summary();
  EXPECT_TRUE(explain_stored({{9, 1}, {19, 2}, {29, 3}}).is_allowed()) << "a byte is left";
}

TEST_F(ExplainStoredTest, FilesOfTheUserTheDomainAndEverybody) {
  const Uses uses{{10, 1}, {20, 2}, {30, 3}};
  stored_quota("total", 0, 3);
  expect_reason(explain_stored(uses), "files-total", "stored files of everybody");
  stored_quota("domain:example.org", 0, 2);
  expect_reason(explain_stored(uses), "files-of-domain", "stored files of the domain");
  stored_quota("jid:*", 0, 1);
  expect_reason(explain_stored(uses), "files-of-jid", "stored files of the JID");
  EXPECT_TRUE(explain_stored({{10, 0}, {20, 1}, {30, 2}}).is_allowed());
}

TEST_F(ExplainStoredTest, AreAskedOnlyForKindsThatStore) {
  stored_quota("jid:*", 1, 1);
  EXPECT_TRUE(explain().is_allowed());
  const auto response = explain_stored({{1, 1}, {1, 1}, {1, 1}});
  EXPECT_FALSE(response.is_allowed());
  EXPECT_EQ(response.steps_size(), explain().steps_size() + 2) << "two limits are said";
  // The greatest number says that there is no limit, so there is nothing to check.
  constexpr auto kNone = std::numeric_limits<std::uint64_t>::max();
  stored_quota("jid:*", kNone, kNone);
  EXPECT_EQ(explain_stored({{1, 1}, {1, 1}, {1, 1}}).steps_size(), explain().steps_size());
}

TEST_F(ExplainStoredTest, ComeBehindRulesBytesAndSessions) {
  stored_quota("jid:*", 1, 0);
  quota("domain:*", 0, 0, 1);
  (void)world_.start(kAlice);
  const auto response = explain_stored({{1, 1}, {1, 1}, {1, 1}});
  expect_reason(response, "sessions-of-domain", "sessions of the domain");
  std::vector<std::string> failed;
  for (const v1::ExplainStep& step : response.steps()) {
    if (!step.is_passed()) failed.push_back(step.check());
  }
  EXPECT_EQ(failed,
            (std::vector<std::string>{"sessions of the domain", "stored bytes of the JID"}));
}

// What the relay for calls checks (turn::AllocationDesk, nodes::ChannelService).
class ExplainRelayTest : public ExplainTest {
 protected:
  static ExplainRelay relay(bool is_channel = false) {
    ExplainRelay relay;
    relay.is_channel = is_channel;
    relay.is_offered = true;
    relay.own_max = 3;
    relay.all_max = 10;
    relay.free_ports = 4;
    return relay;
  }
  v1::ExplainAccessResponse explain_relay(const ExplainRelay& relay, bool is_open = true) {
    world_.refresh();
    ExplainInput input{xmpp::Jid::parse(kAlice).value(), is_open, {"example.org"}};
    input.relay = relay;
    return explain_access(core_, input);
  }
};

// TURN-A14
TEST_F(ExplainRelayTest, AllocationsAreCountedByUserAndAltogether) {
  ExplainRelay few = relay();
  few.own = 2;
  few.all = 9;
  few.free_ports = 1;
  EXPECT_TRUE(explain_relay(few).is_allowed());
  ExplainRelay own = few;
  own.own = 3;
  expect_reason(explain_relay(own), "allocations-of-jid", "allocations of the JID");
  ExplainRelay all = few;
  all.all = 10;
  expect_reason(explain_relay(all), "allocations-total", "allocations of everybody");
  ExplainRelay no_port = few;
  no_port.free_ports = 0;
  expect_reason(explain_relay(no_port), "no-ports", "free ports");
}

// JRN-06
TEST_F(ExplainRelayTest, ChannelsHaveACapOfTheirOwnAndTakeFourPorts) {
  ExplainRelay few = relay(true);
  few.own = 2;
  few.all = 10;  // of allocations
  EXPECT_TRUE(explain_relay(few).is_allowed());
  ExplainRelay own = few;
  own.own = 3;
  expect_reason(explain_relay(own), "channels-of-jid", "channels of the JID");
  ExplainRelay no_port = few;
  no_port.free_ports = 3;
  expect_reason(explain_relay(no_port), "no-ports", "free ports");
}

TEST_F(ExplainRelayTest, WhatNobodyOffersAndWhatIsClosedComeFirst) {
  ExplainRelay none = relay();
  none.is_offered = false;
  expect_reason(explain_relay(none), "not-offered", "service offered");
  expect_reason(explain_relay(relay(), false), "relay-closed", "service open");
}

TEST_F(ExplainRelayTest, TheOptionBehindACapIsNamed) {
  ExplainRelay own = relay();
  own.own = 3;
  const auto response = explain_relay(own);
  for (const v1::ExplainStep& step : response.steps()) {
    if (step.check() != "allocations of the JID") continue;
    EXPECT_EQ(step.origin().source(), "default");
    EXPECT_EQ(step.origin().detail(), "turn.allocations_per_user_max");
    EXPECT_EQ(step.detail(), "3 of 3 allocations run");
    return;
  }
  ADD_FAILURE() << "no such step";
}

v1::ExplainAccessResponse ask_for(AdminWorld& world, const char* kind) {
  v1::ExplainAccessRequest request;
  request.set_jid(kAlice);
  request.set_kind(kind);
  return world.expect_call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request);
}

TEST(ExplainCalls, AreGrantedWhereARelayRuns) {
  AdminWorld world({.config = "", .has_turn = true});
  EXPECT_TRUE(ask_for(world, "turn").is_allowed());
  EXPECT_TRUE(ask_for(world, "relay-channel").is_allowed());
}

TEST(ExplainCalls, AreRefusedWhereThereIsNone) {
  AdminWorld world;
  EXPECT_EQ(ask_for(world, "turn").reason(), "not-offered");
  EXPECT_EQ(ask_for(world, "relay-channel").reason(), "not-offered");
}

TEST(ExplainCalls, ChannelsThatAreSwitchedOffAreNotOffered) {
  AdminWorld world({.config = "[turn]\nrelay_channels_per_user_max = 0\n", .has_turn = true});
  EXPECT_TRUE(ask_for(world, "turn").is_allowed());
  EXPECT_EQ(ask_for(world, "relay-channel").reason(), "not-offered");
}

}  // namespace
}  // namespace bellhop::admin

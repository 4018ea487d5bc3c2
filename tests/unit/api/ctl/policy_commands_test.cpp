// bellhopctl policy and explain against a stand-in for the daemon.
#include "api/ctl/policy_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/policy_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::AccessRule rule() {
  v1::AccessRule rule;
  rule.set_subject("jid:mallory@example.org");
  rule.set_action(v1::RULE_ACTION_DENY);
  rule.set_comment("spam");
  rule.mutable_expire_time()->set_seconds(kNowSeconds + 3'600);
  rule.mutable_origin()->set_source("runtime");
  rule.mutable_origin()->set_detail("uid:1000");
  return rule;
}

v1::SetAccessRuleResponse set_response(std::uint64_t ended_count) {
  v1::SetAccessRuleResponse response;
  *response.mutable_access_rule() = rule();
  response.set_ended_session_count(ended_count);
  return response;
}

TEST(PolicyCommands, AccessListFollowsThePages) {
  StandIn daemon;
  v1::ListAccessRulesResponse page;
  *page.add_access_rules() = rule();
  page.set_next_page_token("more");
  daemon.answer("PolicyService/ListAccessRules", {page});
  page.clear_next_page_token();
  daemon.answer("PolicyService/ListAccessRules", {page});
  const Outcome outcome = run_with(daemon, {"policy", "access", "list"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::string row =
      "jid:mallory@example.org  deny    2026-03-01 13:00:00  runtime: uid:1000  spam\n";
  EXPECT_EQ(outcome.out,
            "SUBJECT                  ACTION  UNTIL                FROM               COMMENT\n" +
                row + row);
  EXPECT_EQ(
      daemon.request<v1::ListAccessRulesRequest>("PolicyService/ListAccessRules", 1).page_token(),
      "more");
}

TEST(PolicyCommands, AccessSetAsksIfItEndsSessions) {
  StandIn daemon;
  daemon.answer("PolicyService/SetAccessRule", {set_response(3)});
  const std::vector<std::string> line{"policy", "access",    "set",  "mallory@example.org",
                                      "deny",   "--comment", "spam", "--expires",
                                      "1h"};
  const Outcome outcome = run_with(daemon, line, {.is_in = true, .typed = "y\n"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "This ends 3 running session(s). Go on? [y/N] ");
  EXPECT_NE(outcome.out.find("ended 3 session(s)\n"), std::string::npos);
  const auto dry = daemon.request<v1::SetAccessRuleRequest>("PolicyService/SetAccessRule", 0);
  EXPECT_TRUE(dry.validate_only());
  const auto real = daemon.request<v1::SetAccessRuleRequest>("PolicyService/SetAccessRule", 1);
  EXPECT_FALSE(real.validate_only());
  EXPECT_EQ(real.access_rule().subject(), "jid:mallory@example.org");
  EXPECT_EQ(real.access_rule().action(), v1::RULE_ACTION_DENY);
  EXPECT_EQ(real.access_rule().comment(), "spam");
  EXPECT_EQ(real.access_rule().expire_time().seconds(), kNowSeconds + 3'600);
  EXPECT_EQ(run_with(daemon, line).code, 2) << "nobody to ask";
  EXPECT_EQ(daemon.count("PolicyService/SetAccessRule"), 3U);
}

TEST(PolicyCommands, AccessSetThatEndsNothingDoesNotAsk) {
  StandIn daemon;
  daemon.answer("PolicyService/SetAccessRule", {set_response(0)});
  EXPECT_EQ(run_with(daemon, {"policy", "access", "set", "total", "allow"}).code, 0);
  const Outcome dry = run_with(daemon, {"policy", "access", "set", "total", "deny", "--dry-run"});
  EXPECT_NE(dry.out.find("would end 0 session(s)\n"), std::string::npos);
}

TEST(PolicyCommands, DeleteNamesTheSubject) {
  StandIn daemon;
  daemon.answer("PolicyService/DeleteAccessRule", {v1::DeleteAccessRuleResponse()});
  daemon.answer("PolicyService/DeleteQuota", {v1::DeleteQuotaResponse()});
  daemon.answer("PolicyService/DeleteRateLimit", {v1::DeleteRateLimitResponse()});
  EXPECT_EQ(run_with(daemon, {"policy", "access", "delete", "a@b"}).out,
            "deleted accessRules/jid:a@b\n");
  EXPECT_EQ(run_with(daemon, {"policy", "quota", "delete", "quotas/domain:b"}).out,
            "deleted quotas/domain:b\n");
  EXPECT_EQ(run_with(daemon, {"policy", "rate", "delete", "total", "-o", "json"}).out, "{}\n");
  EXPECT_EQ(daemon.request<v1::DeleteRateLimitRequest>("PolicyService/DeleteRateLimit").name(),
            "rateLimits/total");
}

TEST(PolicyCommands, DeleteOfWhatIsNotThereIsNotFound) {
  StandIn daemon;
  daemon.refuse("PolicyService/DeleteQuota",
                detailed_status(grpc::StatusCode::NOT_FOUND, "no quota of a@b", "not-found"));
  EXPECT_EQ(run_with(daemon, {"policy", "quota", "delete", "a@b"}).code, 3);
}

TEST(PolicyCommands, QuotaListShowsWhatIsUsed) {
  StandIn daemon;
  v1::ListQuotasResponse response;
  auto* quota = response.add_quotas();
  quota->set_subject("domain:example.org");
  quota->set_daily_bytes(10 << 20);
  quota->mutable_usage()->set_daily_bytes(9 << 20);
  quota->mutable_origin()->set_source("file");
  response.add_quotas()->set_subject("jid:*");
  daemon.answer("PolicyService/ListQuotas", {response});
  const Outcome outcome =
      run_with(daemon, {"policy", "quota", "list"}, {.is_out = true, .columns = 200});
  EXPECT_NE(outcome.out.find("10.0 MiB  \x1B[33m9.0 MiB\x1B[0m"), std::string::npos) << outcome.out;
  EXPECT_NE(run_with(daemon, {"policy", "quota", "list"}).out.find("jid:*"), std::string::npos);
}

TEST(PolicyCommands, QuotaSetSendsSizes) {
  StandIn daemon;
  daemon.answer("PolicyService/SetQuota", {v1::SetQuotaResponse()});
  EXPECT_EQ(run_with(daemon, {"policy", "quota", "set", "jid:*", "--daily", "2G", "--monthly",
                              "1Ti", "--sessions", "4", "--dry-run"})
                .code,
            0);
  const auto request = daemon.request<v1::SetQuotaRequest>("PolicyService/SetQuota");
  EXPECT_EQ(request.quota().daily_bytes(), 2'000'000'000U);
  EXPECT_EQ(request.quota().monthly_bytes(), 1ULL << 40U);
  EXPECT_EQ(request.quota().session_count(), 4U);
  EXPECT_TRUE(request.validate_only());
  EXPECT_EQ(run_with(daemon, {"policy", "quota", "set", "jid:*", "--daily", "none"}).code, 0);
  EXPECT_EQ(daemon.request<v1::SetQuotaRequest>("PolicyService/SetQuota", 1).quota().daily_bytes(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(run_without({"policy", "quota", "set", "jid:*"}).code, 2);
  EXPECT_EQ(run_without({"policy", "quota", "set", "jid:*", "--sessions", "0"}).code, 2);
  EXPECT_EQ(run_without({"policy", "quota", "set", "x:y", "--daily", "1"}).code, 2);
}

TEST(PolicyCommands, QuotaSetSendsLimitsOfTheFileStore) {
  StandIn daemon;
  daemon.answer("PolicyService/SetQuota", {v1::SetQuotaResponse()});
  EXPECT_EQ(run_with(daemon, {"policy", "quota", "set", "example.org", "--stored", "100G",
                              "--files", "5000", "--file", "64Mi"})
                .code,
            0);
  const auto request = daemon.request<v1::SetQuotaRequest>("PolicyService/SetQuota");
  EXPECT_EQ(request.quota().subject(), "domain:example.org");
  EXPECT_EQ(request.quota().stored_bytes(), 100'000'000'000U);
  EXPECT_EQ(request.quota().stored_file_count(), 5'000U);
  EXPECT_EQ(request.quota().file_bytes(), 64U << 20U);
  EXPECT_EQ(request.quota().daily_bytes(), 0U) << "says nothing of it";
  EXPECT_FALSE(request.validate_only());
  for (const char* option : {"--stored", "--files", "--file"}) {
    EXPECT_EQ(run_with(daemon, {"policy", "quota", "set", "total", option, "none"}).code, 0);
    EXPECT_EQ(run_without({"policy", "quota", "set", "total", option, "0"}).code, 2) << option;
    EXPECT_EQ(run_without({"policy", "quota", "set", "total", option, "many"}).code, 2) << option;
  }
  constexpr auto kNone = std::numeric_limits<std::uint64_t>::max();
  const auto nth = [&daemon](std::size_t index) {
    return daemon.request<v1::SetQuotaRequest>("PolicyService/SetQuota", index).quota();
  };
  EXPECT_EQ(nth(1).stored_bytes(), kNone);
  EXPECT_EQ(nth(2).stored_file_count(), kNone);
  EXPECT_EQ(nth(3).file_bytes(), kNone);
  EXPECT_EQ(run_without({"policy", "quota", "set", "total"}).err,
            "bellhopctl: give --daily, --monthly, --sessions, --stored, --files or --file\n");
}

TEST(PolicyCommands, QuotaListShowsWhatIsStored) {
  StandIn daemon;
  v1::ListQuotasResponse response;
  auto* quota = response.add_quotas();
  quota->set_subject("total");
  quota->set_stored_bytes(10 << 20);
  quota->set_stored_file_count(7);
  quota->set_file_bytes(std::numeric_limits<std::uint64_t>::max());
  quota->mutable_usage()->set_stored_bytes(3 << 20);
  quota->mutable_usage()->set_stored_file_count(2);
  daemon.answer("PolicyService/ListQuotas", {response});
  const Outcome outcome =
      run_with(daemon, {"policy", "quota", "list", "--no-color"}, {.is_out = true, .columns = 200});
  EXPECT_NE(outcome.out.find("10.0 MiB  3.0 MiB      7    2       -"), std::string::npos)
      << outcome.out;
}

TEST(PolicyCommands, RateSetSendsBytesPerSecond) {
  StandIn daemon;
  v1::SetRateLimitResponse response;
  response.mutable_rate_limit()->set_subject("session:*");
  response.mutable_rate_limit()->set_bytes_per_second(5 << 20);
  daemon.answer("PolicyService/SetRateLimit", {response});
  const Outcome outcome = run_with(daemon, {"policy", "rate", "set", "session:*", "5MiB/s"});
  EXPECT_EQ(outcome.out, "SUBJECT         RATE  FROM\nsession:*  5.0 MiB/s\n");
  EXPECT_EQ(daemon.request<v1::SetRateLimitRequest>("PolicyService/SetRateLimit")
                .rate_limit()
                .bytes_per_second(),
            5U << 20U);
}

TEST(PolicyCommands, RateListShowsLimits) {
  StandIn daemon;
  v1::ListRateLimitsResponse response;
  response.add_rate_limits()->set_subject("total");
  daemon.answer("PolicyService/ListRateLimits", {response});
  EXPECT_EQ(run_with(daemon, {"policy", "rate", "list"}).out,
            "SUBJECT  RATE  FROM\ntotal       -\n");
}

TEST(PolicyCommands, UsageTellsWhatIsLeft) {
  StandIn daemon;
  v1::GetUsageResponse response;
  response.mutable_usage()->set_daily_bytes(1024);
  response.mutable_usage()->set_session_count(2);
  response.mutable_quota()->set_subject("jid:*");
  response.mutable_quota()->set_daily_bytes(2048);
  response.mutable_usage()->set_stored_bytes(3072);
  response.mutable_usage()->set_stored_file_count(5);
  response.mutable_quota()->set_stored_file_count(6);
  response.mutable_quota()->set_file_bytes(1024);
  response.mutable_quota()->mutable_origin()->set_source("file");
  daemon.answer("PolicyService/GetUsage", {response});
  EXPECT_EQ(run_with(daemon, {"policy", "usage", "alice@example.org"}).out,
            "subject:      jid:alice@example.org\n"
            "today:        1.0 KiB of 2.0 KiB\n"
            "this month:   0 B, no limit\n"
            "sessions:     2, no limit\n"
            "stored:       3.0 KiB, no limit\n"
            "files:        5 of 6\n"
            "a file:       at most 1.0 KiB\n"
            "limits from:  jid:* (file)\n");
}

TEST(PolicyCommands, ExplainShowsEveryCheck) {
  StandIn daemon;
  v1::ExplainAccessResponse response;
  response.set_reason("user-not-allowed");
  response.set_summary("A rule denies it.");
  auto* step = response.add_steps();
  step->set_check("access rules");
  step->set_detail("jid:a@b is denied");
  step->mutable_origin()->set_source("runtime");
  daemon.answer("PolicyService/ExplainAccess", {response});
  const Outcome outcome = run_with(daemon, {"explain", "a@b", "--kind", "socks5"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "refused (user-not-allowed): A rule denies it.\n"
            "CHECK         PASSED  DETAIL             FROM\n"
            "access rules  no      jid:a@b is denied  runtime\n");
  EXPECT_EQ(run_with(daemon, {"explain", "a@b", "--kind", "upload"}).code, 0);
  EXPECT_EQ(daemon.request<v1::ExplainAccessRequest>("PolicyService/ExplainAccess", 1).kind(),
            "upload");
  EXPECT_EQ(run_without({"explain", "a@b", "--kind", "pigeon"}).code, 2);
}

}  // namespace
}  // namespace bellhop::ctl

// PolicyService: what is set is stored, in force on every shard, and taken back.
#include "api/admin/policy_api.hpp"

#include <gtest/gtest.h>

#include "proxy/files/errors.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using runtime::EndReason;
using runtime::LimitScope;
using test::AdminWorld;

const std::string kAlice = "alice@example.org/phone";

constexpr const char* kConfig =
    "[access]\n"
    "deny_jids = [\"mallory@example.org\"]\n"
    "allow_domains = [\"friends.example\"]\n"
    "[quota]\n"
    "daily_bytes_per_jid = \"1 MiB\"\n";

class PolicyApiTest : public ::testing::Test {
 protected:
  ApiResult<v1::SetAccessRuleResponse> set_access(const std::string& subject, v1::RuleAction action,
                                                  bool is_trial = false) {
    v1::SetAccessRuleRequest request;
    request.mutable_access_rule()->set_subject(subject);
    request.mutable_access_rule()->set_action(action);
    request.set_validate_only(is_trial);
    return world_.call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  }
  ApiResult<v1::SetQuotaResponse> set_quota(const std::string& subject, std::uint64_t daily,
                                            bool is_trial = false) {
    v1::SetQuotaRequest request;
    request.mutable_quota()->set_subject(subject);
    request.mutable_quota()->set_daily_bytes(daily);
    request.set_validate_only(is_trial);
    return world_.call<v1::SetQuotaResponse>("PolicyService/SetQuota", request);
  }
  ApiResult<v1::SetRateLimitResponse> set_rate(const std::string& subject, std::uint64_t rate,
                                               bool is_trial = false) {
    v1::SetRateLimitRequest request;
    request.mutable_rate_limit()->set_subject(subject);
    request.mutable_rate_limit()->set_bytes_per_second(rate);
    request.set_validate_only(is_trial);
    return world_.call<v1::SetRateLimitResponse>("PolicyService/SetRateLimit", request);
  }
  template <typename Request, typename Response>
  ApiResult<Response> remove(const std::string& method, const std::string& name) {
    Request request;
    request.set_name(name);
    return world_.call<Response>("PolicyService/" + method, request);
  }
  std::size_t stored() {
    auto count = [](api::State& state) -> base::Result<std::size_t> {
      const auto rows = state.policy.load();
      if (!rows) return rows.error();
      return rows->size();
    };
    return world_.run(world_.core.on_store(count)).value();
  }
  v1::GetUsageResponse usage(const std::string& subject) {
    v1::GetUsageRequest request;
    request.set_subject(subject);
    return world_.expect_call<v1::GetUsageResponse>("PolicyService/GetUsage", request);
  }

  AdminWorld world_{{.config = kConfig, .has_store = true}};
};

TEST_F(PolicyApiTest, ADeniedUserIsOutOnEveryShardUntilTheRuleIsRemoved) {
  const base::Ulid first = world_.start(kAlice, 0);
  const base::Ulid second = world_.start(kAlice, 1);
  const base::Ulid other = world_.start("bob@example.org/desk", 1);
  const auto trial = set_access("jid:alice@example.org", v1::RULE_ACTION_DENY, true);
  EXPECT_EQ(trial->ended_session_count(), 2U);
  EXPECT_TRUE(world_.may_start(kAlice));
  EXPECT_EQ(stored(), 0U);
  const auto set = set_access("jid:alice@example.org", v1::RULE_ACTION_DENY);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->ended_session_count(), 2U);
  EXPECT_EQ(set->access_rule().origin().source(), "runtime");
  EXPECT_EQ(world_.reason_of(first), EndReason::policy);
  EXPECT_EQ(world_.reason_of(second), EndReason::policy);
  EXPECT_EQ(world_.reason_of(other), EndReason::none);
  EXPECT_FALSE(world_.may_start(kAlice));
  EXPECT_EQ(stored(), 1U);
  EXPECT_TRUE((remove<v1::DeleteAccessRuleRequest, v1::DeleteAccessRuleResponse>(
      "DeleteAccessRule", "accessRules/jid:alice@example.org")));
  EXPECT_TRUE(world_.may_start(kAlice));
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PolicyApiTest, ARuleOfTheConfigurationIsOverriddenAndCannotBeRemoved) {
  EXPECT_FALSE(world_.may_start("mallory@example.org"));
  const std::string name = "accessRules/jid:mallory@example.org";
  const auto refused =
      remove<v1::DeleteAccessRuleRequest, v1::DeleteAccessRuleResponse>("DeleteAccessRule", name);
  ASSERT_FALSE(refused);
  EXPECT_EQ(&refused.error().kind(), &errors::not_found);
  EXPECT_TRUE(set_access("jid:mallory@example.org", v1::RULE_ACTION_ALLOW));
  EXPECT_TRUE(world_.may_start("mallory@example.org"));
  EXPECT_TRUE((
      remove<v1::DeleteAccessRuleRequest, v1::DeleteAccessRuleResponse>("DeleteAccessRule", name)));
  EXPECT_FALSE(world_.may_start("mallory@example.org"));
}

TEST_F(PolicyApiTest, RulesAreListedInTheOrderInWhichTheyAreAsked) {
  ASSERT_TRUE(set_access("total", v1::RULE_ACTION_DENY));
  ASSERT_TRUE(set_access("domain:example.org", v1::RULE_ACTION_ALLOW));
  ASSERT_TRUE(set_access("jid:zoe@example.org", v1::RULE_ACTION_ALLOW));
  ASSERT_TRUE(set_access("jid:alice@example.org", v1::RULE_ACTION_ALLOW));
  std::vector<std::string> subjects;
  v1::ListAccessRulesRequest request;
  request.set_page_size(2);
  do {
    const auto page =
        world_.expect_call<v1::ListAccessRulesResponse>("PolicyService/ListAccessRules", request);
    ASSERT_GT(page.access_rules_size(), 0);
    for (const auto& rule : page.access_rules()) subjects.push_back(rule.subject());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(subjects, (std::vector<std::string>{
                          "jid:alice@example.org", "jid:zoe@example.org", "domain:example.org",
                          "total", "jid:mallory@example.org", "domain:friends.example"}));
  request.set_page_token("x");
  const auto refused =
      world_.call<v1::ListAccessRulesResponse>("PolicyService/ListAccessRules", request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field(), "page_token");
}

TEST_F(PolicyApiTest, ARuleWithATimeVanishesAfterIt) {
  v1::SetAccessRuleRequest request;
  request.mutable_access_rule()->set_subject("jid:alice@example.org");
  request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
  auto& time = *request.mutable_access_rule()->mutable_expire_time();
  time.set_seconds(Core::now());
  const auto past = world_.call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().field(), "access_rule.expire_time");
  world_.expect([&] {  // again where the second was over before the rule was looked at
    time.set_seconds(Core::now() + 1);
    return world_.call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request)
        .has_value();
  });
  EXPECT_EQ(stored(), 1U);
  world_.expect([&] {
    world_.run(world_.services.policy.remove_expired());
    return !world_.core.book.has(PolicyBook::kAccess, "jid:alice@example.org");
  });
  EXPECT_EQ(stored(), 0U);
  EXPECT_TRUE(world_.may_start(kAlice));
}

TEST_F(PolicyApiTest, AnExhaustedQuotaEndsAndRefusesUntilItIsRaised) {
  const base::Ulid first = world_.start(kAlice, 0);
  const base::Ulid second = world_.start(kAlice, 1);
  world_.move(first, {600, 0, 0});
  const auto set = set_quota("jid:alice@example.org", 1000);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->quota().usage().daily_bytes(), 600U);
  EXPECT_EQ(set->quota().usage().session_count(), 2U);
  world_.move(second, {0, 399, 0});
  world_.refresh();
  EXPECT_TRUE(world_.may_start(kAlice));
  EXPECT_EQ(world_.reason_of(first), EndReason::none);
  world_.move(second, {0, 1, 0});
  world_.refresh();
  world_.expect([&] { return world_.reason_of(first) == EndReason::quota; });
  world_.expect([&] { return world_.reason_of(second) == EndReason::quota; });
  EXPECT_FALSE(world_.may_start(kAlice));
  EXPECT_TRUE(world_.may_start("bob@example.org"));
  EXPECT_TRUE(set_quota("jid:alice@example.org", 1001));
  EXPECT_TRUE(world_.may_start(kAlice));
}

TEST_F(PolicyApiTest, AQuotaBelowWhatWasUsedIsInForceAtOnce) {
  const base::Ulid id = world_.start(kAlice, 1);
  world_.move(id, {600, 0, 0});
  EXPECT_EQ(set_quota("jid:alice@example.org", 600, true)->quota().usage().daily_bytes(), 600U);
  EXPECT_EQ(world_.reason_of(id), EndReason::none) << "it was a trial";
  ASSERT_TRUE(set_quota("jid:alice@example.org", 600));
  EXPECT_EQ(world_.reason_of(id), EndReason::quota);
  EXPECT_TRUE((remove<v1::DeleteQuotaRequest, v1::DeleteQuotaResponse>(
      "DeleteQuota", "quotas/jid:alice@example.org")));
  EXPECT_TRUE(world_.may_start(kAlice));
}

TEST_F(PolicyApiTest, QuotasAreListedWithTheirUsage) {
  world_.move(world_.start(kAlice), {5, 0, 0});
  ASSERT_TRUE(set_quota("domain:example.org", 1000));
  const auto response = world_.expect_call<v1::ListQuotasResponse>("PolicyService/ListQuotas",
                                                                   v1::ListQuotasRequest());
  bool is_found = false;
  for (const auto& quota : response.quotas()) {
    if (quota.subject() == "domain:example.org") {
      is_found = true;
      EXPECT_EQ(quota.usage().daily_bytes(), 5U);
      EXPECT_EQ(quota.usage().session_count(), 1U);
    }
    if (quota.subject() == "jid:*") {
      EXPECT_FALSE(quota.has_usage());
      EXPECT_EQ(quota.daily_bytes(), 1'048'576U);
      EXPECT_NE(quota.origin().source(), "runtime");
    }
  }
  EXPECT_TRUE(is_found);
}

TEST_F(PolicyApiTest, UsageIsOfUsersDomainsAndEverybody) {
  world_.move(world_.start(kAlice), {5, 0, 0});
  world_.move(world_.start("bob@example.org/desk", 1), {2, 0, 0});
  EXPECT_EQ(usage("jid:alice@example.org").usage().daily_bytes(), 5U);
  EXPECT_EQ(usage("jid:alice@example.org").quota().subject(), "jid:*");
  EXPECT_EQ(usage("domain:example.org").usage().monthly_bytes(), 7U);
  EXPECT_EQ(usage("total").usage().session_count(), 2U);
  EXPECT_EQ(usage("jid:nobody@example.org").usage().daily_bytes(), 0U);
  for (const char* subject : {"", "jid:*", "session:*", "alice"}) {
    v1::GetUsageRequest request;
    request.set_subject(subject);
    const auto refused = world_.call<v1::GetUsageResponse>("PolicyService/GetUsage", request);
    ASSERT_FALSE(refused) << subject;
    EXPECT_EQ(refused.error().field(), "subject");
  }
}

TEST_F(PolicyApiTest, RateLimitsHoldForRunningSessionsOnEveryShard) {
  const base::Ulid first = world_.start(kAlice, 0);
  const base::Ulid second = world_.start(kAlice, 1);
  EXPECT_TRUE(set_rate("jid:alice@example.org", 4096, true));
  EXPECT_EQ(world_.rate_of(first, LimitScope::jid), 0U);
  EXPECT_TRUE(set_rate("jid:alice@example.org", 4096));
  EXPECT_TRUE(set_rate("domain:example.org", 8192));
  EXPECT_TRUE(set_rate("total", 16'384));
  EXPECT_TRUE(set_rate("session:*", 2048));
  for (const base::Ulid& id : {first, second}) {
    EXPECT_EQ(world_.rate_of(id, LimitScope::jid), 4096U);
    EXPECT_EQ(world_.rate_of(id, LimitScope::domain), 8192U);
    EXPECT_EQ(world_.rate_of(id, LimitScope::total), 16'384U);
    EXPECT_EQ(world_.rate_of(id, LimitScope::session), 2048U);
  }
  const auto listed = world_.expect_call<v1::ListRateLimitsResponse>("PolicyService/ListRateLimits",
                                                                     v1::ListRateLimitsRequest());
  EXPECT_EQ(listed.rate_limits_size(), 4);
  for (const char* subject : {"jid:alice@example.org", "session:*"}) {
    EXPECT_TRUE((remove<v1::DeleteRateLimitRequest, v1::DeleteRateLimitResponse>(
        "DeleteRateLimit", std::string("rateLimits/") + subject)));
  }
  EXPECT_EQ(world_.rate_of(second, LimitScope::jid), 0U);
  EXPECT_EQ(world_.rate_of(second, LimitScope::session), 0U);
  EXPECT_EQ(world_.rate_of(second, LimitScope::total), 16'384U);
}

TEST_F(PolicyApiTest, WhatASessionWasGivenAloneOutlivesALimitOfEach) {
  const base::Ulid id = world_.start(kAlice, 1);
  v1::UpdateSessionRequest request;
  request.mutable_session()->set_name("sessions/" + id.text());
  request.mutable_session()->set_limit_bytes_per_second(1024);
  world_.expect_call<v1::UpdateSessionResponse>("SessionService/UpdateSession", request);
  EXPECT_TRUE(set_rate("session:*", 2048));
  EXPECT_EQ(world_.rate_of(id, LimitScope::session), 1024U);
}

TEST_F(PolicyApiTest, WhatCannotBeStoredIsNotInForce) {
  auto lose = [this](api::State&) -> base::Result<void> {
    world_.core.state.reset();
    return {};
  };
  ASSERT_TRUE(world_.run(world_.core.on_store(lose)));
  const auto refused = set_access("jid:alice@example.org", v1::RULE_ACTION_DENY);
  ASSERT_FALSE(refused);
  EXPECT_EQ(&refused.error().kind(), &errors::storage_failed);
  EXPECT_TRUE(world_.may_start(kAlice));
  EXPECT_FALSE(world_.core.book.has(PolicyBook::kAccess, "jid:alice@example.org"));
  EXPECT_GT(world_.core.storage_failures, 0U);
}

TEST_F(PolicyApiTest, NamesOfNothingAreRefused) {
  for (const char* name : {"", "quotas/", "total", "accessRules/total", "quotas/nobody"}) {
    const auto refused =
        remove<v1::DeleteQuotaRequest, v1::DeleteQuotaResponse>("DeleteQuota", name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().field(), "name");
  }
}

TEST_F(PolicyApiTest, ExplainSaysWhatIsInForceForAUser) {
  v1::ExplainAccessRequest request;
  request.set_jid("Mallory@Example.org/x");
  const auto response =
      world_.expect_call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request);
  EXPECT_EQ(response.reason(), "user-not-allowed");
  for (const char* jid : {"", "@", "a@b@c/", "\xFF"}) {
    request.set_jid(jid);
    EXPECT_EQ(world_.call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request)
                  .error()
                  .field(),
              "jid");
  }
  request.set_jid(kAlice);
  request.set_kind("upload");  // without a store there is nothing more to check
  EXPECT_EQ(world_.expect_call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request)
                .reason(),
            "");
  request.set_kind("pigeon");
  EXPECT_EQ(world_.call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request)
                .error()
                .field(),
            "kind");
}

v1::SetQuotaRequest stored_quota(const std::string& subject, std::uint64_t bytes,
                                 std::uint64_t files, std::uint64_t file_bytes) {
  v1::SetQuotaRequest request;
  request.mutable_quota()->set_subject(subject);
  request.mutable_quota()->set_stored_bytes(bytes);
  request.mutable_quota()->set_stored_file_count(files);
  request.mutable_quota()->set_file_bytes(file_bytes);
  return request;
}

class StoredQuotaTest : public ::testing::Test {
 protected:
  v1::SetQuotaResponse set(const v1::SetQuotaRequest& request) {
    return world_.expect_call<v1::SetQuotaResponse>("PolicyService/SetQuota", request);
  }
  base::Result<files::FileFacts> reserve(std::uint64_t size) {
    files::NewFile file;
    file.owner = "alice@example.org";
    file.name = "a";
    file.size = size;
    return world_.run(world_.core.files()->reserve(std::move(file)));
  }
  bool is_refused(std::uint64_t size, const base::ErrorKind& kind) {
    const auto reserved = reserve(size);
    return reserved.has_error() && reserved.error().is(kind);
  }
  v1::ExplainAccessResponse explain(const std::string& kind) {
    v1::ExplainAccessRequest request;
    request.set_jid(kAlice);
    request.set_kind(kind);
    return world_.expect_call<v1::ExplainAccessResponse>("PolicyService/ExplainAccess", request);
  }

  AdminWorld world_{{.config = "", .has_store = true, .has_files = true}};
};

// HUP-17: what is set at run time holds for the next slot.
TEST_F(StoredQuotaTest, IsInForceInTheStoreUntilItIsRemoved) {
  ASSERT_TRUE(reserve(10));
  const v1::Quota quota = set(stored_quota("jid:alice@example.org", 100, 2, 50)).quota();
  EXPECT_EQ(quota.stored_bytes(), 100U);
  EXPECT_EQ(quota.stored_file_count(), 2U);
  EXPECT_EQ(quota.file_bytes(), 50U);
  EXPECT_EQ(quota.usage().stored_bytes(), 10U);
  EXPECT_EQ(quota.usage().stored_file_count(), 1U);
  EXPECT_TRUE(is_refused(51, files::errors::file_too_large));
  EXPECT_TRUE(reserve(50));
  EXPECT_TRUE(is_refused(41, files::errors::stored_of_jid));
  EXPECT_TRUE(is_refused(1, files::errors::files_of_jid));
  v1::DeleteQuotaRequest removal;
  removal.set_name("quotas/jid:alice@example.org");
  world_.expect_call<v1::DeleteQuotaResponse>("PolicyService/DeleteQuota", removal);
  EXPECT_TRUE(reserve(100));
}

TEST_F(StoredQuotaTest, IsNotInForceAfterATrial) {
  ASSERT_TRUE(reserve(10));
  v1::SetQuotaRequest request = stored_quota("total", 5, 0, 0);
  request.set_validate_only(true);
  const v1::Quota quota = set(request).quota();
  EXPECT_EQ(quota.stored_bytes(), 5U);
  EXPECT_EQ(quota.usage().stored_bytes(), 10U);
  EXPECT_EQ(quota.origin().source(), "runtime");
  EXPECT_TRUE(reserve(10));
}

TEST_F(StoredQuotaTest, IsListedWithWhatIsStored) {
  ASSERT_TRUE(reserve(10));
  set(stored_quota("domain:example.org", 100, 0, 0));
  set(stored_quota("domain:*", 50, 0, 0));
  set(stored_quota("total", 1000, 0, 0));
  const auto response = world_.expect_call<v1::ListQuotasResponse>("PolicyService/ListQuotas",
                                                                   v1::ListQuotasRequest());
  std::size_t seen = 0;
  for (const auto& quota : response.quotas()) {
    EXPECT_EQ(quota.has_usage(), quota.subject() != "domain:*" && quota.subject() != "jid:*");
    if (!quota.has_usage()) continue;
    ++seen;
    EXPECT_EQ(quota.usage().stored_bytes(), 10U) << quota.subject();
    EXPECT_EQ(quota.usage().stored_file_count(), 1U) << quota.subject();
  }
  EXPECT_EQ(seen, 2U);
}

TEST_F(StoredQuotaTest, UsageTellsWhatUsersDomainsAndEverybodyHaveStored) {
  ASSERT_TRUE(reserve(10));
  const std::vector<std::pair<std::string, std::uint64_t>> rows{{"jid:alice@example.org", 10},
                                                                {"jid:bob@example.org", 0},
                                                                {"domain:example.org", 10},
                                                                {"domain:example.net", 0},
                                                                {"total", 10}};
  for (const auto& [subject, bytes] : rows) {
    v1::GetUsageRequest request;
    request.set_subject(subject);
    const auto response =
        world_.expect_call<v1::GetUsageResponse>("PolicyService/GetUsage", request);
    EXPECT_EQ(response.usage().stored_bytes(), bytes) << subject;
    EXPECT_EQ(response.usage().stored_file_count(), bytes / 10) << subject;
  }
}

TEST_F(StoredQuotaTest, IsExplainedForKindsThatStore) {
  set(stored_quota("jid:*", 10, 0, 0));
  ASSERT_TRUE(reserve(10));
  EXPECT_EQ(explain("upload").reason(), "stored-of-jid");
  EXPECT_EQ(explain("dav").reason(), "stored-of-jid");
  for (const char* kind : {"", "socks5", "download"}) EXPECT_EQ(explain(kind).reason(), "") << kind;
}

}  // namespace
}  // namespace bellhop::admin

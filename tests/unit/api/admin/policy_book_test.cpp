// Rules of the configuration and those set at run time, stored and read back.
#include "api/admin/policy_book.hpp"

#include <gtest/gtest.h>

#include <string>

#include "api/admin/json.hpp"
#include "bellhop/admin/v1/policy_service.pb.h"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using observe::PolicyRow;
using policy::AccessRule;
using policy::Quota;
using policy::RateLimit;
using policy::Subject;
using policy::SystemTime;

const Caller kRoot{"uid:0", config::AdminRole::full};
const Subject kAlice = Subject::of_jid("alice@example.org");
const SystemTime kNow{std::chrono::seconds(1'800'000'000)};

// Stores and reads back, as a change does and as a restart does.
template <typename Rule>
void set(PolicyBook& book, Rule rule) {
  auto row = book.row_of(std::move(rule), kRoot);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->changed_by, "uid:0");
  EXPECT_EQ(book.restore({*row}), 0U);
}

bool allows(const PolicyBook& book, SystemTime now = kNow) {
  return book.make()->access("alice@example.org", "example.org", now).is_allowed;
}

TEST(PolicyBook, AccessRulesComeBackFromTheirRows) {
  PolicyBook book;
  set(book, AccessRule{kAlice, false, "a\n\"b\" ü", kNow, {}});
  const policy::PolicyPtr made = book.make();
  ASSERT_EQ(made->access_rules().size(), 1U);
  const AccessRule& rule = made->access_rules().front();
  EXPECT_EQ(rule.subject, kAlice);
  EXPECT_FALSE(rule.allows);
  EXPECT_EQ(rule.comment, "a\n\"b\" ü");
  EXPECT_EQ(rule.expires, kNow);
  EXPECT_EQ(rule.origin.source, "runtime");
  EXPECT_EQ(rule.origin.detail, "uid:0");
}

TEST(PolicyBook, QuotasComeBackFromTheirRows) {
  PolicyBook book;
  for (const char* subject : {"jid:*", "domain:*", "total", "domain:example.org"}) {
    set(book, Quota{Subject::parse(subject).value(), UINT64_MAX, 1, 2, {}});
  }
  const policy::PolicyPtr made = book.make();
  EXPECT_EQ(made->quotas().size(), 4U);
  const Quota* quota = made->quota(kAlice);
  ASSERT_NE(quota, nullptr);
  EXPECT_EQ(quota->daily_bytes, UINT64_MAX);
  EXPECT_EQ(quota->monthly_bytes, 1U);
  EXPECT_EQ(quota->sessions, 2U);
  EXPECT_EQ(quota->origin.source, "runtime");
}

TEST(PolicyBook, RateLimitsComeBackFromTheirRows) {
  PolicyBook book;
  set(book, RateLimit{{Subject::Type::each_session, {}}, 4096, {}});
  const policy::PolicyPtr made = book.make();
  const RateLimit* limit = made->rate({Subject::Type::each_session, {}});
  ASSERT_NE(limit, nullptr);
  EXPECT_EQ(limit->bytes_per_second, 4096U);
  EXPECT_EQ(limit->origin.detail, "uid:0");
}

TEST(PolicyBook, ARowNamesItsSortAndSubject) {
  const PolicyBook book;
  const auto quota = book.row_of(Quota{kAlice, 1, 0, 0, {}}, kRoot);
  EXPECT_EQ(quota->type, PolicyBook::kQuota);
  EXPECT_EQ(quota->subject, "jid:alice@example.org");
  EXPECT_EQ(book.row_of(RateLimit{kAlice, 1024, {}}, kRoot)->type, PolicyBook::kRate);
  EXPECT_EQ(book.row_of(AccessRule{kAlice, true, {}, {}, {}}, kRoot)->type, PolicyBook::kAccess);
}

TEST(PolicyBook, StoredRowsThatDoNotReadAreLeftOutAndCounted) {
  const PolicyBook empty;
  const PolicyRow good = *empty.row_of(Quota{kAlice, 1, 0, 0, {}}, kRoot);
  const auto with = [&good](std::string type, std::string subject, std::string value) {
    PolicyRow row = good;
    row.type = std::move(type);
    row.subject = std::move(subject);
    row.value = std::move(value);
    return row;
  };
  const std::string subject = good.subject;
  const std::vector<PolicyRow> rows{
      with("", subject, good.value),
      with("Quota", subject, good.value),
      with("quota", subject, ""),
      with("quota", subject, "{}"),
      with("quota", subject, "null"),
      with("quota", subject, "{\"subject\":\"jid:alice@example.org\",\"later\":1}"),
      with("quota", subject, std::string("\0\xFF", 2)),
      with("quota", subject, std::string(1 << 20, '{')),
      with("quota", "total", good.value),  // its name and its rule disagree
      with("access", subject, good.value),
      with("rate", subject, "{\"subject\":\"total\",\"bytesPerSecond\":\"1\"}"),
      good,
  };
  PolicyBook book;
  EXPECT_EQ(book.restore(rows), rows.size() - 1);
  EXPECT_EQ(book.make()->quotas().size(), 1U);
  EXPECT_TRUE(book.make()->access_rules().empty());
  EXPECT_TRUE(book.make()->rates().empty());
}

TEST(PolicyBook, ARuleEndsAtItsTimeAndNotBefore) {
  PolicyBook book;
  set(book, AccessRule{kAlice, false, {}, kNow, {}});
  set(book, AccessRule{Subject::of_domain("example.org"), true, {}, {}, {}});
  EXPECT_TRUE(book.remove_expired(kNow - 1s).empty());
  EXPECT_FALSE(allows(book, kNow - 1s));
  EXPECT_EQ(book.remove_expired(kNow), std::vector<std::string>{"jid:alice@example.org"});
  EXPECT_FALSE(book.has(PolicyBook::kAccess, "jid:alice@example.org"));
  EXPECT_TRUE(book.has(PolicyBook::kAccess, "domain:example.org"));
  EXPECT_TRUE(allows(book));
  EXPECT_TRUE(book.remove_expired(kNow + 1000h).empty());
}

TEST(PolicyBook, HasAMaximumOfEachSort) {
  PolicyBook book;
  const auto subject = [](std::size_t i) {
    return Subject::of_jid("u" + std::to_string(i) + "@example.org");
  };
  std::vector<PolicyRow> rows;
  const PolicyBook empty;
  for (std::size_t i = 0; i < kRuntimeRulesMax; ++i) {
    rows.push_back(*empty.row_of(RateLimit{subject(i), 1024, {}}, kRoot));
  }
  ASSERT_EQ(book.restore(rows), 0U);
  const auto refused = book.row_of(RateLimit{subject(kRuntimeRulesMax), 1024, {}}, kRoot);
  ASSERT_FALSE(refused);
  EXPECT_EQ(&refused.error().kind(), &errors::failed_precondition);
  EXPECT_TRUE(book.row_of(RateLimit{subject(0), 2048, {}}, kRoot)) << "it takes no more room";
  EXPECT_TRUE(book.row_of(Quota{subject(kRuntimeRulesMax), 1, 0, 0, {}}, kRoot));
  book.remove(PolicyBook::kRate, subject(0).text());
  EXPECT_TRUE(book.row_of(RateLimit{subject(kRuntimeRulesMax), 1024, {}}, kRoot));
}

TEST(PolicyBook, WhatIsSetAtRunTimeWinsOverTheConfigurationUntilItIsRemoved) {
  policy::Rules configured;
  configured.access.push_back({kAlice, false, {}, {}, {"file", "line 1"}});
  configured.quotas.push_back({kAlice, 100, 0, 0, {"file", "line 2"}});
  configured.rates.push_back({kAlice, 1024, {"file", "line 3"}});
  PolicyBook book;
  book.configure(configured, true);
  EXPECT_FALSE(allows(book));
  set(book, AccessRule{kAlice, true, {}, {}, {}});
  set(book, Quota{kAlice, 200, 0, 0, {}});
  set(book, RateLimit{kAlice, 2048, {}});
  EXPECT_TRUE(allows(book));
  EXPECT_EQ(book.make()->quota(kAlice)->daily_bytes, 200U);
  EXPECT_EQ(book.make()->rate(kAlice)->bytes_per_second, 2048U);
  book.configure(configured, true);  // a reload keeps them
  EXPECT_TRUE(allows(book));
  for (const auto sort : {PolicyBook::kAccess, PolicyBook::kQuota, PolicyBook::kRate}) {
    EXPECT_TRUE(book.has(sort, kAlice.text()));
    book.remove(sort, kAlice.text());
    EXPECT_FALSE(book.has(sort, kAlice.text()));
    book.remove(sort, kAlice.text());  // once more: nothing
  }
  EXPECT_FALSE(allows(book));
  EXPECT_EQ(book.make()->quota(kAlice)->daily_bytes, 100U);
  EXPECT_EQ(book.make()->rate(kAlice)->bytes_per_second, 1024U);
}

TEST(PolicyBook, UsersOfTheParentDomainMayUnlessTheConfigurationSaysNo) {
  PolicyBook book;
  EXPECT_TRUE(allows(book));
  book.configure({}, false);
  EXPECT_FALSE(allows(book));
}

TEST(PolicyBook, KnowsNoOtherSorts) {
  PolicyBook book;
  set(book, Quota{kAlice, 1, 0, 0, {}});
  EXPECT_FALSE(book.has("", kAlice.text()));
  EXPECT_FALSE(book.has("rate", kAlice.text()));
  book.remove("rate", kAlice.text());
  EXPECT_TRUE(book.has("quota", kAlice.text()));
}

}  // namespace
}  // namespace bellhop::admin

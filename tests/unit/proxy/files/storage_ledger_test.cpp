// Who has taken how much, and whose quota is in the way.
#include "proxy/files/storage_ledger.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/files/errors.hpp"

namespace bellhop::files {
namespace {

using Type = policy::Subject::Type;

constexpr std::string_view kAlice = "alice@example.org";
constexpr std::string_view kBob = "bob@example.org";
constexpr std::string_view kCarol = "carol@example.net";

// Limits of each JID, each domain and all; 0: nothing is said.
struct Limits {
  std::uint64_t jid = 0;
  std::uint64_t domain = 0;
  std::uint64_t total = 0;
};

policy::Quota quota_of(policy::Subject subject, std::uint64_t bytes, std::uint64_t files) {
  policy::Quota quota;
  quota.subject = std::move(subject);
  quota.stored_bytes = bytes;
  quota.stored_files = files;
  return quota;
}

policy::Rules rules_of(const Limits& bytes, const Limits& files) {
  policy::Rules rules;
  rules.quotas = {quota_of({Type::each_jid, {}}, bytes.jid, files.jid),
                  quota_of({Type::each_domain, {}}, bytes.domain, files.domain),
                  quota_of({Type::total, {}}, bytes.total, files.total)};
  return rules;
}

policy::Policy policy_of(const Limits& bytes, const Limits& files = {}) {
  return {rules_of(bytes, files), {}, true};
}

void expect_refused(StorageLedger& ledger, std::string_view owner, std::uint64_t bytes,
                    const policy::Policy& policy, const base::ErrorKind& kind) {
  const StorageUse before = ledger.total();
  const auto reserved = ledger.reserve(owner, bytes, policy);
  EXPECT_TRUE(reserved.has_error() && reserved.error().is(kind)) << kind.name;
  EXPECT_EQ(ledger.total(), before) << "a refusal takes nothing";
}

TEST(StorageLedger, AddsUpUsersDomainsAndAll) {
  StorageLedger ledger;
  ledger.load(kAlice, {100, 2});
  ledger.load(kBob, {10, 1});
  EXPECT_TRUE(ledger.reserve(kCarol, 5, policy_of({})));
  EXPECT_EQ(ledger.of_jid(kAlice), (StorageUse{100, 2}));
  EXPECT_EQ(ledger.of_domain("example.org"), (StorageUse{110, 3}));
  EXPECT_EQ(ledger.of_domain("example.net"), (StorageUse{5, 1}));
  EXPECT_EQ(ledger.total(), (StorageUse{115, 4}));
  EXPECT_EQ(ledger.of_jid("dave@example.org"), StorageUse{});
}

// HUP-17: at the maximum, and one byte above it.
TEST(StorageLedger, GrantsUpToTheLastByteOfEachQuota) {
  StorageLedger of_jid;
  EXPECT_TRUE(of_jid.reserve(kAlice, 99, policy_of({100, 0, 0})));
  expect_refused(of_jid, kAlice, 2, policy_of({100, 0, 0}), errors::stored_of_jid);
  EXPECT_TRUE(of_jid.reserve(kAlice, 1, policy_of({100, 0, 0})));
  EXPECT_TRUE(of_jid.reserve(kBob, 100, policy_of({100, 0, 0})));

  StorageLedger of_domain;
  EXPECT_TRUE(of_domain.reserve(kAlice, 60, policy_of({0, 100, 0})));
  expect_refused(of_domain, kBob, 41, policy_of({0, 100, 0}), errors::stored_of_domain);
  EXPECT_TRUE(of_domain.reserve(kBob, 40, policy_of({0, 100, 0})));
  EXPECT_TRUE(of_domain.reserve(kCarol, 100, policy_of({0, 100, 0})));

  StorageLedger total;
  EXPECT_TRUE(total.reserve(kAlice, 60, policy_of({0, 0, 100})));
  expect_refused(total, kCarol, 41, policy_of({0, 0, 100}), errors::stored_total);
  EXPECT_TRUE(total.reserve(kCarol, 40, policy_of({0, 0, 100})));
}

TEST(StorageLedger, GrantsUpToTheLastFileOfEachQuota) {
  StorageLedger ledger;
  EXPECT_TRUE(ledger.reserve(kAlice, 1, policy_of({}, {1, 2, 3})));
  expect_refused(ledger, kAlice, 1, policy_of({}, {1, 2, 3}), errors::files_of_jid);
  EXPECT_TRUE(ledger.reserve(kBob, 1, policy_of({}, {1, 2, 3})));
  expect_refused(ledger, "dave@example.org", 1, policy_of({}, {1, 2, 3}), errors::files_of_domain);
  EXPECT_TRUE(ledger.reserve(kCarol, 1, policy_of({}, {1, 2, 3})));
  expect_refused(ledger, "erin@example.com", 1, policy_of({}, {1, 2, 3}), errors::files_total);
}

TEST(StorageLedger, TakesBackWhatIsReleased) {
  StorageLedger ledger;
  const auto policy = policy_of({100, 100, 100});
  EXPECT_TRUE(ledger.reserve(kAlice, 100, policy));
  expect_refused(ledger, kAlice, 1, policy, errors::stored_of_jid);
  ledger.release(kAlice, 100);
  EXPECT_EQ(ledger.total(), StorageUse{});
  EXPECT_EQ(ledger.of_domain("example.org"), StorageUse{});
  EXPECT_TRUE(ledger.reserve(kAlice, 100, policy));
}

// A quota that was made smaller than what is there refuses more and takes nothing away.
TEST(StorageLedger, RefusesMoreWhenAQuotaIsBelowWhatIsThere) {
  StorageLedger ledger;
  ledger.load(kAlice, {100, 5});
  expect_refused(ledger, kAlice, 1, policy_of({50, 0, 0}), errors::stored_of_jid);
  expect_refused(ledger, kAlice, 1, policy_of({}, {4, 0, 0}), errors::files_of_jid);
  EXPECT_EQ(ledger.of_jid(kAlice), (StorageUse{100, 5}));
}

TEST(StorageLedger, DoesNotOverflow) {
  StorageLedger ledger;
  EXPECT_TRUE(ledger.reserve(kAlice, 10, policy_of({})));
  expect_refused(ledger, kBob, ~std::uint64_t{0}, policy_of({0, 0, 1000}), errors::stored_total);
  expect_refused(ledger, kAlice, ~std::uint64_t{0} - 5, policy_of({1000, 0, 0}),
                 errors::stored_of_jid);
}

// HUP-04: the smallest of what is said for the user, the domain and all.
TEST(StorageLedger, RefusesASingleFileThatIsTooLarge) {
  policy::Rules rules = rules_of({}, {});
  rules.quotas[2].file_bytes = 1000;
  policy::Quota of_alice = quota_of(policy::Subject::of_jid(kAlice), 0, 0);
  of_alice.file_bytes = 10;
  rules.quotas.push_back(of_alice);
  const policy::Policy policy(rules, {}, true);
  EXPECT_EQ(StorageLedger::file_bytes_max(kAlice, policy), 10U);
  EXPECT_EQ(StorageLedger::file_bytes_max(kBob, policy), 1000U);
  EXPECT_EQ(StorageLedger::file_bytes_max(kBob, policy_of({})), policy::kNoByteLimit);
  StorageLedger ledger;
  expect_refused(ledger, kAlice, 11, policy, errors::file_too_large);
  EXPECT_TRUE(ledger.reserve(kAlice, 10, policy));
  EXPECT_TRUE(ledger.reserve(kBob, 1000, policy));
}

// What operators are shown, and what explains a refusal.
TEST(StorageLedger, TellsWhatSubjectsHave) {
  StorageLedger ledger;
  ledger.load(kAlice, {100, 2});
  ledger.load(kBob, {10, 1});
  ledger.load(kCarol, {1, 1});
  EXPECT_EQ(ledger.of(policy::Subject::of_jid(kBob)), (StorageUse{10, 1}));
  EXPECT_EQ(ledger.of(policy::Subject::of_domain("example.org")), (StorageUse{110, 3}));
  EXPECT_EQ(ledger.of(policy::Subject{}), (StorageUse{111, 4}));
  EXPECT_EQ(ledger.of(policy::Subject::of_jid("dave@example.org")), StorageUse{});
  EXPECT_EQ(ledger.of(policy::Subject::of_domain("example.com")), StorageUse{});
  for (const Type type : {Type::each_jid, Type::each_domain, Type::each_session}) {
    EXPECT_EQ(ledger.of({type, {}}), StorageUse{}) << "nobody in particular";
  }
}

TEST(StorageLedger, CountsOwnersWhileTheyHaveFiles) {
  StorageLedger ledger;
  EXPECT_EQ(ledger.owners(), 0U);
  ledger.load(kAlice, {100, 2});
  ledger.load(kCarol, {0, 1});
  EXPECT_EQ(ledger.owners(), 2U) << "an empty file is a file";
  ledger.release(kAlice, 60);
  EXPECT_EQ(ledger.owners(), 2U);
  ledger.release(kAlice, 40);
  ledger.release(kCarol, 0);
  EXPECT_EQ(ledger.owners(), 0U);
  EXPECT_TRUE(ledger.largest(10).empty());
}

TEST(StorageLedger, NamesTheLargestOwnersFirst) {
  using Rows = std::vector<std::pair<std::string, StorageUse>>;
  StorageLedger ledger;
  ledger.load("small@example.org", {5, 900});
  ledger.load("b@example.org", {70, 1});
  ledger.load("most@example.net", {90, 1});
  ledger.load("a@example.org", {70, 2});
  ledger.load("c@example.com", {70, 3});
  const Rows wanted{{"most@example.net", {90, 1}},
                    {"a@example.org", {70, 2}},
                    {"b@example.org", {70, 1}},
                    {"c@example.com", {70, 3}},
                    {"small@example.org", {5, 900}}};
  for (std::size_t count = 0; count <= wanted.size(); ++count) {
    const Rows first(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));
    EXPECT_EQ(ledger.largest(count), first) << "of equal ones the first in the alphabet";
  }
  EXPECT_EQ(ledger.largest(1000), wanted);
}

}  // namespace
}  // namespace bellhop::files

// What an operator decided at run time, on disk.
#include "api/observe/policy_store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/observe/errors.hpp"
#include "api/observe/schema.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::observe {
namespace {

using store::Database;
using store::TemporaryFolder;

using Rows = std::vector<PolicyRow>;

PolicyRow row(std::string subject, std::string value) {
  return {.type = "quota",
          .subject = std::move(subject),
          .value = std::move(value),
          .changed_by = "uid:0",
          .changed_at = 1'700'000'000};
}

TEST(PolicyStore, KeepsRowsAcrossARestart) {
  const TemporaryFolder folder;
  const PolicyRow hostile{"rule'; --", "jid:\"\n\xC3\xA9", std::string("\0x", 2), "", -1};
  {
    Database database = Database::open(folder.file("a.db"), kMigrations);
    PolicyStore store(database);
    ASSERT_TRUE(store.set(hostile));
    ASSERT_TRUE(store.set(row("jid:b@b.example", "1")));
    ASSERT_TRUE(store.set(row("jid:a@a.example", "2")));
  }
  Database database = Database::open(folder.file("a.db"), kMigrations);
  EXPECT_EQ(PolicyStore(database).load().value(),
            (Rows{row("jid:a@a.example", "2"), row("jid:b@b.example", "1"), hostile}));
}

TEST(PolicyStore, ReplacesTheRowOfTheSameTypeAndSubject) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  PolicyStore store(database);
  ASSERT_TRUE(store.set(row("total", "1")));
  PolicyRow changed = row("total", "2");
  changed.changed_by = "uid:1000";
  changed.changed_at += 5;
  ASSERT_TRUE(store.set(changed));
  PolicyRow other = row("total", "3");
  other.type = "rate";
  ASSERT_TRUE(store.set(other));
  EXPECT_EQ(store.load().value(), (Rows{changed, other}));
}

TEST(PolicyStore, RemovesARowOnce) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  PolicyStore store(database);
  ASSERT_TRUE(store.set(row("total", "1")));
  EXPECT_FALSE(store.remove("rate", "total").value());
  EXPECT_TRUE(store.remove("quota", "total").value());
  EXPECT_FALSE(store.remove("quota", "total").value());
  EXPECT_TRUE(store.load().value().empty());
}

TEST(PolicyStore, IsOnDiskWhenItSaysSo) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  PolicyStore store(database);
  ASSERT_TRUE(store.set(row("jid:marked@a.example", "1")));
  EXPECT_NE(store::text_of(folder.file("a.db")).find("marked@a.example"), std::string::npos);
}

TEST(PolicyStore, RefusesTextsAboveTheirMaximum) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  PolicyStore store(database);
  EXPECT_TRUE(store.set(row("total", std::string(kPolicyTextBytesMax, 'x'))));
  const auto refused = store.set(row("total", std::string(kPolicyTextBytesMax + 1, 'y')));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::policy_text_too_long));
  EXPECT_EQ(store.load().value()[0].value[0], 'x');
}

TEST(PolicyStore, RefusesOneRowAboveItsMaximum) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kMigrations);
  PolicyStore store(database);
  ASSERT_TRUE(
      database.run("WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
                   "count WHERE n < " +
                   std::to_string(kPolicyRowsMax - 1) +
                   ") INSERT INTO policy SELECT 'rate', n, '', '', 0 FROM count"));
  EXPECT_TRUE(store.set(row("last", "1")));
  const auto refused = store.set(row("one too many", "1"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::policy_rows_max));
  EXPECT_TRUE(store.set(row("last", "changed")));  // still replaced
  const Rows rows = store.load().value();
  EXPECT_EQ(rows.size(), kPolicyRowsMax);
  EXPECT_EQ(rows[0], row("last", "changed"));
}

}  // namespace
}  // namespace bellhop::observe

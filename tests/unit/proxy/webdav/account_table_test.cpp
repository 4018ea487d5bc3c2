// Accounts in the database.
#include "proxy/webdav/account_table.hpp"

#include "tests/unit/proxy/webdav/opened_database.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::string_view kAlice = "alice@example.org";

// REG-05
TEST(AccountTable, KeepsPasswordAndSettings) {
  test::OpenedDatabase opened;
  AccountTable table(opened.database);
  EXPECT_FALSE(table.find(kAlice).value());
  AccountRow row{"hash", {.wants_notices = false, .allowed_peers = {}}};
  row.settings.allowed_peers = {xmpp::Jid::parse("bob@example.net").value(),
                                xmpp::Jid::parse("example.com").value()};
  EXPECT_TRUE(table.add(kAlice, row, 1).value());
  EXPECT_FALSE(table.add(kAlice, row, 2).value());
  const auto found = table.find(kAlice).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->password, "hash");
  EXPECT_EQ(found->settings, row.settings);
}

TEST(AccountTable, ChangesSettingsWithOrWithoutThePassword) {
  test::OpenedDatabase opened;
  AccountTable table(opened.database);
  EXPECT_FALSE(table.change(kAlice, {"hash", {}}).value());
  EXPECT_TRUE(table.add(kAlice, {"hash", {}}, 1).value());
  EXPECT_TRUE(table.change(kAlice, {"", {.wants_notices = false}}).value());
  EXPECT_EQ(table.find(kAlice).value()->password, "hash");
  EXPECT_FALSE(table.find(kAlice).value()->settings.wants_notices);
  EXPECT_TRUE(table.change(kAlice, {"other", {}}).value());
  EXPECT_EQ(table.find(kAlice).value()->password, "other");
}

// REG-03
TEST(AccountTable, RemovesOneAccount) {
  test::OpenedDatabase opened;
  AccountTable table(opened.database);
  EXPECT_TRUE(table.add(kAlice, {"hash", {}}, 1).value());
  EXPECT_TRUE(table.add("bob@example.org", {"hash", {}}, 1).value());
  EXPECT_TRUE(table.remove(kAlice).value());
  EXPECT_FALSE(table.remove(kAlice).value());
  EXPECT_FALSE(table.find(kAlice).value());
  EXPECT_TRUE(table.find("bob@example.org").value());
}

}  // namespace
}  // namespace bellhop::webdav

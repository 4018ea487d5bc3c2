// Folders over restarts, and what goes with an account.
#include "proxy/webdav/dav_service.hpp"

#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using test::ServedFolder;

TEST_F(ServedFolder, KeepsAccountsAndFilesOverARestart) {
  register_alice();
  EXPECT_EQ(ask("PUT", "a", "", "hello").status, 201);
  close();
  open();
  EXPECT_EQ(ask("GET", "a").body, "hello");
}

// What a crash between two steps leaves behind takes no room for ever, also when the next start is
// in the same second.
TEST_F(ServedFolder, TakesOutFilesWithoutANameAtTheNextStart) {
  files::NewFile file;
  file.owner = test::kAlice;
  file.origin = files::FileOrigin::webdav;
  const auto facts = run(store().reserve(std::move(file)));
  ASSERT_TRUE(facts);
  close();
  open();
  const auto is_gone = [this] { return run(store().use_of(std::string(test::kAlice))).files == 0; };
  EXPECT_TRUE(bellhop::test::eventually(is_gone));
}

// REG-03
TEST_F(ServedFolder, RemovesAFolderWithItsAccount) {
  register_alice();
  EXPECT_EQ(ask("MKCOL", "d").status, 201);
  EXPECT_EQ(ask("PUT", "d/a", "", "hello").status, 201);
  EXPECT_TRUE(run(accounts().remove(jid())));
  EXPECT_EQ(ask("GET", "d/a").status, 401);
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).files, 0U);
  register_alice();
  EXPECT_EQ(ask("GET", "d/a").status, 404);
}

}  // namespace
}  // namespace bellhop::webdav

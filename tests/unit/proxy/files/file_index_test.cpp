// The index over a real database: rows, order, expiry and secrets.
#include "proxy/files/file_index.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "component/store/errors.hpp"
#include "proxy/files/schema.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::files {
namespace {

FileFacts facts_of(std::string owner, Second created = 100) {
  FileFacts facts;
  facts.id = FileId::random();
  facts.owner = std::move(owner);
  facts.origin = FileOrigin::webdav;
  facts.purpose = Purpose::ephemeral;
  facts.name = "a 'name'\n\xc3\xa4.txt";
  facts.type = "text/plain";
  facts.size = 5'000'000'000;
  facts.state = FileState::stored;
  facts.created = created;
  facts.expires = 200;
  facts.retention = 300;
  facts.expires_at_latest = 400;
  facts.sha256 = "ab12";
  return facts;
}

void expect_same(const FileFacts& read, const FileFacts& written) {
  EXPECT_EQ(read.id, written.id);
  EXPECT_EQ(read.owner, written.owner);
  EXPECT_EQ(read.origin, written.origin);
  EXPECT_EQ(read.purpose, written.purpose);
  EXPECT_EQ(read.name, written.name);
  EXPECT_EQ(read.type, written.type);
  EXPECT_EQ(read.size, written.size);
  EXPECT_EQ(read.state, written.state);
  EXPECT_EQ(read.created, written.created);
  EXPECT_EQ(read.expires, written.expires);
  EXPECT_EQ(read.retention, written.retention);
  EXPECT_EQ(read.expires_at_latest, written.expires_at_latest);
  EXPECT_EQ(read.sha256, written.sha256);
}

class FileIndexTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::optional<FileFacts> find(const FileId& id) {
    const auto found = index_.find(id);
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  }
  FileFacts insert(const FileFacts& facts) {
    EXPECT_TRUE(index_.insert(facts));
    return facts;
  }

  store::TemporaryFolder folder_;
  store::Database database_ = store::Database::open(folder_.file("index.db"), kMigrations);
  FileIndex index_{database_};
};

TEST_F(FileIndexTest, FindsWhatWasInsertedUnchanged) {
  const FileFacts facts = insert(facts_of("alice@example.org"));
  const auto found = find(facts.id);
  ASSERT_TRUE(found);
  expect_same(*found, facts);
  EXPECT_FALSE(find(FileId::random()));
}

TEST_F(FileIndexTest, RefusesAnIdThatIsThereAlready) {
  const FileFacts facts = insert(facts_of("alice@example.org"));
  const auto again = index_.insert(facts);
  ASSERT_TRUE(again.has_error());
  EXPECT_TRUE(again.error().is(store::errors::database_failed));
  EXPECT_TRUE(index_.insert(facts_of("alice@example.org"))) << "the statement goes on after that";
}

TEST_F(FileIndexTest, UpdatesAndRemovesOnlyWhatIsThere) {
  FileFacts facts = insert(facts_of("alice@example.org"));
  facts.state = FileState::expected;
  facts.size = 7;
  facts.sha256.clear();
  EXPECT_TRUE(index_.update(facts).value());
  expect_same(find(facts.id).value(), facts);
  EXPECT_FALSE(index_.update(facts_of("alice@example.org")).value());
  EXPECT_TRUE(index_.remove(facts.id).value());
  EXPECT_FALSE(index_.remove(facts.id).value());
  EXPECT_FALSE(index_.update(facts).value());
  EXPECT_FALSE(find(facts.id));
}

// A user sees his own files, in pages that neither repeat nor leave out any.
TEST_F(FileIndexTest, ListsStoredFilesOfAUserInPages) {
  std::set<FileId> wanted;
  for (Second i = 0; i < 10; ++i) wanted.insert(insert(facts_of("alice@example.org", i / 4)).id);
  insert(facts_of("bob@example.org"));
  FileFacts expected = facts_of("alice@example.org");
  expected.state = FileState::expected;
  insert(expected);
  std::set<FileId> seen;
  std::optional<FileFacts> last;
  for (std::size_t pages = 0; pages < 5; ++pages) {
    const auto page = index_.list("alice@example.org", last, 3);
    ASSERT_TRUE(page);
    EXPECT_LE(page->size(), 3U);
    if (page->empty()) break;
    for (const FileFacts& facts : *page) {
      EXPECT_TRUE(seen.insert(facts.id).second);
      EXPECT_TRUE(!last || last->created <= facts.created);
      last = facts;
    }
  }
  EXPECT_EQ(seen, wanted);
}

// Operators see everybody's files, whatever their state, in the order in which they came.
TEST_F(FileIndexTest, ListsFilesOfAllUsersInOrderOfAge) {
  std::set<std::pair<Second, std::string>> wanted;
  for (Second i = 0; i < 12; ++i) {
    FileFacts facts = facts_of(i % 2 == 0 ? "alice@example.org" : "bob@example.net", i / 5);
    facts.state = i % 3 == 0 ? FileState::expected : FileState::stored;
    wanted.emplace(facts.created, insert(facts).id.text());
  }
  std::vector<std::pair<Second, std::string>> seen;
  std::optional<FileFacts> last;
  for (std::size_t pages = 0; pages < 7; ++pages) {
    const auto page = index_.oldest(last, 2);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    EXPECT_EQ(page->size(), 2U);
    for (const FileFacts& facts : *page) seen.emplace_back(facts.created, facts.id.text());
    last = page->back();
  }
  const std::vector<std::pair<Second, std::string>> sorted(wanted.begin(), wanted.end());
  EXPECT_EQ(seen, sorted) << "files of one second by their ids";
}

TEST_F(FileIndexTest, GoesOnInOrderOfAgeBehindAFileThatIsGone) {
  const FileFacts first = insert(facts_of("alice@example.org", 1));
  const FileFacts second = insert(facts_of("alice@example.org", 2));
  const FileFacts third = insert(facts_of("alice@example.org", 3));
  ASSERT_TRUE(index_.remove(second.id).value());
  const auto behind = index_.oldest(second, 10);
  ASSERT_TRUE(behind && behind->size() == 1U);
  expect_same(behind->front(), third);
  const auto all = index_.oldest(std::nullopt, 10);
  ASSERT_TRUE(all && all->size() == 2U);
  expect_same(all->front(), first);
  EXPECT_TRUE(index_.oldest(third, 10)->empty());
  EXPECT_TRUE(index_.oldest(std::nullopt, 0)->empty());
}

TEST_F(FileIndexTest, TellsWhatIsDueJustThen) {
  FileFacts never = facts_of("alice@example.org");
  never.expires = 0;
  insert(never);
  FileFacts late = facts_of("alice@example.org");
  late.expires = 101;
  insert(late);
  FileFacts early = facts_of("alice@example.org");
  early.expires = 100;
  early.state = FileState::expected;
  insert(early);
  EXPECT_TRUE(index_.expired(99, 10)->empty());
  ASSERT_EQ(index_.expired(100, 10)->size(), 1U);
  EXPECT_EQ(index_.expired(100, 10)->front().id, early.id);
  const auto both = index_.expired(1000, 10);
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ(both->front().id, early.id) << "the earliest first";
  EXPECT_EQ(index_.expired(1000, 1)->size(), 1U);
}

TEST_F(FileIndexTest, VisitsEachFile) {
  std::set<FileId> wanted;
  for (int i = 0; i < 5; ++i) wanted.insert(insert(facts_of("alice@example.org")).id);
  std::set<FileId> seen;
  EXPECT_TRUE(index_.for_each([&](const FileFacts& facts) { seen.insert(facts.id); }));
  EXPECT_EQ(seen, wanted);
}

TEST_F(FileIndexTest, UndoesWhatATransactionDidNotCommit) {
  const FileFacts facts = facts_of("alice@example.org");
  {
    auto transaction = store::Transaction::begin(database_);
    ASSERT_TRUE(transaction);
    insert(facts);
    EXPECT_TRUE(find(facts.id));
  }
  EXPECT_FALSE(find(facts.id));
}

TEST_F(FileIndexTest, KeepsItsSecrets) {
  const std::string made(index_.secret("slot", 32)->reveal());
  EXPECT_EQ(made.size(), 32U);
  EXPECT_EQ(index_.secret("slot", 32)->reveal(), made);
  EXPECT_NE(index_.secret("other", 32)->reveal(), made);
  store::Database again = store::Database::open(folder_.file("index.db"), kMigrations);
  EXPECT_EQ(FileIndex(again).secret("slot", 32)->reveal(), made);
}

TEST_F(FileIndexTest, MakesASecretAnewThatCannotBeRead) {
  const std::string made(index_.secret("slot", 32)->reveal());
  EXPECT_EQ(index_.secret("slot", 16)->reveal().size(), 16U);
  ASSERT_TRUE(database_.run("UPDATE secret SET value = 'no hex' WHERE name = 'slot'"));
  const auto anew = index_.secret("slot", 32);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->reveal().size(), 32U);
  EXPECT_NE(anew->reveal(), made);
}

}  // namespace
}  // namespace bellhop::files

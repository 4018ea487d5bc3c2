// SQLite: opening, migrating, statements, transactions.
#include "component/store/database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "component/store/errors.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::store {
namespace {

constexpr std::array<std::string_view, 2> kMigrations{
    "CREATE TABLE pair (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    "ALTER TABLE pair ADD COLUMN note TEXT; CREATE TABLE other (n INTEGER) STRICT"};
constexpr std::span<const std::string_view> kAll(kMigrations);

// What opening says when it refuses, or "opened".
std::string open_error(const std::filesystem::path& path,
                       std::span<const std::string_view> migrations = kAll) {
  try {
    (void)Database::open(path, migrations);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "opened";
}

std::int64_t number(Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  EXPECT_TRUE(statement && statement->step().value());
  return statement->integer(0);
}

base::Result<void> put(Database& database, std::string_view name, std::uint64_t value) {
  auto statement = database.prepare("INSERT INTO pair (name, value) VALUES (?1, ?2)");
  if (!statement) return statement.error();
  return statement->run(name, value);
}

TEST(Database, IsPrivateToItsOwner) {
  const TemporaryFolder folder;
  const auto path = folder.file("a.db");
  Database database = Database::open(path, kAll);
  ASSERT_TRUE(put(database, "a", 1));
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(path.string() + "-wal"), 0600U);
  EXPECT_EQ(mode_of(path.string() + "-shm"), 0600U);
}

TEST(Database, KeepsALogBesideTheFile) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  auto mode = database.prepare("PRAGMA journal_mode").value();
  ASSERT_TRUE(mode.step().value());
  EXPECT_EQ(mode.text(0), "wal");
  EXPECT_EQ(number(database, "PRAGMA synchronous"), 1);  // NORMAL
  EXPECT_EQ(number(database, "PRAGMA busy_timeout"), kBusyTimeout.count());
}

TEST(Database, BringsAnOldFileUpToDateStepByStep) {
  const TemporaryFolder folder;
  {
    Database old = Database::open(folder.file("a.db"), kAll.first(1));
    EXPECT_EQ(number(old, "PRAGMA user_version"), 1);
    ASSERT_TRUE(put(old, "kept", 7));
  }
  Database database = Database::open(folder.file("a.db"), kAll);
  EXPECT_EQ(number(database, "PRAGMA user_version"), 2);
  EXPECT_EQ(number(database, "SELECT value FROM pair WHERE name = 'kept' AND note IS NULL"), 7);
  EXPECT_EQ(number(database, "SELECT count(*) FROM other"), 0);
}

TEST(Database, RefusesAFileOfANewerProgram) {
  const TemporaryFolder folder;
  (void)Database::open(folder.file("a.db"), kAll);
  EXPECT_EQ(open_error(folder.file("a.db"), kAll.first(1)),
            "database " + folder.file("a.db").string() +
                ": has version 2, this program knows up to 1: start the newer program, or move "
                "the file away");
}

TEST(Database, UndoesAMigrationThatFailsHalfWay) {
  const TemporaryFolder folder;
  constexpr std::array<std::string_view, 2> kBad{kMigrations[0],
                                                 "CREATE TABLE half (n INTEGER) STRICT; nonsense"};
  EXPECT_NE(open_error(folder.file("a.db"), kBad).find("syntax error"), std::string::npos);
  Database database = Database::open(folder.file("a.db"), kAll);
  EXPECT_FALSE(database.prepare("SELECT * FROM half"));
}

TEST(Database, RefusesWhatIsNoDatabase) {
  const TemporaryFolder folder;
  write_text(folder.file("text"), std::string(4096, 'x'));
  EXPECT_NE(open_error(folder.file("text")).find("not a database"), std::string::npos);
  EXPECT_NE(open_error(folder.file("no/such/folder")).find("No such file"), std::string::npos);
  EXPECT_NE(open_error(folder.file(".")), "opened");
}

TEST(Statement, KeepsTextsAndNumbersAsTheyAre) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  const std::string hostile("'; DROP TABLE pair; --\0\n\xF0\x9F\x8E\x92", 28);
  ASSERT_TRUE(put(database, hostile, 5));
  ASSERT_TRUE(put(database, "", 6));  // no NULL
  ASSERT_TRUE(put(database, "most", std::numeric_limits<std::int64_t>::max()));
  auto rows = database.prepare("SELECT name, value, note FROM pair ORDER BY value").value();
  ASSERT_TRUE(rows.step().value());
  EXPECT_EQ(rows.text(0), hostile);
  ASSERT_TRUE(rows.step().value());
  EXPECT_EQ(rows.text(0), "");
  EXPECT_EQ(rows.text(2), "");
  EXPECT_EQ(rows.integer(2), 0);
  ASSERT_TRUE(rows.step().value());
  EXPECT_EQ(rows.unsigned_integer(1), 0x7FFF'FFFF'FFFF'FFFFU);
  EXPECT_FALSE(rows.step().value());
}

TEST(Statement, CutsNumbersThatSqliteCannotHold) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  ASSERT_TRUE(put(database, "above", std::uint64_t{1} << 63));
  EXPECT_EQ(number(database, "SELECT value FROM pair"), std::numeric_limits<std::int64_t>::max());
  ASSERT_TRUE(database.run("UPDATE pair SET value = -5"));
  auto row = database.prepare("SELECT value FROM pair").value();
  ASSERT_TRUE(row.step().value());
  EXPECT_EQ(row.unsigned_integer(0), 0U);
}

TEST(Statement, CanBeUsedAgainAfterAnError) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  auto insert = database.prepare("INSERT INTO pair (name, value) VALUES (?1, ?2)").value();
  ASSERT_TRUE(insert.run("a", 1));
  const auto refused = insert.run("a", 2);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::database_failed));
  EXPECT_NE(refused.error().detail().find("UNIQUE"), std::string::npos);
  EXPECT_TRUE(insert.run("b", 2));
  EXPECT_EQ(number(database, "SELECT sum(value) FROM pair"), 3);
}

TEST(Statement, TellsOfAParameterThatIsNotThere) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  auto statement = database.prepare("SELECT ?1").value();
  EXPECT_FALSE(statement.run(1, 2));
  EXPECT_TRUE(statement.run(1));
  EXPECT_FALSE(database.prepare("SELECT nonsense"));
}

TEST(Statement, CountsTheRowsItChanged) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  for (const auto* name : {"a", "b", "c"}) ASSERT_TRUE(put(database, name, 1));
  ASSERT_TRUE(database.run("DELETE FROM pair WHERE name <> 'b'"));
  EXPECT_EQ(database.changed_rows(), 2);
}

TEST(Transaction, IsUndoneUnlessCommitted) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  {
    auto transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(put(database, "lost", 1));
  }
  EXPECT_EQ(number(database, "SELECT count(*) FROM pair"), 0);
  auto transaction = Transaction::begin(database);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(put(database, "kept", 1));
  EXPECT_FALSE(Transaction::begin(database));  // they do not nest
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(number(database, "SELECT count(*) FROM pair"), 1);
}

TEST(Database, ShowsOthersWhatWasCommitted) {
  const TemporaryFolder folder;
  Database writer = Database::open(folder.file("a.db"), kAll);
  ASSERT_TRUE(put(writer, "a", 1));
  Database reader = Database::open(folder.file("a.db"), kAll);
  EXPECT_EQ(number(reader, "SELECT count(*) FROM pair"), 1);
}

TEST(Database, MovesTheLogIntoTheFileWhenSynced) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  ASSERT_TRUE(put(database, "in the file itself", 1));
  EXPECT_EQ(text_of(folder.file("a.db")).find("in the file itself"), std::string::npos);
  ASSERT_TRUE(database.sync());
  EXPECT_NE(text_of(folder.file("a.db")).find("in the file itself"), std::string::npos);
}

TEST(Database, TellsOfAFileThatIsFull) {
  const TemporaryFolder folder;
  Database database = Database::open(folder.file("a.db"), kAll);
  ASSERT_TRUE(database.run("PRAGMA max_page_count = 10"));
  base::Result<void> done;
  int rows = 0;
  for (; done && rows < 100; ++rows) done = put(database, std::string(3000, 'x') + char(rows), 1);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().detail().find("full"), std::string::npos);
  EXPECT_EQ(number(database, "SELECT count(*) FROM pair"), rows - 1);
}

}  // namespace
}  // namespace bellhop::store

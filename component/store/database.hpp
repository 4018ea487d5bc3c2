// SQLite: one class for each handle of its C interface, and nothing else that calls it.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "component/base/error.hpp"

namespace bellhop::store {

/// How long a statement waits for another process that holds the file.
inline constexpr std::chrono::milliseconds kBusyTimeout{5000};

/// One prepared statement. Lives no longer than its Database is used; one thread at a time.
/// `bind()`, then `step()` until it says that there are no more rows; then it may be bound again.
class Statement {
 public:
  /// Values for ?1, ?2, … in order: std::int64_t and other integers, std::string_view. Unsigned
  /// ones above 2^63-1, which SQLite cannot hold, become 2^63-1. What goes wrong is told by step().
  template <typename... Values>
  void bind(const Values&... values) {
    restart();
    int index = 0;
    (bind_one(++index, values), ...);
  }

  /// Runs up to the next row: true if there is one, false at the end. Errors:
  /// errors::database_failed; the statement may be bound again after them.
  [[nodiscard]] base::Result<bool> step();
  /// bind() and step() for a statement that returns no rows.
  template <typename... Values>
  [[nodiscard]] base::Result<void> run(const Values&... values) {
    bind(values...);
    const auto stepped = step();
    if (!stepped) return stepped.error();
    restart();
    return {};
  }

  /// Column of the current row, counted from 0; 0 if it is NULL.
  [[nodiscard]] std::int64_t integer(int column) const;
  /// For columns that never hold anything negative; what is negative all the same reads as 0.
  [[nodiscard]] std::uint64_t unsigned_integer(int column) const;
  /// Column of the current row; empty if it is NULL.
  [[nodiscard]] std::string text(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  void restart();
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, std::uint64_t value);
  void bind_one(int index, std::uint32_t value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::string_view value);

  std::unique_ptr<sqlite3_stmt, Finalizer> handle_;
  int bind_status_ = SQLITE_OK;  // the first failure of bind(), told by step()
};

/// When what was committed survives the loss of power. The end of the process, however it comes, it
/// always survives.
enum class Durability : std::uint8_t {
  on_sync,    ///< after sync(): commits do not wait for the disk (synchronous=NORMAL)
  on_commit,  ///< at once (synchronous=FULL)
};

/// One database file in WAL mode. One thread at a time.
class Database {
 public:
  /// Opens `path`, creates it with mode 0600 if it is not there (its -wal and -shm get the mode of
  /// the file), and brings it up to date: `migrations[n]` is SQL that makes version n+1 of version
  /// n; each runs in a transaction of its own, and the version is kept in `user_version`. Tables
  /// should be STRICT. For start-up: throws std::runtime_error with one line that names the file,
  /// also if the file has a version that is newer than the last migration.
  [[nodiscard]] static Database open(const std::filesystem::path& path,
                                     std::span<const std::string_view> migrations,
                                     Durability durability = Durability::on_sync);

  /// One statement; `sql` is ours, never text of a stranger. Errors: errors::database_failed.
  [[nodiscard]] base::Result<Statement> prepare(std::string_view sql);
  /// Statements without parameters and rows. Errors: errors::database_failed.
  [[nodiscard]] base::Result<void> run(const std::string& sql);
  /// Rows that the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changed_rows() const;
  /// Syncs what was committed to the disk. Errors: errors::database_failed.
  [[nodiscard]] base::Result<void> sync();

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  explicit Database(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] base::Result<void> configure(Durability durability);
  [[nodiscard]] base::Result<std::int64_t> version();
  [[nodiscard]] base::Result<void> migrate(std::span<const std::string_view> migrations,
                                           std::int64_t version);

  std::unique_ptr<sqlite3, Closer> handle_;
};

/// A write transaction: what commit() has not made lasting when it goes out of scope is undone.
/// `database` must outlive it. They do not nest.
class Transaction {
 public:
  /// Errors: errors::database_failed, also when another process writes for longer than
  /// kBusyTimeout.
  [[nodiscard]] static base::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// Once, at the end. Errors: errors::database_failed; everything is undone then.
  [[nodiscard]] base::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null: moved from or committed
};

}  // namespace bellhop::store

#include "component/store/database.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "component/base/unique_fd.hpp"
#include "component/store/errors.hpp"

namespace bellhop::store {
namespace {

base::Error failure(sqlite3* handle) {
  std::string detail = sqlite3_errmsg(handle);
  detail += " (" + std::to_string(sqlite3_extended_errcode(handle)) + ")";
  return {errors::database_failed, std::move(detail)};
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error("database " + path.string() + ": " + why);
}

// SQLite would create the file with the umask's mode.
void create_private(const std::filesystem::path& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno != EEXIST) refuse(path, std::generic_category().message(errno));
}

}  // namespace

void Statement::restart() {
  sqlite3_reset(handle_.get());  // repeats the error of the last step, which has been told
  bind_status_ = SQLITE_OK;
}

void Statement::bind_one(int index, std::int64_t value) {
  const int status = sqlite3_bind_int64(handle_.get(), index, value);
  if (bind_status_ == SQLITE_OK) bind_status_ = status;
}

void Statement::bind_one(int index, std::uint64_t value) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  bind_one(index, static_cast<std::int64_t>(std::min(value, kMax)));
}

void Statement::bind_one(int index, std::string_view value) {
  // A null pointer would bind NULL.
  const char* data = value.empty() ? "" : value.data();
  const int status =
      sqlite3_bind_text64(handle_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_status_ == SQLITE_OK) bind_status_ = status;
}

base::Result<bool> Statement::step() {
  if (bind_status_ != SQLITE_OK) {
    return base::Error(errors::database_failed, sqlite3_errstr(bind_status_));
  }
  const int status = sqlite3_step(handle_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  const base::Error error = failure(sqlite3_db_handle(handle_.get()));
  restart();
  return error;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::uint64_t Statement::unsigned_integer(int column) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(integer(column), 0));
}

std::string Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(handle_.get(), column);
  if (data == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return {reinterpret_cast<const char*>(data), size};
}

Database Database::open(const std::filesystem::path& path,
                        std::span<const std::string_view> migrations, Durability durability) {
  create_private(path);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int status = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);  // to be closed even if it did not open
  if (status != SQLITE_OK) refuse(path, sqlite3_errstr(status));
  if (const auto configured = database.configure(durability); !configured) {
    refuse(path, configured.error().detail());
  }
  const auto version = database.version();
  if (!version) refuse(path, version.error().detail());
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (*version < 0 || *version > newest) {
    refuse(path, "has version " + std::to_string(*version) + ", this program knows up to " +
                     std::to_string(newest) + ": start the newer program, or move the file away");
  }
  if (const auto migrated = database.migrate(migrations, *version); !migrated) {
    refuse(path, migrated.error().detail());
  }
  return database;
}

base::Result<void> Database::configure(Durability durability) {
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(kBusyTimeout.count()));
  // A damaged or planted schema must not call functions of its choice.
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (const auto ran = run("PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL"); !ran) return ran;
  return run(durability == Durability::on_commit ? "PRAGMA synchronous=FULL"
                                                 : "PRAGMA synchronous=NORMAL");
}

base::Result<std::int64_t> Database::version() {
  auto statement = prepare("PRAGMA user_version");
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return statement->integer(0);
}

base::Result<void> Database::migrate(std::span<const std::string_view> migrations,
                                     std::int64_t version) {
  for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
    auto transaction = Transaction::begin(*this);
    if (!transaction) return transaction.error();
    if (const auto ran = run(std::string(migrations[next])); !ran) return ran;
    const std::string number = std::to_string(next + 1);
    if (const auto ran = run("PRAGMA user_version=" + number); !ran) return ran;
    if (const auto committed = transaction->commit(); !committed) return committed;
  }
  return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int status =
      sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (status != SQLITE_OK) return failure(handle_.get());
  return Statement(handle);
}

base::Result<void> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(handle_.get());
  }
  return {};
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(handle_.get());
}

base::Result<void> Database::sync() {
  // A checkpoint syncs the log before it copies it; NORMAL leaves it unsynced until then.
  if (sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                nullptr) != SQLITE_OK) {
    return failure(handle_.get());
  }
  return {};
}

base::Result<Transaction> Transaction::begin(Database& database) {
  // IMMEDIATE: waits for other writers here, where nothing is half done.
  if (const auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun.error();
  return Transaction(database);
}

Transaction::~Transaction() {
  // SQLite may have undone it already (disk full): then this fails, and there is nothing to do.
  if (database_ != nullptr) (void)database_->run("ROLLBACK");
}

base::Result<void> Transaction::commit() {
  BELLHOP_ASSERT(database_ != nullptr);
  const auto committed = database_->run("COMMIT");
  if (!committed) return committed;  // the destructor undoes it
  database_ = nullptr;
  return {};
}

}  // namespace bellhop::store

// The index of the store: which files there are, whose, and until when. SQLite.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/store/database.hpp"
#include "config/secret.hpp"
#include "proxy/files/file_facts.hpp"

namespace bellhop::files {

/// Blocking; one thread. Changes last when the transaction that the caller holds is committed.
/// Errors of all: store::errors::database_failed.
class FileIndex {
 public:
  /// `database` has the tables of kMigrations and outlives the index.
  explicit FileIndex(store::Database& database) : database_(database) {}

  /// A file whose id is not there yet.
  [[nodiscard]] base::Result<void> insert(const FileFacts& facts);
  /// Writes what may change: name, type, size, state, times, digest. False: it is not there.
  [[nodiscard]] base::Result<bool> update(const FileFacts& facts);
  /// False: it was not there.
  [[nodiscard]] base::Result<bool> remove(const FileId& id);
  [[nodiscard]] base::Result<std::optional<FileFacts>> find(const FileId& id);

  /// Stored files of a user in order of (created, id), the first `count_max` behind `after`.
  [[nodiscard]] base::Result<std::vector<FileFacts>> list(std::string_view owner,
                                                          const std::optional<FileFacts>& after,
                                                          std::size_t count_max);
  /// Files of any state in order of (created, id), the first `count_max` behind `after`.
  [[nodiscard]] base::Result<std::vector<FileFacts>> oldest(const std::optional<FileFacts>& after,
                                                            std::size_t count_max);
  /// Files of any state that are due at `now`, the earliest first.
  [[nodiscard]] base::Result<std::vector<FileFacts>> expired(Second now, std::size_t count_max);
  /// Each file of any state, in no order.
  [[nodiscard]] base::Result<void> for_each(const std::function<void(const FileFacts&)>& visit);

  /// Random bytes that stay the same for the life of the store; made when first asked for.
  [[nodiscard]] base::Result<config::Secret> secret(std::string_view name, std::size_t bytes);

 private:
  [[nodiscard]] base::Result<store::Statement*> prepared(std::optional<store::Statement>& slot,
                                                         std::string_view sql);
  [[nodiscard]] static base::Result<std::vector<FileFacts>> read_all(store::Statement& statement);

  store::Database& database_;
  std::optional<store::Statement> insert_;
  std::optional<store::Statement> update_;
  std::optional<store::Statement> remove_;
  std::optional<store::Statement> find_;
};

}  // namespace bellhop::files

// What an operator decided at run time, kept on disk.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/observe/second.hpp"
#include "component/base/error.hpp"
#include "component/store/database.hpp"

namespace bellhop::observe {

/// Rows there may be.
inline constexpr std::size_t kPolicyRowsMax = 100'000;
/// Bytes of each text of a row.
inline constexpr std::size_t kPolicyTextBytesMax = 4096;

/// One decision; what its texts mean is the caller's affair.
struct PolicyRow {
  std::string type;     ///< `quota` for instance; with `subject` it names the row
  std::string subject;  ///< `jid:…` for instance
  std::string value;
  std::string changed_by;  ///< as in the audit log
  Second changed_at = 0;

  friend bool operator==(const PolicyRow&, const PolicyRow&) = default;
};

/// The table policy. What set() and remove() return from is on disk and survives the loss of power.
/// Blocking; one thread at a time. Errors of all: store::errors::database_failed.
class PolicyStore {
 public:
  /// `database` has the tables of kMigrations and outlives the store.
  explicit PolicyStore(store::Database& database) : database_(database) {}

  /// All rows, ordered by type and subject.
  [[nodiscard]] base::Result<std::vector<PolicyRow>> load() const;
  /// Adds a row, or replaces the one of the same type and subject. Also errors::policy_rows_max and
  /// errors::policy_text_too_long; nothing changes then.
  [[nodiscard]] base::Result<void> set(const PolicyRow& row);
  /// Whether there was one.
  [[nodiscard]] base::Result<bool> remove(std::string_view type, std::string_view subject);

 private:
  [[nodiscard]] base::Result<void> check_room();

  store::Database& database_;
};

}  // namespace bellhop::observe

// Bytes per subject and day, kept on disk: what quotas and bills are made of.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/observe/second.hpp"
#include "component/base/error.hpp"
#include "component/store/database.hpp"

namespace bellhop::observe {

/// Days since 1970, UTC.
using Day = std::int64_t;
/// A calendar month, UTC.
using Month = std::chrono::year_month;

/// The day that a second belongs to.
[[nodiscard]] Day day_of(Second time);
/// The month that a day belongs to. Days of the years -32767 to 32767.
[[nodiscard]] Month month_of(Day day);
/// The first day of a month.
[[nodiscard]] Day first_day_of(Month month);

/// What a subject moved within a day.
struct UsageRow {
  std::string subject;  ///< `jid:…` or `domain:…`
  Day day = 0;
  std::uint64_t bytes = 0;  ///< delivered

  friend bool operator==(const UsageRow&, const UsageRow&) = default;
};

/// What a subject moved within a day and within the calendar month of that day.
struct UsageBytes {
  std::uint64_t day_bytes = 0;
  std::uint64_t month_bytes = 0;

  friend bool operator==(const UsageBytes&, const UsageBytes&) = default;
};

/// The table usage. Blocking; one thread at a time. Errors of all: store::errors::database_failed.
class UsageStore {
 public:
  /// `database` has the tables of kMigrations and outlives the store.
  explicit UsageStore(store::Database& database) : database_(database) {}

  /// Adds bytes to what is there (to 2^63-1 at most), all rows or none; a subject and day may come
  /// several times.
  [[nodiscard]] base::Result<void> add(const std::vector<UsageRow>& rows);
  [[nodiscard]] base::Result<UsageBytes> read(std::string_view subject, Day day) const;
  /// The `subjects_max` subjects that moved most within a month, most first, each with all its days
  /// of that month in order: at most 31 rows for each.
  [[nodiscard]] base::Result<std::vector<UsageRow>> load(Month month,
                                                         std::size_t subjects_max) const;
  /// Removes all days before that one.
  [[nodiscard]] base::Result<void> prune(Day before);

 private:
  store::Database& database_;
};

}  // namespace bellhop::observe

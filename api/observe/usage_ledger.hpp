// Bytes that users and domains have moved today and this month.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/observe/second.hpp"
#include "api/observe/usage_store.hpp"

namespace bellhop::observe {

/// Subjects that are counted at most; about 150 bytes each. What comes beyond is counted for its
/// domain and in total only.
inline constexpr std::size_t kUsageSubjectsMax = 250'000;

/// The ledger of one process, kept by a UsageStore across restarts. Days and months are UTC's.
/// One thread.
class UsageLedger {
 public:
  struct Usage {
    std::uint64_t day_bytes = 0;
    std::uint64_t month_bytes = 0;
  };

  /// Rows of the current month, as they were stored.
  void restore(const std::vector<UsageRow>& rows, Second now);

  /// Counts; what the subject has used by now. Nothing, and left_out() grows, if there is no room.
  Usage add(Second now, const std::string& subject, std::uint64_t bytes);
  [[nodiscard]] Usage of(const std::string& subject, Second now) const;

  template <typename Visit>
  void for_each(Second now, Visit visit) const {
    for (const auto& [subject, row] : rows_) visit(subject, of(subject, now));
  }

  /// A new day: today's bytes are none. A new month: rows vanish. True if either came.
  bool advance(Second now);

  /// What was added since the last call, to be added to the store.
  [[nodiscard]] std::vector<UsageRow> take_unsaved();

  /// Bytes that had no room for a row of their subject.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  struct Row {
    Usage usage;
    std::uint64_t unsaved = 0;
  };

  std::int64_t day_ = 0;
  std::unordered_map<std::string, Row> rows_;
  std::vector<std::string> changed_;  // rows with something unsaved
  std::vector<UsageRow> past_;        // unsaved bytes of a day that is over
  std::uint64_t left_out_ = 0;        // bytes that had no room for a row
};

}  // namespace bellhop::observe

#include "api/observe/usage_ledger.hpp"

namespace bellhop::observe {

void UsageLedger::restore(const std::vector<UsageRow>& rows, Second now) {
  (void)advance(now);
  for (const UsageRow& row : rows) {
    if (month_of(row.day) != month_of(day_)) continue;
    if (rows_.size() >= kUsageSubjectsMax && !rows_.contains(row.subject)) continue;
    Usage& usage = rows_[row.subject].usage;
    usage.month_bytes += row.bytes;
    if (row.day == day_) usage.day_bytes += row.bytes;
  }
}

UsageLedger::Usage UsageLedger::add(Second now, const std::string& subject, std::uint64_t bytes) {
  (void)advance(now);
  auto row = rows_.find(subject);
  if (row == rows_.end()) {
    if (rows_.size() >= kUsageSubjectsMax) {
      left_out_ += bytes;
      return {};
    }
    row = rows_.emplace(subject, Row{}).first;
  }
  Row& counted = row->second;
  if (counted.unsaved == 0 && bytes > 0) changed_.push_back(subject);
  counted.unsaved += bytes;
  counted.usage.day_bytes += bytes;
  counted.usage.month_bytes += bytes;
  return counted.usage;
}

UsageLedger::Usage UsageLedger::of(const std::string& subject, Second now) const {
  const auto row = rows_.find(subject);
  if (row == rows_.end()) return {};
  Usage usage = row->second.usage;
  const std::int64_t today = day_of(now);
  if (today <= day_) return usage;
  usage.day_bytes = 0;
  if (month_of(today) != month_of(day_)) usage.month_bytes = 0;
  return usage;
}

// A clock that was set back does not bring yesterday back.
bool UsageLedger::advance(Second now) {
  const std::int64_t today = day_of(now);
  if (today <= day_) return false;
  const bool is_new_month = month_of(today) != month_of(day_);
  for (UsageRow& row : take_unsaved()) past_.push_back(std::move(row));
  day_ = today;
  if (is_new_month) rows_.clear();
  for (auto& [subject, row] : rows_) row.usage.day_bytes = 0;
  return true;
}

std::vector<UsageRow> UsageLedger::take_unsaved() {
  std::vector<UsageRow> rows = std::exchange(past_, {});
  for (const std::string& subject : changed_) {
    Row& row = rows_.at(subject);
    rows.push_back({subject, day_, row.unsaved});
    row.unsaved = 0;
  }
  changed_.clear();
  return rows;
}

}  // namespace bellhop::observe

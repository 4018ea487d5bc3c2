#include "api/observe/usage_store.hpp"

#include <algorithm>
#include <limits>

namespace bellhop::observe {
namespace {

namespace chrono = std::chrono;

constexpr Second kDaySeconds = 86'400;

// A sum beyond 2^63-1 would become a floating-point number, which a STRICT table refuses.
constexpr std::string_view kAdd = R"sql(
INSERT INTO usage (subject, day, bytes) VALUES (?1, ?2, ?3)
ON CONFLICT (subject, day) DO UPDATE SET
  bytes = min(bytes + excluded.bytes, 9223372036854775807))sql";

constexpr std::string_view kRead = R"sql(
SELECT day, bytes FROM usage WHERE subject = ?1 AND day >= ?2 AND day < ?3)sql";

// total(), because sum() fails beyond 2^63-1; only the order is made of it.
constexpr std::string_view kLoad = R"sql(
WITH heaviest AS (
  SELECT subject, total(bytes) AS month_bytes FROM usage WHERE day >= ?1 AND day < ?2
  GROUP BY subject ORDER BY month_bytes DESC, subject LIMIT ?3)
SELECT subject, day, bytes FROM heaviest JOIN usage USING (subject)
WHERE day >= ?1 AND day < ?2 ORDER BY month_bytes DESC, subject, day)sql";

Day end_of(Month month) {
  return first_day_of(month + chrono::months(1));
}

}  // namespace

Day day_of(Second time) {
  return round_down(time, kDaySeconds) / kDaySeconds;
}

Month month_of(Day day) {
  const chrono::year_month_day date{chrono::sys_days(chrono::days(day))};
  return date.year() / date.month();
}

Day first_day_of(Month month) {
  return chrono::sys_days(month / 1).time_since_epoch().count();
}

base::Result<void> UsageStore::add(const std::vector<UsageRow>& rows) {
  if (rows.empty()) return {};
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  auto statement = database_.prepare(kAdd);
  if (!statement) return statement.error();
  for (const UsageRow& row : rows) {
    if (row.bytes == 0) continue;
    if (const auto ran = statement->run(row.subject, row.day, row.bytes); !ran) return ran;
  }
  return transaction->commit();
}

base::Result<UsageBytes> UsageStore::read(std::string_view subject, Day day) const {
  auto statement = database_.prepare(kRead);
  if (!statement) return statement.error();
  const Month month = month_of(day);
  statement->bind(subject, first_day_of(month), end_of(month));
  UsageBytes bytes;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return bytes;
    const std::uint64_t day_bytes = statement->unsigned_integer(1);
    if (statement->integer(0) == day) bytes.day_bytes = day_bytes;
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - bytes.month_bytes;
    bytes.month_bytes += std::min(day_bytes, room);
  }
}

base::Result<std::vector<UsageRow>> UsageStore::load(Month month, std::size_t subjects_max) const {
  auto statement = database_.prepare(kLoad);
  if (!statement) return statement.error();
  statement->bind(first_day_of(month), end_of(month), subjects_max);
  std::vector<UsageRow> rows;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back({.subject = statement->text(0),
                    .day = statement->integer(1),
                    .bytes = statement->unsigned_integer(2)});
  }
}

base::Result<void> UsageStore::prune(Day before) {
  auto statement = database_.prepare("DELETE FROM usage WHERE day < ?1");
  if (!statement) return statement.error();
  return statement->run(before);
}

}  // namespace bellhop::observe

#include "api/observe/policy_store.hpp"

#include "api/observe/errors.hpp"

namespace bellhop::observe {
namespace {

constexpr std::string_view kLoad = R"sql(
SELECT type, subject, value, changed_by, changed_at FROM policy
ORDER BY type, subject LIMIT ?1)sql";

constexpr std::string_view kSet = R"sql(
INSERT INTO policy (type, subject, value, changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (type, subject) DO UPDATE SET
  value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at)sql";

bool is_too_long(const PolicyRow& row) {
  for (const auto* text : {&row.type, &row.subject, &row.value, &row.changed_by}) {
    if (text->size() > kPolicyTextBytesMax) return true;
  }
  return false;
}

}  // namespace

base::Result<std::vector<PolicyRow>> PolicyStore::load() const {
  auto statement = database_.prepare(kLoad);
  if (!statement) return statement.error();
  statement->bind(kPolicyRowsMax);
  std::vector<PolicyRow> rows;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back({.type = statement->text(0),
                    .subject = statement->text(1),
                    .value = statement->text(2),
                    .changed_by = statement->text(3),
                    .changed_at = statement->integer(4)});
  }
}

base::Result<void> PolicyStore::set(const PolicyRow& row) {
  if (is_too_long(row)) return base::Error(errors::policy_text_too_long);
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  auto statement = database_.prepare(kSet);
  if (!statement) return statement.error();
  const auto ran = statement->run(row.type, row.subject, row.value, row.changed_by, row.changed_at);
  if (!ran) return ran;
  if (const auto has_room = check_room(); !has_room) return has_room;
  if (const auto committed = transaction->commit(); !committed) return committed;
  return database_.sync();
}

// After the change and within its transaction: one row more than the maximum undoes it.
base::Result<void> PolicyStore::check_room() {
  auto statement = database_.prepare("SELECT count(*) FROM policy");
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  if (statement->unsigned_integer(0) > kPolicyRowsMax) return base::Error(errors::policy_rows_max);
  return {};
}

base::Result<bool> PolicyStore::remove(std::string_view type, std::string_view subject) {
  auto statement = database_.prepare("DELETE FROM policy WHERE type = ?1 AND subject = ?2");
  if (!statement) return statement.error();
  if (const auto ran = statement->run(type, subject); !ran) return ran.error();
  const bool was_there = database_.changed_rows() > 0;
  if (const auto synced = database_.sync(); !synced) return synced.error();
  return was_there;
}

}  // namespace bellhop::observe

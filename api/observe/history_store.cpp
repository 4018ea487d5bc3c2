#include "api/observe/history_store.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "api/observe/errors.hpp"

namespace bellhop::observe {
namespace {

// A sum beyond 2^63-1 would become a floating-point number, which a STRICT table refuses.
constexpr std::string_view kAddCell = R"sql(
INSERT INTO history_cell (tier, begin, kind, domain, bytes, peak, sessions)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (tier, begin, kind, domain) DO UPDATE SET
  bytes = min(bytes + excluded.bytes, 9223372036854775807),
  peak = max(peak, excluded.peak),
  sessions = max(sessions, excluded.sessions))sql";

constexpr std::string_view kAddHeavy = R"sql(
INSERT INTO history_heavy (tier, begin, jid, bytes, error) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (tier, begin, jid) DO UPDATE SET
  bytes = min(bytes + excluded.bytes, 9223372036854775807),
  error = min(error + excluded.error, 9223372036854775807))sql";

constexpr std::string_view kReadCells = R"sql(
SELECT begin - begin % ?4 AS time, kind, domain, sum(bytes), max(peak), max(sessions)
FROM history_cell
WHERE tier = ?1 AND begin >= ?2 AND begin < ?3
  AND (?5 = 0 OR (?5 = 1 AND kind <> '') OR (?5 = 2 AND kind = ?6))
  AND (?7 = 0 OR (?7 = 1 AND domain <> '') OR (?7 = 2 AND domain = ?8))
GROUP BY time, kind, domain ORDER BY time, kind, domain LIMIT ?9)sql";

constexpr std::string_view kReadHeavy = R"sql(
SELECT begin - begin % ?4 AS time, jid, sum(bytes) AS total, sum(error)
FROM history_heavy
WHERE tier = ?1 AND begin >= ?2 AND begin < ?3 AND (?5 = '' OR jid = ?5)
GROUP BY time, jid ORDER BY time, total DESC, jid LIMIT ?6)sql";

// Both hours that the newest minute may have to do with.
constexpr std::array<std::string_view, 2> kRecover{
    R"sql(
INSERT INTO history_cell (tier, begin, kind, domain, bytes, peak, sessions)
SELECT ?2, begin - begin % 3600 AS hour, kind, domain, sum(bytes), max(peak), max(sessions)
FROM history_cell
WHERE tier = ?1 AND begin >= (SELECT max(begin) - max(begin) % 3600 - 3600
                              FROM history_cell WHERE tier = ?1)
GROUP BY hour, kind, domain
ON CONFLICT (tier, begin, kind, domain) DO UPDATE SET
  bytes = max(bytes, excluded.bytes),
  peak = max(peak, excluded.peak),
  sessions = max(sessions, excluded.sessions))sql",
    R"sql(
INSERT INTO history_heavy (tier, begin, jid, bytes, error)
SELECT ?2, begin - begin % 3600 AS hour, jid, sum(bytes), sum(error)
FROM history_heavy
WHERE tier = ?1 AND begin >= (SELECT max(begin) - max(begin) % 3600 - 3600
                              FROM history_heavy WHERE tier = ?1)
GROUP BY hour, jid
ON CONFLICT (tier, begin, jid) DO UPDATE SET
  error = CASE WHEN excluded.bytes > bytes THEN excluded.error ELSE error END,
  bytes = max(bytes, excluded.bytes))sql"};

constexpr std::array<std::string_view, 2> kPrune{
    "DELETE FROM history_cell WHERE tier = ?1 AND begin < ?2",
    "DELETE FROM history_heavy WHERE tier = ?1 AND begin < ?2"};

constexpr std::array kStored{Tier::minute, Tier::hour};

int number_of(Tier tier) {
  return static_cast<int>(tier);
}

base::Result<void> add_slot(const HistorySlot& slot, store::Statement& add_cell,
                            store::Statement& add_heavy) {
  const int tier = number_of(slot.tier);
  for (const auto* cells : {&slot.cells, &slot.sums}) {
    for (const HistoryCell& cell : *cells) {
      const auto added = add_cell.run(tier, slot.begin, cell.kind, cell.domain, cell.bytes,
                                      cell.peak, cell.sessions);
      if (!added) return added;
    }
  }
  for (const HeavyHitter& hitter : slot.heavy) {
    const auto added = add_heavy.run(tier, slot.begin, hitter.key, hitter.count, hitter.error);
    if (!added) return added;
  }
  return {};
}

// The slot of `time`; rows come in order of time, from two tables one after the other.
HistorySlot& slot_at(std::vector<HistorySlot>& slots, Tier tier, Second time) {
  const auto place =
      std::lower_bound(slots.begin(), slots.end(), time,
                       [](const HistorySlot& slot, Second wanted) { return slot.begin < wanted; });
  if (place != slots.end() && place->begin == time) return *place;
  HistorySlot slot;
  slot.tier = tier;
  slot.begin = time;
  return *slots.insert(place, std::move(slot));
}

HistoryCell cell_of(const store::Statement& row) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  return {.kind = row.text(1),
          .domain = row.text(2),
          .bytes = row.unsigned_integer(3),
          .peak = row.unsigned_integer(4),
          .sessions = static_cast<std::uint32_t>(std::min(row.unsigned_integer(5), kMax))};
}

}  // namespace

base::Result<void> HistoryStore::recover() {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  for (const std::string_view sql : kRecover) {
    auto statement = database_.prepare(sql);
    if (!statement) return statement.error();
    const auto ran = statement->run(number_of(Tier::minute), number_of(Tier::hour));
    if (!ran) return ran;
  }
  return transaction->commit();
}

base::Result<void> HistoryStore::add(const std::vector<HistorySlot>& slots) {
  if (slots.empty()) return {};
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  auto add_cell = database_.prepare(kAddCell);
  if (!add_cell) return add_cell.error();
  auto add_heavy = database_.prepare(kAddHeavy);
  if (!add_heavy) return add_heavy.error();
  for (const HistorySlot& slot : slots) {
    BELLHOP_ASSERT(slot.tier == Tier::minute || slot.tier == Tier::hour);
    if (const auto added = add_slot(slot, *add_cell, *add_heavy); !added) return added;
  }
  return transaction->commit();
}

base::Result<std::vector<HistorySlot>> HistoryStore::read(Tier tier, Second start,
                                                          Second end) const {
  const Range range{.tier = tier, .start = start, .end = end, .step = step_of(tier)};
  const Filter all{.names = Names::all};
  std::vector<HistorySlot> slots;
  if (const auto done = read_cells(range, all, all, slots); !done) return done.error();
  if (const auto done = read_heavy(range, "", slots); !done) return done.error();
  return slots;
}

base::Result<std::vector<HistorySlot>> HistoryStore::read(Tier tier,
                                                          const HistoryQuery& query) const {
  using Group = HistoryQuery::Group;
  BELLHOP_ASSERT(query.step > 0);
  Range range{.tier = tier, .start = 0, .end = 0, .step = query.step};
  range.start = round_down(query.start, query.step);
  range.end = round_down(query.end + query.step - 1, query.step);
  std::vector<HistorySlot> slots;
  base::Result<void> done;
  if (query.is_of_jids()) {
    done = read_heavy(range, query.jid, slots);
  } else {
    done = read_cells(range, filter_of(query.group == Group::kind, query.kind),
                      filter_of(query.group == Group::domain, query.domain), slots);
  }
  if (!done) return done.error();
  return slots;
}

base::Result<void> HistoryStore::prune(Second now) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  for (const std::string_view sql : kPrune) {
    auto statement = database_.prepare(sql);
    if (!statement) return statement.error();
    for (const Tier tier : kStored) {
      // A slot that begins before its span reaches into it.
      const Second oldest = now - span_of(tier) - step_of(tier) + 1;
      if (const auto ran = statement->run(number_of(tier), oldest); !ran) return ran;
    }
  }
  return transaction->commit();
}

HistoryStore::Filter HistoryStore::filter_of(bool is_grouped, std::string_view name) {
  if (is_grouped && name.empty()) return {.names = Names::not_empty};
  return {.names = Names::one, .name = name};
}

base::Result<void> HistoryStore::read_cells(const Range& range, Filter kind, Filter domain,
                                            std::vector<HistorySlot>& slots) const {
  auto statement = database_.prepare(kReadCells);
  if (!statement) return statement.error();
  statement->bind(number_of(range.tier), range.start, range.end, range.step,
                  static_cast<int>(kind.names), kind.name, static_cast<int>(domain.names),
                  domain.name, std::int64_t{kHistoryRowsMax + 1});
  for (std::size_t rows = 0;; ++rows) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return {};
    if (rows == kHistoryRowsMax) return base::Error(errors::history_too_large);
    HistorySlot& slot = slot_at(slots, range.tier, statement->integer(0));
    HistoryCell cell = cell_of(*statement);
    auto& cells = cell.kind.empty() || cell.domain.empty() ? slot.sums : slot.cells;
    cells.push_back(std::move(cell));
  }
}

base::Result<void> HistoryStore::read_heavy(const Range& range, std::string_view jid,
                                            std::vector<HistorySlot>& slots) const {
  auto statement = database_.prepare(kReadHeavy);
  if (!statement) return statement.error();
  statement->bind(number_of(range.tier), range.start, range.end, range.step, jid,
                  std::int64_t{kHistoryRowsMax + 1});
  for (std::size_t rows = 0;; ++rows) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return {};
    if (rows == kHistoryRowsMax) return base::Error(errors::history_too_large);
    HistorySlot& slot = slot_at(slots, range.tier, statement->integer(0));
    slot.heavy.push_back({.key = statement->text(1),
                          .count = statement->unsigned_integer(2),
                          .error = statement->unsigned_integer(3)});
  }
}

}  // namespace bellhop::observe

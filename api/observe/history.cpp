#include "api/observe/history.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace bellhop::observe {
namespace {

constexpr Second kDay = 86'400;
// Clocks are read in several places: what is a little late is no jump.
constexpr Second kLateMax = 2;
// Beyond it the machine slept or its clock was set; nothing can be said of the time between.
constexpr Second kGapMax = 15 * 60;

constexpr std::array kFolded{Tier::ten_seconds, Tier::minute, Tier::hour};
constexpr std::size_t kOther = 1;  // its number among names

bool is_in_memory(Tier tier) {
  return tier == Tier::second || tier == Tier::ten_seconds;
}

// The number of a name; a new one gets the next, or that of `other` when `max` numbers are given.
std::size_t number_of(std::string_view name, std::vector<std::string>& names, std::size_t max) {
  if (name.empty()) return kOther;
  const auto found = std::find(names.begin() + kOther, names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  if (names.size() == max) return kOther;
  names.emplace_back(name);
  return names.size() - 1;
}

}  // namespace

void History::add(Second now, std::string_view kind, std::string_view domain,
                  std::string_view bare_jid, std::uint64_t bytes) {
  advance_to(now);
  if (bytes == 0) return;
  Table& table = open_of(Tier::second).table;
  for (const std::size_t index : cells_of(kind, domain)) {
    table[index].bytes += bytes;
    table[index].peak = table[index].bytes;
  }
  for (Open& open : open_) open.heavy.add(bare_jid, bytes);
}

void History::set_sessions(Second now, std::string_view kind, std::string_view domain,
                           std::uint32_t count) {
  advance_to(now);
  std::string key(kind);
  key.push_back('\0');
  key.append(domain);
  auto found = gauges_.find(key);
  if (found == gauges_.end()) {
    if (count == 0 || gauges_.size() >= kHistoryGaugesMax) return;
    Gauge gauge{.kind = std::string(kind), .domain = std::string(domain)};
    found = gauges_.emplace(std::move(key), std::move(gauge)).first;
  }
  const std::uint32_t before = std::exchange(found->second.sessions, count);
  count_sessions(found->second, before);
  if (count == 0) gauges_.erase(found);
}

std::vector<HistorySlot> History::advance(Second now) {
  advance_to(now);
  return std::exchange(closed_, {});
}

std::vector<HistorySlot> History::flush(Second now) {
  advance_to(now);
  close_all();
  start_at(newest());
  return std::exchange(closed_, {});
}

std::vector<HistorySlot> History::slots(Tier tier, Second start, Second end) const {
  std::vector<HistorySlot> slots;
  const auto take = [&](const Closed& closed) {
    const bool is_wanted = closed.begin >= start && closed.begin < end && !closed.cells.empty();
    if (is_wanted) slots.push_back(slot_of(tier, closed));
  };
  if (is_in_memory(tier)) {
    for (const Closed& closed : kept_[static_cast<std::size_t>(tier)]) take(closed);
  }
  const Open& open = open_of(tier);
  Table table = open.table;
  if (tier != Tier::second) fold(open_of(Tier::second).table, table);
  take(closed_of(open, table));
  return slots;
}

void History::advance_to(Second now) {
  if (!is_started_) {
    is_started_ = true;
    start_at(now);
  } else if (now < newest() - kLateMax || now - newest() > kGapMax) {
    close_all();
    start_at(now);
  }
  while (newest() < now) end_second();
}

void History::start_at(Second now) {
  for (const Tier tier : kTiers) open_of(tier).begin = round_down(now, step_of(tier));
  start_day(round_down(now, kDay));
  start_second(now);
}

// The numbers of yesterday's domains end: what has most sessions gets one of today's first.
void History::start_day(Second begin) {
  std::set<Second> days{begin};
  for (const auto& kept : kept_) {
    for (const Closed& closed : kept) days.insert(round_down(closed.begin, kDay));
  }
  std::erase_if(names_, [&](const auto& day) { return !days.contains(day.first); });
  names_.try_emplace(begin);
  std::vector<const Gauge*> gauges;
  for (const auto& [key, gauge] : gauges_) gauges.push_back(&gauge);
  std::sort(gauges.begin(), gauges.end(), [](const Gauge* a, const Gauge* b) {
    return std::tie(b->sessions, a->domain, a->kind) < std::tie(a->sessions, b->domain, b->kind);
  });
  open_of(Tier::second).begin = begin;
  sessions_.fill(0);
  for (const Gauge* gauge : gauges) count_sessions(*gauge, 0);
}

void History::start_second(Second begin) {
  Open& open = open_of(Tier::second);
  open.begin = begin;
  for (std::size_t i = 0; i < kCells; ++i) open.table[i].sessions = sessions_[i];
}

void History::end_second() {
  const Second next = newest() + 1;
  fold_second();
  close(Tier::second);
  for (const Tier tier : kFolded) {
    if (next < open_of(tier).begin + step_of(tier)) break;  // a coarser one ends with a finer one
    close(tier);
    open_of(tier).begin = next;
  }
  if (next % kDay == 0) start_day(next);
  start_second(next);
}

void History::close_all() {
  fold_second();
  for (const Tier tier : kTiers) close(tier);
}

void History::close(Tier tier) {
  Open& open = open_of(tier);
  Closed closed = closed_of(open, open.table);
  open.table.fill({});
  open.heavy.clear();
  if (!closed.cells.empty()) keep(tier, std::move(closed));
}

void History::keep(Tier tier, Closed closed) {
  if (!is_in_memory(tier)) {
    if (closed_.size() >= kHistoryClosedMax) closed_.erase(closed_.begin());
    closed_.push_back(slot_of(tier, closed));
    return;
  }
  auto& kept = kept_[static_cast<std::size_t>(tier)];
  const Second oldest = closed.begin - span_of(tier) - step_of(tier) + 1;
  // Each flush() makes one part more.
  const auto slots_max = static_cast<std::size_t>(span_of(tier) / step_of(tier) + 1 +
                                                  span_of(tier) / step_of(Tier::minute));
  kept.push_back(std::move(closed));
  while (kept.front().begin < oldest || kept.size() > slots_max) kept.pop_front();
}

void History::fold_second() {
  for (const Tier tier : kFolded) fold(open_of(Tier::second).table, open_of(tier).table);
}

void History::fold(const Table& second, Table& into) {
  for (std::size_t i = 0; i < kCells; ++i) {
    into[i].bytes += second[i].bytes;
    into[i].peak = std::max(into[i].peak, second[i].peak);
    into[i].sessions = std::max(into[i].sessions, second[i].sessions);
  }
}

void History::count_sessions(const Gauge& gauge, std::uint32_t before) {
  if (gauge.sessions == before) return;
  Table& table = open_of(Tier::second).table;
  for (const std::size_t index : cells_of(gauge.kind, gauge.domain)) {
    sessions_[index] += gauge.sessions - before;  // modulo 2^32: right for less as well
    table[index].sessions = std::max(table[index].sessions, sessions_[index]);
  }
}

// The cell itself, its kind's, its domain's, and that of everything.
std::array<std::size_t, 4> History::cells_of(std::string_view kind, std::string_view domain) {
  Names& names = names_.at(round_down(newest(), kDay));
  const std::size_t row = number_of(kind, names.kinds, kKinds) * kDomains;
  const std::size_t column = number_of(domain, names.domains, kDomains);
  return {row + column, row, column, 0};
}

History::Closed History::closed_of(const Open& open, const Table& table) {
  Closed closed{.begin = open.begin, .cells = {}, .heavy = open.heavy.top(kHistoryHeavyMax)};
  for (std::size_t i = 0; i < kCells; ++i) {
    if (table[i].bytes == 0 && table[i].sessions == 0) continue;
    closed.cells.push_back(table[i]);
    closed.cells.back().index = static_cast<std::uint16_t>(i);
  }
  closed.cells.shrink_to_fit();  // thousands of them are kept
  return closed;
}

HistorySlot History::slot_of(Tier tier, const Closed& closed) const {
  HistorySlot slot{.tier = tier, .begin = closed.begin, .cells = {}, .sums = {}, .heavy = {}};
  const Names& names = names_.at(round_down(closed.begin, kDay));
  for (const Cell& cell : closed.cells) {
    const std::size_t kind = cell.index / kDomains;
    const std::size_t domain = cell.index % kDomains;
    auto& cells = kind == 0 || domain == 0 ? slot.sums : slot.cells;
    cells.push_back({.kind = names.kinds[kind],
                     .domain = names.domains[domain],
                     .bytes = cell.bytes,
                     .peak = cell.peak,
                     .sessions = cell.sessions});
  }
  slot.heavy = closed.heavy;
  return slot;
}

}  // namespace bellhop::observe

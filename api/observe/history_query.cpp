#include "api/observe/history_query.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "component/base/error.hpp"

namespace bellhop::observe {
namespace {

using Group = HistoryQuery::Group;

constexpr Second kLastSecond = 253'402'300'799;  // of the year 9999, as in protobuf's Timestamp

Second round_up(Second time, Second step) {
  const Second down = round_down(time, step);
  return down == time ? time : down + step;
}

// Sums points by key and time. Keys are views into the slots.
class Chart {
 public:
  explicit Chart(Second step) : step_(step) {}

  HistoryPoint& point(std::string_view key, Second time) {
    const Second begin = round_down(time, step_);
    HistoryPoint& point = lines_[key][begin];
    point.time = begin;
    return point;
  }

  [[nodiscard]] std::vector<HistoryLine> lines() const {
    std::vector<std::pair<std::uint64_t, std::string_view>> order;
    for (const auto& [key, points] : lines_) {
      std::uint64_t bytes = 0;
      for (const auto& [time, point] : points) bytes += point.bytes;
      order.emplace_back(bytes, key);
    }
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (order.size() > kHistoryLinesMax) order.resize(kHistoryLinesMax);
    std::vector<HistoryLine> lines;
    for (const auto& [bytes, key] : order) lines.push_back(line(key));
    return lines;
  }

 private:
  [[nodiscard]] HistoryLine line(std::string_view key) const {
    HistoryLine line{.key = std::string(key), .points = {}};
    for (const auto& [time, point] : lines_.at(key)) line.points.push_back(point);
    return line;
  }

  Second step_;
  std::unordered_map<std::string_view, std::map<Second, HistoryPoint>> lines_;
};

// One line for each name, or one name, or (empty) the sum that the slot has over all of them.
bool is_wanted(std::string_view name, bool is_grouped, std::string_view filter) {
  if (is_grouped && filter.empty()) return !name.empty();
  return name == filter;
}

void add_cell(Chart& chart, Second time, const HistoryCell& cell, const HistoryQuery& query) {
  const bool by_kind = query.group == Group::kind;
  const bool by_domain = query.group == Group::domain;
  if (!is_wanted(cell.kind, by_kind, query.kind)) return;
  if (!is_wanted(cell.domain, by_domain, query.domain)) return;
  if (cell.bytes == 0 && cell.sessions == 0) return;
  std::string_view key;
  if (by_kind) key = cell.kind;
  if (by_domain) key = cell.domain;
  HistoryPoint& point = chart.point(key, time);
  point.bytes += cell.bytes;
  point.peak = std::max(point.peak, cell.peak);
  point.sessions = std::max(point.sessions, cell.sessions);
}

void add_heavy(Chart& chart, Second time, const HeavyHitter& hitter, const HistoryQuery& query) {
  if (!query.jid.empty() && hitter.key != query.jid) return;
  std::string_view key;
  if (query.group == Group::jid) key = hitter.key;
  HistoryPoint& point = chart.point(key, time);
  point.bytes += hitter.count;
  point.error += hitter.error;
}

}  // namespace

HistoryQuery fit(HistoryQuery query, Second now, Second memory_start) {
  const Second start = std::clamp<Second>(query.start, 0, kLastSecond);
  // What ends now has the present second in it, also where a step begins with that second.
  const Second until = query.end == now ? now + 1 : query.end;
  const Second end = std::clamp(until, start, kLastSecond);
  Second step = std::min(query.step, kLastSecond);
  // One less, because the first and the last point may be there in part.
  if (step <= 0)
    step =
        std::max<Second>(1, round_up(end - start, kHistoryPointsMax - 1) / (kHistoryPointsMax - 1));
  for (;;) {  // rounding may take the start to where the finest tier does not reach
    const Second from = round_down(start, step);
    Second finest = finest_step(from, now);
    if (from < memory_start) finest = std::max(finest, step_of(Tier::minute));
    if (step % finest == 0) break;
    step = round_up(step, finest);
  }
  query.step = step;
  query.start = round_down(start, step);
  query.end = round_up(end, step);
  return query;
}

std::vector<HistoryLine> summarise(const std::vector<HistorySlot>& slots,
                                   const HistoryQuery& query) {
  BELLHOP_ASSERT(query.step > 0);
  const Second start = round_down(query.start, query.step);
  const Second end = round_up(query.end, query.step);
  Chart chart(query.step);
  for (const HistorySlot& slot : slots) {
    if (slot.begin < start || slot.begin >= end) continue;
    if (query.is_of_jids()) {
      for (const auto& hitter : slot.heavy) add_heavy(chart, slot.begin, hitter, query);
    } else {
      for (const auto& cell : slot.cells) add_cell(chart, slot.begin, cell, query);
      for (const auto& cell : slot.sums) add_cell(chart, slot.begin, cell, query);
    }
  }
  return chart.lines();
}

}  // namespace bellhop::observe

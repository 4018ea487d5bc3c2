// Lines of a chart, made of history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "api/observe/history_slot.hpp"
#include "api/observe/second.hpp"

namespace bellhop::observe {

/// Which part of the past, and how it is summed.
struct HistoryQuery {
  enum class Group : std::uint8_t { none, kind, domain, jid };

  Second start = 0;  ///< rounded down to a multiple of `step`
  Second end = 0;    ///< the first one not wanted; rounded up to a multiple of `step`
  Second step = 1;   ///< seconds of one point, above 0: a multiple of the step of the slots
  Group group = Group::none;
  std::string kind;    ///< only this one; empty: all. Ignored with `jid` or Group::jid
  std::string domain;  ///< likewise
  /// Only this bare JID; empty: all. Group::kind and Group::domain are ignored with it.
  std::string jid;

  /// Whether the answer comes from the heaviest JIDs.
  [[nodiscard]] bool is_of_jids() const { return group == Group::jid || !jid.empty(); }
};

/// Points of a line when a query names no step.
inline constexpr Second kHistoryPointsMax = 1000;
/// Lines of an answer, the heaviest; those beyond are left out.
inline constexpr std::size_t kHistoryLinesMax = 1000;

/// One step.
struct HistoryPoint {
  Second time = 0;             ///< when it begins: a multiple of the step
  std::uint64_t bytes = 0;     ///< delivered within it
  std::uint64_t peak = 0;      ///< fastest second, bytes per second; 0 for JIDs
  std::uint64_t error = 0;     ///< for JIDs: `bytes` is too high by this at most
  std::uint32_t sessions = 0;  ///< most at one time; 0 for JIDs

  friend bool operator==(const HistoryPoint&, const HistoryPoint&) = default;
};

/// One line of a chart.
struct HistoryLine {
  std::string key;                   ///< kind, domain or bare JID; empty: the sum
  std::vector<HistoryPoint> points;  ///< in order of time; steps without anything are left out

  friend bool operator==(const HistoryLine&, const HistoryLine&) = default;
};

/// `query` as it can be answered at `now`: step a multiple of finest_step(), where 0 or less stands
/// for one that makes at most kHistoryPointsMax points; start and end rounded to it. Takes any
/// values: times are cut to the years 1970 to 9999, and an end before the start becomes the start.
/// An end at `now` takes the present second in.
/// Before `memory_start` there are minutes and hours only: the start of the process.
[[nodiscard]] HistoryQuery fit(HistoryQuery query, Second now, Second memory_start = 0);

/// Sums slots, or parts of slots, in any order and of any tier whose step divides query.step, into
/// lines, most bytes first. Peaks survive coarsening, because the greatest is kept. For JIDs it
/// knows what the heavy lists say: where a JID is not among the heaviest its bytes are missing.
[[nodiscard]] std::vector<HistoryLine> summarise(const std::vector<HistorySlot>& slots,
                                                 const HistoryQuery& query);

}  // namespace bellhop::observe

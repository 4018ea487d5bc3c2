// What operators ask about most, as checks: one row each.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/diagnostics_service.pb.h"

namespace bellhop::admin {

/// How a check ended.
struct CheckOutcome {
  v1::CheckStatus status = v1::CHECK_STATUS_UNSPECIFIED;
  std::string summary;  ///< what was seen, one sentence
  std::string fix;      ///< what to do about it; empty if it passed
};

// The ways to end.
[[nodiscard]] inline CheckOutcome passed(std::string summary) {
  return {v1::CHECK_STATUS_PASSED, std::move(summary), {}};
}
[[nodiscard]] inline CheckOutcome warning(std::string summary, std::string fix) {
  return {v1::CHECK_STATUS_WARNING, std::move(summary), std::move(fix)};
}
[[nodiscard]] inline CheckOutcome failed(std::string summary, std::string fix) {
  return {v1::CHECK_STATUS_FAILED, std::move(summary), std::move(fix)};
}
/// It could not be made here.
[[nodiscard]] inline CheckOutcome skipped(std::string summary) {
  return {v1::CHECK_STATUS_SKIPPED, std::move(summary), {}};
}
/// All in one: the worst status (failed, warning, skipped, passed) with what those that have it
/// say. Not for an empty list.
[[nodiscard]] CheckOutcome worst_of(const std::vector<CheckOutcome>& outcomes);

/// `a, b, c`.
[[nodiscard]] std::string joined(const std::vector<std::string>& texts);

/// What a check may take, all that it looks at together.
inline constexpr std::chrono::milliseconds kCheckWithin{4500};
/// The part of the time until `deadline` that the next of `left` things may take, so that one that
/// stays silent leaves some for the others. `left` is above 0.
[[nodiscard]] base::Deadline share_of(base::Deadline deadline, std::size_t left);

/// One row of the table of checks.
struct Check {
  std::string_view id;  ///< `upstream.attached`: stable
  /// On the admin thread; ends within five seconds.
  runtime::Task<CheckOutcome> (*run)(Core& core);
};

/// In the order in which they should be read: a failed one explains those behind it.
[[nodiscard]] std::span<const Check> all_checks();

}  // namespace bellhop::admin

// What operators ask about most, as checks: one row each.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/diagnostics_service.pb.h"

namespace bellhop::admin {

/// How a check ended.
struct CheckOutcome {
  v1::CheckStatus status = v1::CHECK_STATUS_UNSPECIFIED;
  std::string summary;  ///< what was seen, one sentence
  std::string fix;      ///< what to do about it; empty if it passed
};

/// One row of the table of checks.
struct Check {
  std::string_view id;  ///< `upstream.attached`: stable
  /// On the admin thread; ends within seconds.
  runtime::Task<CheckOutcome> (*run)(Core& core);
};

/// In the order in which they should be read: a failed one explains those behind it.
[[nodiscard]] std::span<const Check> all_checks();

}  // namespace bellhop::admin

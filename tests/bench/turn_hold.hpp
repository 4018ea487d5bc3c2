// Allocations that are held and idle: how many, and what each takes of a server's memory.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/turn_client.hpp"

namespace bellhop::bench {

struct HoldPlan {
  std::size_t allocations = 1'000;
  double settle = 2;  ///< seconds before memory is read
  std::vector<pid_t> pids;
};

struct HoldReport {
  std::size_t held = 0;
  std::string refusal;          ///< why there are no more; empty: there are as many as were wanted
  std::int64_t growth_kib = 0;  ///< of RssAnon
  double seconds = 0;           ///< to make them, one after the other
  double cpu_seconds = 0;
  std::size_t asked_again = 0;  ///< of those held, while all are
  std::size_t alive = 0;        ///< that answered a Refresh then
};

/// Each with one permission and one channel. Ends at the first that is refused. They are given back
/// before it returns.
[[nodiscard]] HoldReport hold_allocations(TurnClient& client, const HoldPlan& plan);

}  // namespace bellhop::bench

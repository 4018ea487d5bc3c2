// Keeps Bellhop from being an amplifier (STN-17): who is not authenticated gets no more than it
// sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"

namespace bellhop::relay {

/// Bytes that sources may still be answered with, in a table of fixed size whose row is chosen by a
/// keyed hash of the IPv4 address or the IPv6 /56: sources that share a row share its budget, and
/// nobody can aim at another's row. One shard. No allocation after the constructor.
class SourceBudget {
 public:
  /// To begin with, and the most that is saved up.
  static constexpr std::size_t kBurstBytes = 2048;
  static constexpr std::size_t kRows = 16'384;

  SourceBudget();
  ~SourceBudget();
  SourceBudget(const SourceBudget&) = delete;
  SourceBudget& operator=(const SourceBudget&) = delete;

  /// A datagram of `received` bytes came from `source`, and the answer would have `wanted`. Whether
  /// it may be sent: over any ten seconds no more is sent than was received, beyond the burst.
  /// What was sent more than ten to fifteen seconds ago is forgiven. To be asked for every datagram
  /// that has no proven sender, also for those that get no answer (`wanted` 0).
  [[nodiscard]] bool may_answer(const base::IpAddress& source, std::size_t received,
                                std::size_t wanted, base::TimePoint now);

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace bellhop::relay

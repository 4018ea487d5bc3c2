#include "component/runtime/session_limits.hpp"

#include <algorithm>

namespace bellhop::runtime {

bool SessionLimits::any() const {
  return std::any_of(buckets.begin(), buckets.end(),
                     [](const auto& bucket) { return bucket != nullptr; });
}

std::uint64_t SessionLimits::allowance(std::uint64_t wanted, base::TimePoint now) const {
  for (const auto& bucket : buckets) {
    if (bucket) wanted = std::min(wanted, bucket->available(now));
  }
  return wanted;
}

void SessionLimits::spend(std::uint64_t bytes) const {
  for (const auto& bucket : buckets) {
    if (bucket) bucket->spend(bytes);
  }
}

base::TimePoint SessionLimits::next_grant() const {
  base::TimePoint at{};
  for (const auto& bucket : buckets) {
    if (bucket) at = std::max(at, bucket->next_grant());
  }
  return at;
}

}  // namespace bellhop::runtime

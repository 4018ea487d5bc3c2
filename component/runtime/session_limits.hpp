// The rate limits that one session obeys.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "component/base/clock.hpp"
#include "component/base/token_bucket.hpp"

namespace bellhop::runtime {

/// Whose limit a bucket is.
enum class LimitScope : std::uint8_t { session, jid, domain, total, count_ };

/// The buckets a session draws from; all its directions together draw from each. Null: no limit.
/// Shared, because the sessions of one user may run on several shards and start and end in any
/// order. None set: whoever moves bytes never asks for the time on their account.
struct SessionLimits {
  std::array<std::shared_ptr<base::TokenBucket>, static_cast<std::size_t>(LimitScope::count_)>
      buckets;

  [[nodiscard]] std::shared_ptr<base::TokenBucket>& of(LimitScope scope) {
    return buckets[static_cast<std::size_t>(scope)];
  }
  [[nodiscard]] const std::shared_ptr<base::TokenBucket>& of(LimitScope scope) const {
    return buckets[static_cast<std::size_t>(scope)];
  }
  [[nodiscard]] bool any() const;
  /// How many bytes may move now; `wanted` when there is no limit.
  [[nodiscard]] std::uint64_t allowance(std::uint64_t wanted, base::TimePoint now) const;
  void spend(std::uint64_t bytes) const;
  /// When asking again is worth it.
  [[nodiscard]] base::TimePoint next_grant() const;
};

}  // namespace bellhop::runtime

// How many data connections a user has, on whatever shard they are (TURN-T10).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace bellhop::turn {

/// A share in the count of one user; copies count together. Any thread. The default counts nobody
/// and gives nothing.
class ConnectionQuota {
 public:
  ConnectionQuota() = default;
  explicit ConnectionQuota(std::uint32_t connections_max)
      : connections_max_(connections_max),
        count_(std::make_shared<std::atomic<std::uint32_t>>(0)) {}

  /// One more. False: the user has as many as she may, and nothing is counted.
  [[nodiscard]] bool take() {
    if (!count_) return false;
    // Added first and asked then: of two shards that meet at the limit one too many may be refused,
    // never let in.
    if (count_->fetch_add(1, std::memory_order_relaxed) < connections_max_) return true;
    count_->fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  /// Once for each take() that gave one.
  void give_back() { count_->fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t taken() const {
    return count_ ? count_->load(std::memory_order_relaxed) : 0;
  }

 private:
  std::uint32_t connections_max_ = 0;
  std::shared_ptr<std::atomic<std::uint32_t>> count_;
};

}  // namespace bellhop::turn

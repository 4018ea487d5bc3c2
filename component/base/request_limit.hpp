// How often somebody may ask for something: so many at once, then one in each interval.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

#include "component/base/clock.hpp"

namespace bellhop::base {

/// `burst` (at least 1) requests at once, then one in each `interval`.
struct RequestRate {
  std::size_t burst;
  Duration interval;
};

/// The requests of one asker. Its whole state is the moment at which the full burst is there again.
class RequestLimit {
 public:
  /// Whether a request may pass at `now`; one that passes is counted.
  [[nodiscard]] bool take(const RequestRate& rate, TimePoint now) {
    const TimePoint whole_at = std::max(whole_at_, now);
    const auto others = static_cast<Duration::rep>(rate.burst) - 1;
    if (whole_at - now > rate.interval * others) return false;
    whole_at_ = whole_at + rate.interval;
    return true;
  }

 private:
  TimePoint whole_at_{};
};

/// The requests of many askers, of which those asking last are remembered: a newcomer beyond
/// `keys_max` displaces who has been silent longest. One shard.
template <typename Key>
class RequestLimits {
 public:
  RequestLimits(RequestRate rate, std::size_t keys_max) : rate_(rate), keys_max_(keys_max) {}
  RequestLimits(const RequestLimits&) = delete;
  RequestLimits& operator=(const RequestLimits&) = delete;

  /// Whether a request of `key` may pass at `now`; one that passes is counted.
  [[nodiscard]] bool take(const Key& key, TimePoint now) {
    const auto row = rows_.find(key);
    if (row != rows_.end()) {
      order_.splice(order_.end(), order_, row->second);
      return row->second->second.take(rate_, now);
    }
    if (rows_.size() >= keys_max_) {
      rows_.erase(order_.front().first);
      order_.pop_front();
    }
    rows_.emplace(key, order_.emplace(order_.end(), key, RequestLimit()));
    return order_.back().second.take(rate_, now);
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  using Order = std::list<std::pair<Key, RequestLimit>>;

  RequestRate rate_;
  std::size_t keys_max_;
  Order order_;  // who asked last stands last
  std::unordered_map<Key, typename Order::iterator> rows_;
};

}  // namespace bellhop::base

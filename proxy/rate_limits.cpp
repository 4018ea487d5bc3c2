#include "proxy/rate_limits.hpp"

#include <functional>

namespace bellhop::proxy {

RateLimits::Lease::Lease(RateLimits& limits, std::string_view bare_jid, base::TimePoint now)
    : limits_(limits) {
  const Rates& rates = limits.rates_;
  if (rates.per_session > 0) {
    session_ = std::make_unique<base::TokenBucket>(rates.per_session, now);
  }
  if (rates.total > 0 && !limits.total_) limits.total_.emplace(rates.total, now);
  if (rates.per_jid == 0) return;
  const JidBucket fresh{base::TokenBucket(rates.per_jid, now)};
  // Rows of an unordered_map keep their address while others come and go.
  jid_ = &*limits.by_jid_.emplace(std::string(bare_jid), fresh).first;
  ++jid_->second.users;
}

RateLimits::Lease::~Lease() {
  if (jid_ != nullptr && --jid_->second.users == 0) {
    limits_.by_jid_.erase(std::string(jid_->first));
  }
}

std::size_t home_shard(const Rates& rates, std::string_view bare_jid, std::size_t turn,
                       std::size_t shards) {
  // The last shard has no XMPP stream and no handshakes to serve besides.
  if (rates.total > 0) return shards - 1;
  if (rates.per_jid > 0) return std::hash<std::string_view>{}(bare_jid) % shards;
  return turn % shards;
}

}  // namespace bellhop::proxy

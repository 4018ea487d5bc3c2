// The token buckets of one shard, and which shard a session belongs on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "component/base/token_bucket.hpp"

namespace bellhop::proxy {

/// Bytes per second; 0: no limit.
struct Rates {
  std::uint64_t per_session = 0;
  std::uint64_t per_jid = 0;
  std::uint64_t total = 0;
};

/// The bucket of one JID and how many sessions use it.
struct JidBucket {
  base::TokenBucket bucket;
  std::uint32_t users = 0;
};

/// Buckets of the sessions on one shard. Pure; that shard only.
class RateLimits {
 public:
  explicit RateLimits(Rates rates) : rates_(rates) {}
  RateLimits(const RateLimits&) = delete;
  RateLimits& operator=(const RateLimits&) = delete;

  /// The buckets one session draws from; gives its share of the JID's bucket back when it goes.
  class Lease {
   public:
    Lease(RateLimits& limits, std::string_view bare_jid, base::TimePoint now);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] base::TokenBucket* session() { return session_.get(); }
    [[nodiscard]] base::TokenBucket* jid() { return jid_ ? &jid_->second.bucket : nullptr; }
    [[nodiscard]] base::TokenBucket* total() { return limits_.total_ ? &*limits_.total_ : nullptr; }

   private:
    friend class RateLimits;
    RateLimits& limits_;
    std::unique_ptr<base::TokenBucket> session_;  // rarely set, so not inline
    std::pair<const std::string, JidBucket>* jid_ = nullptr;
  };

 private:
  friend class Lease;
  Rates rates_;
  std::optional<base::TokenBucket> total_;
  std::unordered_map<std::string, JidBucket> by_jid_;
};

/// Where a session runs. Shards share nothing, so whatever shares a bucket shares a shard: with a
/// total limit all sessions run on one (a limit below what one core moves is the only useful one),
/// with a limit per JID those of one JID do; otherwise they are dealt out by `turn`.
[[nodiscard]] std::size_t home_shard(const Rates& rates, std::string_view bare_jid,
                                     std::size_t turn, std::size_t shards);

}  // namespace bellhop::proxy

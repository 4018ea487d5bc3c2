// What the proxy counts, per shard.
#pragma once

#include <array>

#include "component/base/counters.hpp"
#include "component/base/error.hpp"
#include "component/runtime/session.hpp"
#include "proxy/errors.hpp"

namespace bellhop::proxy {

/// Rows of kProxyCounterNames.
enum class ProxyCounter : std::uint8_t {
  connections_accepted,  ///< control shard, like all that has to do with handshakes
  connections_pending,   ///< gauge: accepted, not activated, not closed
  connections_evicted,   ///< closed half-done for a newer one from the same address
  sessions_activated,    ///< the session's shard, as all that follow
  sessions_active,       ///< gauge
  bytes_relayed,         ///< of running sessions too, as of the last batch
  bytes_dropped,
  count_
};

inline constexpr std::array<base::CounterName, static_cast<std::size_t>(ProxyCounter::count_)>
    kProxyCounterNames{{
        {"bellhop_proxy_connections_accepted_total", ""},
        {"bellhop_proxy_connections_pending", ""},
        {"bellhop_proxy_connections_evicted_total", ""},
        {"bellhop_proxy_sessions_activated_total", ""},
        {"bellhop_proxy_sessions_active", ""},
        {"bellhop_proxy_relayed_bytes_total", ""},
        {"bellhop_proxy_dropped_bytes_total", ""},
    }};

/// One counter for each row of errors::kAll, in that order. Control shard.
enum class ProxyRefusal : std::uint8_t { count_ = errors::kAll.size() };

inline constexpr auto kProxyRefusalNames = [] {
  std::array<base::CounterName, errors::kAll.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {"bellhop_proxy_refusals_total", errors::kAll[i]->name};
  }
  return names;
}();

/// One counter for each EndReason. The session's shard.
enum class SessionEnd : std::uint8_t {
  count_ = static_cast<std::uint8_t>(runtime::EndReason::failed) + 1
};

inline const auto kSessionEndNames = [] {
  std::array<base::CounterName, static_cast<std::size_t>(SessionEnd::count_)> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {"bellhop_proxy_sessions_ended_total",
                runtime::to_text(static_cast<runtime::EndReason>(i))};
  }
  return names;
}();

/// All counters of this folder; main registers them by name.
struct ProxyCounters {
  explicit ProxyCounters(std::size_t shards)
      : events(shards), refusals(shards), session_ends(shards) {}

  base::ShardedCounters<ProxyCounter> events;
  base::ShardedCounters<ProxyRefusal> refusals;
  base::ShardedCounters<SessionEnd> session_ends;

  /// Control shard. Kinds of other folders (a malformed stanza, say) are counted there.
  void count_refusal(const base::ErrorKind& kind) {
    for (std::size_t i = 0; i < errors::kAll.size(); ++i) {
      if (errors::kAll[i] == &kind) refusals.of_shard(0).add(static_cast<ProxyRefusal>(i));
    }
  }
};

}  // namespace bellhop::proxy

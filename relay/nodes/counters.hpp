// What relay channels count, per shard.
#pragma once

#include <array>

#include "component/base/counters.hpp"
#include "component/runtime/session.hpp"

namespace bellhop::nodes {

/// Rows of kNodesCounterNames. Those of packets are of the media shards.
enum class NodesCounter : std::uint8_t {
  channels_opened,
  channels_active,  ///< gauge
  bytes_relayed,    ///< of running channels too, as of the last batch
  bytes_dropped,    ///< of the parties: no destination, over a limit, not sendable
  packets_relayed,
  packets_foreign,    ///< from whom a port does not know: nobody's, or an attack
  packets_forbidden,  ///< from an address that the peer policy refuses
  packets_early,      ///< the other side was not known yet
  packets_limited,
  packets_oversize,
  packets_unsent,  ///< the kernel took them not
  count_
};

inline constexpr std::array<base::CounterName, static_cast<std::size_t>(NodesCounter::count_)>
    kNodesCounterNames{{
        {"bellhop_relay_channels_opened_total", ""},
        {"bellhop_relay_channels_active", ""},
        {"bellhop_relay_channel_relayed_bytes_total", ""},
        {"bellhop_relay_channel_dropped_bytes_total", ""},
        {"bellhop_relay_channel_relayed_packets_total", ""},
        {"bellhop_relay_channel_dropped_packets_total", "foreign"},
        {"bellhop_relay_channel_dropped_packets_total", "forbidden"},
        {"bellhop_relay_channel_dropped_packets_total", "early"},
        {"bellhop_relay_channel_dropped_packets_total", "limited"},
        {"bellhop_relay_channel_dropped_packets_total", "oversize"},
        {"bellhop_relay_channel_dropped_packets_total", "unsent"},
    }};

/// One counter for each EndReason. The channel's shard.
enum class ChannelEnd : std::uint8_t {
  count_ = static_cast<std::uint8_t>(runtime::EndReason::failed) + 1
};

inline const auto kChannelEndNames = [] {
  std::array<base::CounterName, static_cast<std::size_t>(ChannelEnd::count_)> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {"bellhop_relay_channels_ended_total",
                runtime::to_text(static_cast<runtime::EndReason>(i))};
  }
  return names;
}();

/// All counters of this folder; main registers them by name.
struct NodesCounters {
  explicit NodesCounters(std::size_t shards) : events(shards), ends(shards) {}

  base::ShardedCounters<NodesCounter> events;
  base::ShardedCounters<ChannelEnd> ends;
};

}  // namespace bellhop::nodes

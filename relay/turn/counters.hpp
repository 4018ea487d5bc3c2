// What STUN and TURN count, per shard.
#pragma once

#include <array>

#include "component/base/counters.hpp"

namespace bellhop::turn {

/// Rows of kTurnCounterNames. All are written by the shard of the allocation or connection.
enum class TurnCounter : std::uint8_t {
  bindings,              ///< Binding requests answered
  allocations_made,      ///< since the start
  allocations,           ///< gauge
  connections_accepted,  ///< TCP and TLS
  connections,           ///< gauge
  packets_to_peers,      ///< datagrams of clients that left, hairpins included
  packets_to_clients,
  bytes_relayed,  ///< payload, both ways; of running sessions too, as of the last batch
  bytes_dropped,
  refused_bad_request,  ///< answers by error code, 400 and so on
  refused_unauthenticated,
  refused_forbidden,
  refused_mismatch,
  refused_stale_nonce,
  refused_quota,
  refused_capacity,
  refused_other,
  silent,             ///< answers not sent, because the source had used up its budget
  dropped_malformed,  ///< neither STUN nor ChannelData, or broken
  dropped_no_allocation,
  dropped_no_permission,  ///< of clients and peers
  dropped_no_channel,
  dropped_rate,       ///< above a rate limit
  dropped_unsent,     ///< the kernel did not take it
  dropped_by_kernel,  ///< receive buffers were full (SO_RXQ_OVFL)
  count_
};

inline constexpr std::array<base::CounterName, static_cast<std::size_t>(TurnCounter::count_)>
    kTurnCounterNames{{
        {"bellhop_relay_bindings_total", ""},
        {"bellhop_relay_allocations_made_total", ""},
        {"bellhop_relay_allocations", ""},
        {"bellhop_relay_connections_accepted_total", ""},
        {"bellhop_relay_connections", ""},
        {"bellhop_relay_packets_total", "to-peer"},
        {"bellhop_relay_packets_total", "to-client"},
        {"bellhop_relay_relayed_bytes_total", ""},
        {"bellhop_relay_dropped_bytes_total", ""},
        {"bellhop_relay_refusals_total", "bad-request"},
        {"bellhop_relay_refusals_total", "unauthenticated"},
        {"bellhop_relay_refusals_total", "forbidden"},
        {"bellhop_relay_refusals_total", "allocation-mismatch"},
        {"bellhop_relay_refusals_total", "stale-nonce"},
        {"bellhop_relay_refusals_total", "quota"},
        {"bellhop_relay_refusals_total", "capacity"},
        {"bellhop_relay_refusals_total", "other"},
        {"bellhop_relay_unanswered_total", ""},
        {"bellhop_relay_dropped_packets_total", "malformed"},
        {"bellhop_relay_dropped_packets_total", "no-allocation"},
        {"bellhop_relay_dropped_packets_total", "no-permission"},
        {"bellhop_relay_dropped_packets_total", "no-channel"},
        {"bellhop_relay_dropped_packets_total", "rate"},
        {"bellhop_relay_dropped_packets_total", "unsent"},
        {"bellhop_relay_dropped_packets_total", "kernel"},
    }};

using TurnCounters = base::ShardedCounters<TurnCounter>;
using TurnCounterBlock = base::CounterBlock<TurnCounter>;

}  // namespace bellhop::turn

// What the component layer counts. Written by the control shard.
#pragma once

#include "component/base/counters.hpp"

namespace bellhop::xmpp {

/// Rows of kXmppCounterNames.
enum class XmppCounter : std::uint8_t {
  streams_attached,
  streams_lost,
  streams_refused,
  stanzas_received,
  stanzas_sent,
  stanzas_dropped_addresses,
  stanzas_dropped_unsent,
  requests_refused,
  count_
};

inline constexpr std::array<base::CounterName, static_cast<std::size_t>(XmppCounter::count_)>
    kXmppCounterNames{{
        {"bellhop_component_streams_attached_total", ""},
        {"bellhop_component_streams_lost_total", ""},
        {"bellhop_component_streams_refused_total", ""},
        {"bellhop_component_stanzas_received_total", ""},
        {"bellhop_component_stanzas_sent_total", ""},
        {"bellhop_component_stanzas_dropped_total", "addresses"},
        {"bellhop_component_stanzas_dropped_total", "unsent"},
        {"bellhop_component_requests_refused_total", ""},
    }};

using XmppCounters = base::CounterBlock<XmppCounter>;

}  // namespace bellhop::xmpp

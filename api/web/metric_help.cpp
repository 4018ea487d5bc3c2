#include "api/web/metric_help.hpp"

#include <algorithm>
#include <iterator>

namespace bellhop::web {
namespace {

struct Row {
  std::string_view metric;
  std::string_view help;
};

constexpr Row kRows[]{
    {"bellhop_relay_bindings_total", "STUN: Binding requests answered."},
    {"bellhop_relay_allocations_made_total", "TURN: allocations made."},
    {"bellhop_relay_allocations", "TURN: allocations in use."},
    {"bellhop_relay_connections_accepted_total", "TURN: connections accepted by TCP and TLS."},
    {"bellhop_relay_connections", "TURN: connections open by TCP and TLS."},
    {"bellhop_relay_packets_total", "TURN: packets relayed, by direction."},
    {"bellhop_relay_refusals_total", "TURN: requests refused, by the kind of the error code."},
    {"bellhop_relay_unanswered_total",
     "STUN and TURN: answers not sent, because their source had used up its budget."},
    {"bellhop_relay_dropped_packets_total",
     "TURN: packets not relayed; kernel: Bellhop did not read them in time."},
    {"bellhop_relay_channels_opened_total", "XEP-0278: channels opened."},
    {"bellhop_relay_channels_active", "XEP-0278: channels in use."},
    {"bellhop_relay_channel_relayed_packets_total", "XEP-0278: packets relayed."},
    {"bellhop_relay_channel_dropped_packets_total",
     "XEP-0278: packets not relayed; foreign: from whom the port does not belong to."},
};

}  // namespace

std::string_view help_of(std::string_view metric) {
  const Row* const row = std::ranges::find(kRows, metric, &Row::metric);
  return row == std::end(kRows) ? std::string_view("See README.md.") : row->help;
}

}  // namespace bellhop::web

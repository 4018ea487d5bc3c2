#include "api/turn_status.hpp"

#include "config/value_text.hpp"

namespace bellhop::api {
namespace {

using nodes::NodesCounter;
using turn::TurnCounter;

constexpr std::array kRelayed{TurnCounter::packets_to_peers, TurnCounter::packets_to_clients};
constexpr std::array kDropped{
    TurnCounter::dropped_malformed,     TurnCounter::dropped_no_allocation,
    TurnCounter::dropped_no_permission, TurnCounter::dropped_no_channel,
    TurnCounter::dropped_rate,          TurnCounter::dropped_unsent,
    TurnCounter::dropped_by_kernel,
};
constexpr std::array kRefused{TurnCounter::refused_forbidden, TurnCounter::refused_quota,
                              TurnCounter::refused_capacity};
constexpr std::array kChannelDropped{
    NodesCounter::packets_foreign, NodesCounter::packets_forbidden, NodesCounter::packets_early,
    NodesCounter::packets_limited, NodesCounter::packets_oversize,  NodesCounter::packets_unsent,
};

template <typename Index, std::size_t N>
std::uint64_t sum(const base::ShardedCounters<Index>& counters, const std::array<Index, N>& rows) {
  std::uint64_t total = 0;
  for (const Index row : rows) total += counters.sum(row);
  return total;
}

}  // namespace

TurnStatus read_turn_status(turn::TurnServer& turn, const nodes::ChannelService* channels,
                            const config::Settings& settings) {
  TurnStatus status;
  status.is_open = turn.is_open();
  status.listen = turn.bound().plain;
  status.tls_listen = turn.bound().tls;
  status.services = turn.services();
  for (const auto& place : {turn.places().v4(), turn.places().v6()}) {
    if (!place) continue;
    const auto free_ports = static_cast<std::uint32_t>(turn.ports(place->local).free_ports());
    status.relays.push_back({place->shown, place->local, free_ports});
  }
  status.ports = settings.turn.port_max - settings.turn.port_min + 1U;
  status.allocations = turn.allocations();
  status.allocations_max = settings.turn.allocations_max;
  const turn::TurnCounters& counters = turn.counters();
  status.connections = counters.sum(TurnCounter::connections);
  status.packets = sum(counters, kRelayed);
  status.packets_dropped = sum(counters, kDropped);
  status.packets_dropped_by_kernel = counters.sum(TurnCounter::dropped_by_kernel);
  status.refusals = sum(counters, kRefused);
  if (channels == nullptr) return status;
  status.channels = channels->running();
  const auto& events = channels->counters().events;
  status.packets += events.sum(NodesCounter::packets_relayed);
  status.packets_dropped += sum(events, kChannelDropped);
  return status;
}

std::string to_uri(const turn::ExternalService& service) {
  std::string uri(turn::to_string(service.type));
  uri += ":" + config::host_port_text({service.host, service.port});
  if (service.is_restricted()) {
    uri.append("?transport=").append(turn::to_string(service.transport));
  }
  return uri;
}

}  // namespace bellhop::api

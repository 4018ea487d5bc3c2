#include "relay/turn/announced_services.hpp"

#include <algorithm>

namespace bellhop::turn {
namespace {

using Type = ExternalService::Type;
using Over = ExternalService::Transport;

std::string announced_host(const config::PublicSettings& address, const RelayPlaces& places) {
  for (const std::string& told : {address.host, address.ipv4, address.ipv6}) {
    if (!told.empty()) return told;
  }
  return (places.v4() ? places.v4() : places.v6())->shown.text();
}

}  // namespace

std::vector<ExternalService> announced_services(const config::PublicSettings& public_address,
                                                const TurnListeners& listeners,
                                                const RelayPlaces& places) {
  const std::string host = announced_host(public_address, places);
  std::vector<ExternalService> services;
  const auto add = [&](Type type, Over transport, std::uint16_t port) {
    ExternalService service{type, host, port, transport};
    // The listeners of both families have one port as a rule.
    if (std::find(services.begin(), services.end(), service) == services.end()) {
      services.push_back(std::move(service));
    }
  };
  for (const base::IpEndpoint& listener : listeners.plain) {
    add(Type::stun, Over::udp, listener.port);
    add(Type::turn, Over::udp, listener.port);
    add(Type::turn, Over::tcp, listener.port);
  }
  for (const base::IpEndpoint& listener : listeners.tls) {
    add(Type::turns, Over::tcp, listener.port);
  }
  sort_for_clients(services);
  return services;
}

}  // namespace bellhop::turn

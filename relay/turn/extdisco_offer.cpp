#include "relay/turn/extdisco_offer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace bellhop::turn {
namespace {

using Type = ExternalService::Type;
using Transport = ExternalService::Transport;

// One listener as clients reach it.
struct Door {
  std::string host;
  std::uint16_t port;
};

const base::IpAddress* of_family(std::span<const base::IpAddress> addresses, bool is_v4) {
  const auto found = std::ranges::find(addresses, is_v4, &base::IpAddress::is_v4);
  return found == addresses.end() ? nullptr : &*found;
}

// The first listener of the family; nothing: there is none, or nobody can be told how to reach it.
std::optional<Door> door_of(const std::vector<config::HostPort>& listen, bool is_v4,
                            std::span<const base::IpAddress> reached, const std::string& name) {
  for (const config::HostPort& each : listen) {
    const auto address = base::IpAddress::parse(each.host);
    if (!address || address->is_v4() != is_v4) continue;
    const base::IpAddress* seen = of_family(reached, is_v4);
    const bool is_wildcard = each.host == "0.0.0.0" || address->text() == "::";
    if (!is_wildcard && (address->is_global() || seen == nullptr || !seen->is_global())) {
      return Door{address->text(), each.port};
    }
    if (seen != nullptr) return Door{seen->text(), each.port};
    if (!name.empty()) return Door{name, each.port};
  }
  return std::nullopt;
}

}  // namespace

std::vector<ExternalService> offered_services(const config::Settings& settings,
                                              std::span<const base::IpAddress> reached) {
  const std::string& name = settings.public_address.host;
  std::vector<ExternalService> services;
  bool has_tcp = false;
  for (const bool is_v4 : {true, false}) {
    const auto door = door_of(settings.turn.listen, is_v4, reached, name);
    if (!door) continue;
    const bool is_known = std::ranges::any_of(services, [&](const ExternalService& each) {
      return each.host == door->host && each.port == door->port;
    });
    if (is_known) continue;  // one name for both families
    services.push_back({Type::stun, door->host, door->port, Transport::udp});
    services.push_back({Type::turn, door->host, door->port, Transport::udp});
    if (has_tcp) continue;
    services.push_back({Type::turn, door->host, door->port, Transport::tcp});
    has_tcp = true;
  }
  for (const bool is_v4 : {true, false}) {
    const auto door = door_of(settings.turn.tls_listen, is_v4, reached, name);
    if (!door) continue;
    services.push_back({Type::turns, name.empty() ? door->host : name, door->port, Transport::tcp});
    break;
  }
  sort_for_clients(services);
  return services;
}

}  // namespace bellhop::turn

#include "relay/turn/relay_addresses.hpp"

#include <algorithm>

#include "component/base/ip_network.hpp"
#include "relay/net/udp_socket.hpp"

namespace bellhop::turn {
namespace {

using base::IpAddress;
using Found = std::optional<IpAddress>;

Found of_family(const std::string& literal, bool is_v4) {
  const auto address = IpAddress::parse(literal);
  if (!address || address->is_v4() != is_v4) return std::nullopt;
  return address;
}

Found first_listed(const std::vector<std::string>& literals, bool is_v4) {
  for (const std::string& literal : literals) {
    if (const auto address = of_family(literal, is_v4)) return address;
  }
  return std::nullopt;
}

Found first_listener(const std::vector<config::HostPort>& listen, bool is_v4) {
  for (const config::HostPort& address : listen) {
    const auto own = of_family(address.host, is_v4);
    if (own && !net::is_wildcard(*own)) return own;
  }
  return std::nullopt;
}

bool is_of_this_host_or_link(const IpAddress& address) {
  static constexpr const char* kNetworks[] = {"127.0.0.0/8", "169.254.0.0/16", "::1", "fe80::/10"};
  return std::any_of(std::begin(kNetworks), std::end(kNetworks), [&](const char* text) {
    return base::IpNetwork::parse(text)->contains(address);
  });
}

template <typename Predicate>
Found first_of_machine(const std::vector<IpAddress>& machine, bool is_v4, Predicate is_wanted) {
  const auto found = std::find_if(machine.begin(), machine.end(), [&](const IpAddress& address) {
    return address.is_v4() == is_v4 && is_wanted(address);
  });
  return found == machine.end() ? std::nullopt : Found(*found);
}

std::optional<RelayPlaces::Address> choose(const config::TurnSettings& turn,
                                           const config::PublicSettings& public_address,
                                           const std::vector<IpAddress>& machine, bool is_v4) {
  Found shown = first_listed(turn.public_relay_addresses, is_v4);
  Found local = first_listed(turn.relay_addresses, is_v4);
  if (!local) local = first_listener(turn.listen, is_v4);
  if (!local) {
    local = first_of_machine(machine, is_v4, [](const IpAddress& a) { return a.is_global(); });
  }
  if (!local) {
    const Found told = first_listed(
        {public_address.host, is_v4 ? public_address.ipv4 : public_address.ipv6}, is_v4);
    if (!told && !shown) return std::nullopt;
    local = first_of_machine(machine, is_v4,
                             [](const IpAddress& a) { return !is_of_this_host_or_link(a); });
    if (!local) return std::nullopt;
    if (!shown) shown = told;
  }
  return RelayPlaces::Address{*local, shown.value_or(*local)};
}

}  // namespace

PerFamily<std::optional<RelayPlaces::Address>> choose_relay_addresses(
    const config::TurnSettings& turn, const config::PublicSettings& public_address,
    const std::vector<IpAddress>& machine) {
  return {choose(turn, public_address, machine, true),
          choose(turn, public_address, machine, false)};
}

}  // namespace bellhop::turn

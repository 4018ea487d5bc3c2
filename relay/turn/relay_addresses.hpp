// Chooses the relayed addresses from the options and what the machine has.
#pragma once

#include <vector>

#include "config/settings.hpp"
#include "relay/turn/relay_places.hpp"

namespace bellhop::turn {

/// For each family: `turn.relay_addresses`; else what `turn.listen` names, if it names one; else
/// the first global address of the machine; else, where `[public]` names an address of the family,
/// the first of the machine that is neither loopback nor link-local (1:1 NAT). Shown to clients is
/// what `turn.public_relay_addresses` says, else in that last case the public one, else the same.
[[nodiscard]] PerFamily<std::optional<RelayPlaces::Address>> choose_relay_addresses(
    const config::TurnSettings& turn, const config::PublicSettings& public_address,
    const std::vector<base::IpAddress>& machine);

}  // namespace bellhop::turn

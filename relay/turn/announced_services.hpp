// What clients are told of the TURN server over XMPP.
#pragma once

#include <vector>

#include "config/settings.hpp"
#include "relay/turn/extdisco_codec.hpp"
#include "relay/turn/relay_places.hpp"

namespace bellhop::turn {

/// Where the server listens.
struct TurnListeners {
  std::vector<base::IpEndpoint> plain;  ///< UDP and TCP
  std::vector<base::IpEndpoint> tls;
};

/// STUN and TURN by UDP, TURN by TCP and TLS (EXD-06), each port once, under the name or address of
/// `[public]`; where there is none, under the relayed address. Few, because clients gather
/// candidates from each.
[[nodiscard]] std::vector<ExternalService> announced_services(
    const config::PublicSettings& public_address, const TurnListeners& listeners,
    const RelayPlaces& places);

}  // namespace bellhop::turn

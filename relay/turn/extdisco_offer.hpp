// What a configuration offers clients, as XEP-0215 tells it.
#pragma once

#include <span>
#include <vector>

#include "component/base/ip_address.hpp"
#include "config/settings.hpp"
#include "relay/turn/extdisco_codec.hpp"

namespace bellhop::turn {

/// The services of the listeners in `settings.turn`, few and sorted for clients (EXD-06): Monal
/// asks for each of them before a call. `reached` are this machine's addresses as clients see them
/// (`public_relay_addresses`, or the local ones where they are the same), one of a family at most.
///
/// - stun/udp and turn/udp for each family that is listened on, IPv4 first, as IP literals: Dino
/// and
///   others resolve no names for UDP, or IPv4 only.
/// - turn/tcp for the first of these, turns/tcp once, by `public.host` where there is one: TLS
/// wants
///   the name of the certificate.
///
/// A listener on one address is told as that address, unless only its family's public one can be
/// reached from the Internet. Where no address is known the name stands for it.
[[nodiscard]] std::vector<ExternalService> offered_services(
    const config::Settings& settings, std::span<const base::IpAddress> reached);

}  // namespace bellhop::turn

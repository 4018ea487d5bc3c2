// Which addresses clients are told (XEP-0065 §4).
#pragma once

#include <string>
#include <vector>

#include "component/base/error.hpp"
#include "component/base/ip_address.hpp"
#include "config/settings.hpp"

namespace bellhop::bytestream {

/// A host name or IP literal (RFC 5952, no brackets) and a port clients reach.
using Streamhost = config::HostPort;

/// What to advertise, in order: exactly `proxy.streamhosts` if the operator lists any; else one:
/// `public.host`, else `public.ipv4`, else `public.ipv6`, else the first global address of
/// `machine` (IPv4 before IPv6). One, because most clients try only the first and slixmpp only the
/// last. Never a private address that the operator did not write down; empty if nothing is left.
/// `bound_port` is the port of the first listener.
[[nodiscard]] std::vector<Streamhost> choose_streamhosts(
    const config::PublicSettings& public_address, const config::ProxySettings& proxy,
    std::uint16_t bound_port, const std::vector<base::IpAddress>& machine);

}  // namespace bellhop::bytestream

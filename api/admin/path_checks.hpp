// The way that a client's bytes take, walked by ourselves: name, address, port, SOCKS5, relay.
#pragma once

#include "api/admin/checks.hpp"

namespace bellhop::admin {

/// `address.public`: no advertised address is private.
[[nodiscard]] runtime::Task<CheckOutcome> check_public(Core& core);
/// `address.resolves`: every advertised host has an address.
[[nodiscard]] runtime::Task<CheckOutcome> check_resolves(Core& core);
/// `address.reaches`: whoever answers at the advertised addresses is this very process.
[[nodiscard]] runtime::Task<CheckOutcome> check_reaches(Core& core);
/// `proxy.loop`: a few MiB come through the proxy as they were sent.
[[nodiscard]] runtime::Task<CheckOutcome> check_loop(Core& core);

}  // namespace bellhop::admin

// What every component answers: ping, version, uptime, time (XEP-0199, 0092, 0012, 0202); and that
// it fetches nothing for others (XEP-0066 §2).
#pragma once

#include "component/base/clock.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"

namespace bellhop::xmpp {

/// Registers the handlers with `router` and their features with `info`. `started` is the start of
/// the process.
void add_basic_services(IqRouter& router, DiscoInfo& info, base::TimePoint started);

}  // namespace bellhop::xmpp

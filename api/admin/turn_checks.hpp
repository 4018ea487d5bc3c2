// The way that a call's packets take, walked by ourselves: name, port, credentials, two ends of a
// relayed path; and what the server tells its users of it.
#pragma once

#include "api/admin/checks.hpp"
#include "component/xmpp/element.hpp"
#include "relay/turn/credentials.hpp"

namespace bellhop::admin {

/// `turn.address`: what clients are told and lent leads here, from the Internet.
[[nodiscard]] runtime::Task<CheckOutcome> check_turn_address(Core& core);
/// `turn.loop`: two allocations of the component itself reach each other, by each transport that
/// clients are told.
[[nodiscard]] runtime::Task<CheckOutcome> check_turn_loop(Core& core);
/// `turn.credentials`: the server's own answer to XEP-0215 names this relay, with credentials that
/// it believes, and no other one.
[[nodiscard]] runtime::Task<CheckOutcome> check_turn_credentials(Core& core);

/// What to say of a server's `<services/>` (XEP-0215): `ours` is what Bellhop itself tells,
/// `server` whose answer it is.
[[nodiscard]] CheckOutcome judge_services(const xmpp::Element& services, const std::string& server,
                                          const std::vector<turn::ExternalService>& ours,
                                          const turn::Credentials& credentials);

}  // namespace bellhop::admin

// Presence towards users who add the component to their contacts (RFC 6121 §3, XEP-0115).
#pragma once

#include <functional>
#include <vector>

#include "component/xmpp/element.hpp"
#include "component/xmpp/stanza.hpp"

namespace bellhop::xmpp {

/// What a presence stanza to the host JID is answered with: `subscribe` with `subscribed` and our
/// presence, `unsubscribe` with `unsubscribed` and unavailable presence, `probe` with our presence,
/// anything else with nothing. Users who `may_subscribe` says no to get `unsubscribed`. Nothing is
/// stored: the server remembers the subscription, and probes us when the user comes online.
/// `caps` is the `<c/>` of our presence.
[[nodiscard]] std::vector<Element> answer_presence(
    const Element& presence, const Addresses& addresses, const Element& caps,
    const std::function<bool(const Jid&)>& may_subscribe);

}  // namespace bellhop::xmpp

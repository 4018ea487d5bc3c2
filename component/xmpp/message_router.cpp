#include "component/xmpp/message_router.hpp"

namespace bellhop::xmpp {

void MessageRouter::route(const Element& message) {
  const auto addresses = parse_addresses(message, own_domain_);
  if (!addresses) {
    counters_.add(XmppCounter::stanzas_dropped_addresses);
    return;
  }
  for (const MessageHandler& handler : handlers_) {
    if (handler(message, *addresses)) return;
  }
}

}  // namespace bellhop::xmpp

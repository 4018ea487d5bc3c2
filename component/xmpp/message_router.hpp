// Messages find the feature that waits for them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "component/xmpp/counters.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/stanza.hpp"

namespace bellhop::xmpp {

/// Whether a message was for this feature, which then has dealt with it.
using MessageHandler = std::function<bool(const Element& message, const Addresses& addresses)>;

/// The features of one component that take messages. Control shard.
class MessageRouter {
 public:
  /// `own_domain` is the prepared component JID; `counters` must outlive the router.
  MessageRouter(XmppCounters& counters, std::string own_domain)
      : counters_(counters), own_domain_(std::move(own_domain)) {}

  /// What the handler refers to must outlive the router.
  void add(MessageHandler handler) { handlers_.push_back(std::move(handler)); }

  /// Offers a `<message/>` to each feature in the order of adding until one takes it. Misaddressed
  /// ones are counted (STZ-08); what nobody takes is ignored (STZ-11).
  void route(const Element& message);

 private:
  XmppCounters& counters_;
  std::string own_domain_;
  std::vector<MessageHandler> handlers_;
};

}  // namespace bellhop::xmpp

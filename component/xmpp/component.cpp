#include "component/xmpp/component.hpp"

#include <stdexcept>

#include "component/xmpp/basic_services.hpp"
#include "component/xmpp/presence.hpp"

namespace bellhop::xmpp {
namespace {

Jid component_jid(const std::string& text) {
  auto jid = Jid::parse(text);
  if (!jid || !jid->is_domain_only()) {
    throw std::runtime_error("component.jid is not a domain: " + text);
  }
  return *jid;
}

}  // namespace

Component::Component(const Context& context, const config::ComponentSettings& settings)
    : log_(context.log),
      counters_(context.counters),
      settings_(settings),
      may_subscribe_(context.may_subscribe),
      jid_(component_jid(settings.jid)),
      stream_(context.executor, context.log, context.counters, settings, context.settings.stream,
              [this](Element stanza) { on_stanza(std::move(stanza)); }),
      requests_(context.executor, [this](const Element& stanza) { stream_.send(stanza); }),
      router_(context.executor, context.log, context.counters, jid_.text(),
              [this](const Element& stanza) { stream_.send(stanza); }),
      disco_(context.settings.contact),
      messages_(context.counters, jid_.text()) {
  add_basic_services(router_, disco_.info(), context.started);
  disco_.add_routes(router_);
}

runtime::Task<> Component::stop() {
  requests_.stop();
  co_await router_.stop();
  co_await stream_.stop();
}

void Component::on_stanza(Element stanza) {
  if (stanza.name() == "iq") {
    if (requests_.take(stanza)) return;
    router_.route(std::move(stanza));
  } else if (stanza.name() == "presence") {
    on_presence(stanza);
  } else if (stanza.name() == "message") {
    messages_.route(stanza);
  }
  // RFC 6120 §8.4 has no answer for other elements.
}

void Component::on_presence(const Element& presence) {
  const auto addresses = parse_addresses(presence, jid_.text());
  if (!addresses) {
    counters_.add(XmppCounter::stanzas_dropped_addresses);
    return;
  }
  if (!addresses->to.has_local()) {
    for (const PresenceWatch& watch : presence_watches_) watch(presence, *addresses);
  }
  for (const Element& answer :
       answer_presence(presence, *addresses, disco_.caps(), may_subscribe_)) {
    stream_.send(answer);
  }
}

}  // namespace bellhop::xmpp

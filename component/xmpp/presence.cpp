#include "component/xmpp/presence.hpp"

#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

Element make_presence(std::string_view type, std::string_view from, std::string_view to) {
  Element presence("presence", ns::kComponentAccept);
  presence.set("from", from).set("to", to);
  if (!type.empty()) presence.set("type", type);
  return presence;
}

}  // namespace

std::vector<Element> answer_presence(const Element& presence, const Addresses& addresses,
                                     const Element& caps,
                                     const std::function<bool(const Jid&)>& may_subscribe) {
  const std::string_view type = presence.attribute("type");
  // STZ-05, STZ-11: errors and what is addressed to nobody are consumed silently.
  if (addresses.to.has_local()) return {};
  if (type != "subscribe" && type != "unsubscribe" && type != "probe") return {};
  const std::string_view us = addresses.to.bare();
  const std::string_view user = addresses.from.bare();
  if (type == "unsubscribe" || !may_subscribe(addresses.from)) {
    std::vector<Element> answers{make_presence("unsubscribed", us, user)};
    if (type == "unsubscribe") answers.push_back(make_presence("unavailable", us, user));
    return answers;
  }
  std::vector<Element> answers;
  if (type == "subscribe") answers.push_back(make_presence("subscribed", us, user));
  answers.push_back(make_presence("", us, type == "probe" ? addresses.from.text() : user));
  answers.back().add(caps);
  return answers;
}

}  // namespace bellhop::xmpp

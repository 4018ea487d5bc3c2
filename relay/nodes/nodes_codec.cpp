#include "relay/nodes/nodes_codec.hpp"

#include <array>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::nodes {
namespace {

using xmpp::Element;

constexpr std::array<std::string_view, 4> kKinds{"relay", "tracker", "stun", "turn"};
constexpr std::string_view kUdp = "udp";

}  // namespace

base::Result<void> check_protocol(const Element& request) {
  // The example of the XEP has it on the answer only; many leave it out.
  if (!request.has_attribute("protocol") || request.attribute("protocol") == kUdp) return {};
  return base::Error(xmpp::errors::feature_not_implemented, "protocol");
}

Element services_element(std::span<const NodeService> services) {
  Element element("services", xmpp::ns::kJingleNodes);
  for (const NodeService& service : services) {
    Element& entry = element.add(
        Element(std::string(kKinds[static_cast<std::size_t>(service.kind)]), element.xmlns()));
    entry.set("policy", "public").set("address", service.address);
    // §6.2: only STUN entries have one, and these must.
    if (service.kind == NodeService::Kind::stun) entry.set("port", std::to_string(service.port));
    entry.set("protocol", kUdp);
  }
  return element;
}

Element channel_element(const ChannelOffer& offer) {
  Element element("channel", xmpp::ns::kJingleNodesChannel);
  element.set("id", offer.id)
      .set("host", offer.host)
      .set("localport", std::to_string(offer.localport))
      .set("remoteport", std::to_string(offer.remoteport))
      .set("protocol", kUdp)
      .set("expire", std::to_string(offer.expire.count()));
  if (offer.maxkbps > 0) element.set("maxkbps", std::to_string(offer.maxkbps));
  return element;
}

Element turn_element(const TurnGrant& grant) {
  Element element("turn", xmpp::ns::kJingleNodesTurn);
  element.set("ttl", std::to_string(grant.ttl.count()))
      .set("uri", grant.uri)
      .set("username", grant.username)
      .set("password", grant.password);
  return element;
}

std::string turn_uri(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  std::string uri = is_v6 ? "turn:[" : "turn:";
  uri.append(host).append(is_v6 ? "]:" : ":").append(std::to_string(port));
  return uri + "?transport=udp";
}

}  // namespace bellhop::nodes

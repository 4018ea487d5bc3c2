// Any stanza as a request of XEP-0278, and any bytes as the traffic of a channel: what a port has
// learnt stays with the address that it was learnt from, and nothing goes anywhere else.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "relay/nodes/nodes_codec.hpp"
#include "relay/nodes/relay_channel.hpp"

namespace {

namespace base = bellhop::base;
namespace nodes = bellhop::nodes;
namespace xmpp = bellhop::xmpp;
using nodes::ChannelPort;
using Fate = nodes::RelayChannel::Fate;

constexpr std::string_view kHeader =
    "<p:stream xmlns:p='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>";

// Half of them are refused.
constexpr std::array<std::string_view, 8> kAddresses{
    "198.41.0.4", "192.33.4.12", "2001:500:2::c", "192.5.5.241",
    "127.0.0.1",  "10.0.0.1",    "fe80::1",       "::ffff:192.168.0.1"};

void check_stanza(const xmpp::Element& stanza) {
  if (const auto known = nodes::check_protocol(stanza); !known) {
    static_cast<void>(xmpp::to_element(known.error()));
  }
  // Whatever a client says may come back in an answer.
  const std::string text(stanza.attribute("protocol"));
  const nodes::NodeService service{nodes::NodeService::Kind::relay, text};
  static_cast<void>(xmpp::to_xml(nodes::services_element({&service, 1})));
  static_cast<void>(xmpp::to_xml(nodes::turn_element({nodes::turn_uri(text, 1), text, text, {}})));
}

// Two bytes for each packet: who sends where, and how much time has passed.
void check_traffic(std::string_view bytes) {
  const bellhop::relay::PeerPolicy peers{{}};
  base::TimePoint now{std::chrono::hours(1)};
  nodes::RelayChannel channel(
      peers, {.expire = std::chrono::seconds(60), .bytes_per_second = 50'000}, now);
  std::array<std::optional<base::IpAddress>, 2> parties;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto what = static_cast<unsigned char>(bytes[i]);
    const auto when = static_cast<unsigned char>(bytes[i + 1]);
    const ChannelPort port = ChannelPort::at(what % ChannelPort::kCount);
    const auto address = *base::IpAddress::parse(kAddresses[(what >> 2U) % kAddresses.size()]);
    const base::IpEndpoint source{address, static_cast<std::uint16_t>(what >> 5U)};
    now += std::chrono::milliseconds(when) * (when % 16);
    const Fate fate = channel.receive(port, source, when, now);
    auto& party = parties[static_cast<std::size_t>(port.side)];
    if (fate == Fate::foreign || fate == Fate::forbidden) continue;
    if (!party) party = address;
    BELLHOP_ASSERT(*party == address);
    BELLHOP_ASSERT(peers.judge(address) != bellhop::relay::PeerPolicy::Verdict::forbidden);
    BELLHOP_ASSERT(source.port != 0);
    BELLHOP_ASSERT(!channel.has_expired(now));
    const auto* destination = channel.destination(port);
    BELLHOP_ASSERT((destination == nullptr) == (fate == Fate::early));
    if (destination == nullptr) continue;
    const auto& opposite = parties[static_cast<std::size_t>(port.opposite().side)];
    BELLHOP_ASSERT(opposite && destination->address == *opposite);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_traffic(bytes);
  xmpp::XmlReader reader{xmpp::XmlLimits{}};
  if (!reader.feed(std::string(kHeader))) return 0;
  static_cast<void>(reader.feed(bytes));
  while (const auto event = reader.next()) {
    if (const auto* stanza = std::get_if<xmpp::Element>(&*event)) check_stanza(*stanza);
  }
  return 0;
}

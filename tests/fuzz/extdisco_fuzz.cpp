// Any stanza as a request of XEP-0215: what is accepted keeps its bounds, what is answered has
// credentials where they are needed, and what is refused can be told.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "relay/turn/extdisco_codec.hpp"

namespace {

namespace turn = bellhop::turn;
namespace xmpp = bellhop::xmpp;
using turn::ExternalService;

constexpr std::string_view kHeader =
    "<p:stream xmlns:p='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>";

const std::array kServices{ExternalService{ExternalService::Type::stun, "192.0.2.1", 3478,
                                           ExternalService::Transport::udp},
                           ExternalService{ExternalService::Type::turn, "192.0.2.1", 3478,
                                           ExternalService::Transport::udp},
                           ExternalService{ExternalService::Type::turns, "turn.example.org", 5349,
                                           ExternalService::Transport::tcp}};

const turn::IssuedCredentials kCredentials{"1:t", "p", turn::SystemTime()};

void check_services(const xmpp::Element& answer, turn::PushAction action) {
  BELLHOP_ASSERT(answer.children().size() <= kServices.size());
  for (const xmpp::Element& each : answer.children()) {
    const bool is_restricted = each.attribute("type").starts_with("turn");
    const bool has_password = is_restricted && action != turn::PushAction::remove;
    BELLHOP_ASSERT(each.has_attribute("password") == has_password);
    BELLHOP_ASSERT(each.has_attribute("username") == has_password);
  }
  static_cast<void>(xmpp::to_xml(answer));
}

void check(const xmpp::Element& stanza) {
  if (const auto request = turn::parse_services_request(stanza)) {
    BELLHOP_ASSERT(request->type.size() <= turn::kServiceTypeBytesMax);
    for (const auto action : {turn::PushAction::none, turn::PushAction::add,
                              turn::PushAction::modify, turn::PushAction::remove}) {
      const auto answer = turn::services_element(*request, kServices, kCredentials, action);
      BELLHOP_ASSERT(answer.attribute("type") == request->type);
      BELLHOP_ASSERT(answer.xmlns() == stanza.xmlns());
      check_services(answer, action);
    }
  } else {
    static_cast<void>(xmpp::to_element(request.error(), request.error().extras()));
  }
  if (const auto request = turn::parse_credentials_request(stanza)) {
    BELLHOP_ASSERT(!request->host.empty() && request->host.size() <= turn::kServiceHostBytesMax);
    BELLHOP_ASSERT(!request->type.empty() && request->type.size() <= turn::kServiceTypeBytesMax);
    BELLHOP_ASSERT(!request->port || *request->port != 0);
    if (const auto answer = turn::credentials_element(*request, kServices, kCredentials)) {
      BELLHOP_ASSERT(!answer->children().empty());
      check_services(*answer, turn::PushAction::none);
    }
  } else {
    static_cast<void>(xmpp::to_element(request.error(), request.error().extras()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  xmpp::XmlReader reader{xmpp::XmlLimits{}};
  if (!reader.feed(std::string(kHeader))) return 0;
  static_cast<void>(reader.feed({reinterpret_cast<const char*>(data), size}));
  while (const auto event = reader.next()) {
    if (const auto* stanza = std::get_if<xmpp::Element>(&*event)) check(*stanza);
  }
  return 0;
}

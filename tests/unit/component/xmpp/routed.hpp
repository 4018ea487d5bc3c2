// A router for tests: requests are written as XML, and so is what it sends.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/xmpp/iq_router.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp::test {

inline constexpr std::string_view kOwnDomain = "bellhop.example.org";

/// An IQ from romeo@example.net/Orchard with id 7, to our domain unless said otherwise.
inline Element request(std::string_view type, std::string_view payload,
                       std::string_view to = kOwnDomain) {
  std::string xml = "<iq id='7' from='romeo@example.net/Orchard' type='";
  xml.append(type).append("' to='").append(to).append("'>").append(payload).append("</iq>");
  return parse_element(xml);
}

/// The condition of an error stanza, "none" for any other.
inline std::string condition_of(const Element& stanza) {
  const Element* error = stanza.child("error", ns::kComponentAccept);
  if (error == nullptr || error->first_child() == nullptr) return "none";
  return std::string(error->attribute("type")) + " " + error->first_child()->name();
}

/// A router and what it has sent.
struct Routed {
  runtime::test::TempLog log{};
  boost::asio::io_context context{1};
  XmppCounters counters{};
  std::vector<Element> sent{};
  IqRouter router{context.get_executor(), log.log(), counters, std::string(kOwnDomain),
                  [this](const Element& stanza) { sent.push_back(stanza); }};

  /// Routes and takes the answer to `stanza`; <none/> if there is none yet.
  Element answer(Element stanza) {
    sent.clear();
    router.route(std::move(stanza));
    EXPECT_LE(sent.size(), 1U);
    return sent.empty() ? Element("none", "") : sent.front();
  }
  Element get(std::string_view payload, std::string_view to = kOwnDomain) {
    return answer(request("get", payload, to));
  }
  /// Lets everything run that does not have to wait.
  void settle() {
    context.restart();
    context.poll();
  }
};

inline std::string written(const Element& stanza) {
  return to_xml(stanza, ns::kComponentAccept);
}

}  // namespace bellhop::xmpp::test

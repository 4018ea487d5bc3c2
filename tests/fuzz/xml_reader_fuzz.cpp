// Any bytes as a component stream: whole and in pieces must say the same, and what was read can be
// written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/stanza.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace {

namespace xmpp = bellhop::xmpp;

// Small enough for a fuzzer to reach.
constexpr xmpp::XmlLimits kLimits{.stanza_bytes_max = 2000,
                                  .depth_max = 8,
                                  .elements_max = 20,
                                  .attributes_max = 8,
                                  .name_bytes_max = 40,
                                  .xmlns_bytes_max = 60,
                                  .namespaces_max = 8};

std::string describe(const xmpp::XmlEvent& event) {
  if (const auto* opened = std::get_if<xmpp::StreamOpened>(&event)) {
    return "open " + opened->id + ' ' + opened->xmlns + ' ' + opened->lang + '\n';
  }
  if (const auto* element = std::get_if<xmpp::Element>(&event)) {
    return xmpp::to_xml(*element) + '\n';
  }
  return "close\n";
}

// The element as a component stream would carry it.
void check_round_trip(const xmpp::Element& element) {
  xmpp::XmlReader reader{xmpp::XmlLimits{}};
  const std::string header =
      "<p:stream xmlns:p='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>";
  BELLHOP_ASSERT(reader.feed(header + xmpp::to_xml(element, xmpp::ns::kComponentAccept)));
  BELLHOP_ASSERT(reader.next());
  const auto again = reader.next();
  BELLHOP_ASSERT(again && std::get<xmpp::Element>(*again) == element);
}

std::string read(std::string_view bytes, std::size_t piece) {
  xmpp::XmlReader reader{kLimits};
  std::string said;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto fed = reader.feed(bytes.substr(at, piece));
    while (const auto event = reader.next()) {
      said += describe(*event);
      if (const auto* element = std::get_if<xmpp::Element>(&*event)) {
        check_round_trip(*element);
        static_cast<void>(xmpp::parse_iq(*element, "bellhop.example.org"));
      }
    }
    // Which fault is seen first may depend on the pieces ("text]]>" between stanzas has two).
    if (!fed) return said + "error";
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read(bytes, bytes.size() + 1);
  BELLHOP_ASSERT(read(bytes, 1) == whole);
  BELLHOP_ASSERT(read(bytes, 7) == whole);
  return 0;
}

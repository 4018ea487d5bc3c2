// Any stanza as a request for an upload slot, and any bytes as a media type: what is accepted keeps
// its promises, and what is refused can be told.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/upload_slot.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace {

namespace xmpp = bellhop::xmpp;

constexpr std::string_view kHeader =
    "<p:stream xmlns:p='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>";

void check_media_type(const std::string& media_type) {
  BELLHOP_ASSERT(media_type.size() <= xmpp::kMediaTypeBytesMax);
  for (const char c : media_type) BELLHOP_ASSERT(c >= 0x20 && c < 0x7F);
  BELLHOP_ASSERT(xmpp::normalise_media_type(media_type) == media_type);
}

void check_request(const xmpp::UploadRequest& request, const xmpp::UploadPurposes& offered) {
  BELLHOP_ASSERT(!request.name.empty() && request.name.size() <= xmpp::kUploadNameBytesMax);
  BELLHOP_ASSERT(request.name.find_first_of("/\\\r\n\t") == std::string::npos);
  BELLHOP_ASSERT(request.name != "." && request.name != "..");
  BELLHOP_ASSERT(request.size >= 1 && request.size <= xmpp::kUploadSizeMax);
  BELLHOP_ASSERT(offered.has(request.purpose));
  const bool is_ephemeral = request.purpose == xmpp::UploadPurpose::ephemeral;
  BELLHOP_ASSERT(is_ephemeral == request.expire_before.has_value());
  check_media_type(request.media_type);
  // Its parts may be used in a slot, but only in the shape that clients take.
  const xmpp::UploadSlot slot{.put_url = "https://files.example.org/" + request.name,
                              .get_url = "https://files.example.org/" + request.name,
                              .headers = {{"Authorization", request.name}}};
  for (const auto syntax : {xmpp::UploadSyntax::attributes, xmpp::UploadSyntax::elements}) {
    if (const auto element = xmpp::to_element(slot, syntax)) {
      BELLHOP_ASSERT(xmpp::to_xml(*element).find_first_of("\r\n") == std::string::npos);
    }
  }
}

void check(const xmpp::Element& stanza) {
  for (const auto& offered : {xmpp::UploadPurposes(), xmpp::UploadPurposes()
                                                          .add(xmpp::UploadPurpose::profile)
                                                          .add(xmpp::UploadPurpose::ephemeral)
                                                          .add(xmpp::UploadPurpose::permanent)}) {
    const auto request = xmpp::parse_upload_request(stanza, offered);
    if (request) {
      check_request(*request, offered);
    } else {
      static_cast<void>(xmpp::to_element(request.error(), request.error().extras()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto media_type = xmpp::normalise_media_type(bytes)) check_media_type(*media_type);
  xmpp::XmlReader reader{xmpp::XmlLimits{}};
  if (!reader.feed(std::string(kHeader))) return 0;
  static_cast<void>(reader.feed(bytes));
  while (const auto event = reader.next()) {
    if (const auto* stanza = std::get_if<xmpp::Element>(&*event)) check(*stanza);
  }
  return 0;
}

// Element -> text. The only place that escapes.
#pragma once

#include <string>
#include <string_view>

#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// Safe in character data and in a quoted attribute value. Tab, CR and LF become character
/// references, so that they survive attribute normalisation (XML 1.0 §3.3.3). Bytes that are not
/// UTF-8 and characters that XML 1.0 §2.2 forbids are dropped.
[[nodiscard]] std::string escape(std::string_view text);

/// As escape(), for character data only: quotes, tabs and line feeds stay as they are.
[[nodiscard]] std::string escape_text(std::string_view text);

/// Appends `element` as XML. xmlns is written only where it differs from the parent's;
/// `inherited_xmlns` is the default namespace at the place where the text will stand.
void append_xml(std::string& out, const Element& element, std::string_view inherited_xmlns);

/// append_xml() to an empty string. On a component stream pass ns::kComponentAccept, so that
/// stanzas carry no xmlns (RFC 6120 §4.8.3).
[[nodiscard]] std::string to_xml(const Element& element, std::string_view inherited_xmlns = {});

}  // namespace bellhop::xmpp

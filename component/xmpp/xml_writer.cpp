#include "component/xmpp/xml_writer.hpp"

#include <array>
#include <cstdint>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/utf8.hpp"

namespace bellhop::xmpp {
namespace {

// XML 1.0 §2.2, production Char.
bool is_xml_char(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c != 0xFFFE && c != 0xFFFF;
}

enum class Place { text, attribute };

std::string_view reference_for(char c, Place place) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':  // XML 1.0 §2.4: "]]>" may not stand in text
      return "&gt;";
    case '\r':  // XML 1.0 §2.11: a plain CR would be read as LF
      return "&#xD;";
    default:
      break;
  }
  if (place == Place::text) return {};
  switch (c) {
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':
      return "&#x9;";
    case '\n':
      return "&#xA;";
    default:
      return {};
  }
}

void append_escaped(std::string& out, std::string_view text, Place place) {
  while (!text.empty()) {
    const Utf8Character next = decode_utf8(text);
    const std::string_view bytes = text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    if (!next.is_valid || !is_xml_char(next.code_point)) continue;
    const std::string_view reference =
        next.bytes == 1 ? reference_for(bytes.front(), place) : std::string_view();
    out += reference.empty() ? bytes : reference;
  }
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  append_escaped(out, value, Place::attribute);
  out += '\'';
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  append_escaped(out, text, Place::attribute);
  return out;
}

std::string escape_text(std::string_view text) {
  std::string out;
  append_escaped(out, text, Place::text);
  return out;
}

// Recursion is as deep as the tree: XmlLimits::depth_max for what was received.
void append_xml(std::string& out, const Element& element, std::string_view inherited_xmlns) {
  // Namespaces in XML 1.0 §3: this one is never declared, and has its prefix always. A peer may
  // have put it into a request whose child is repeated, so it must not end our stream.
  const bool is_xml = element.xmlns() == ns::kXml;
  const std::string name = is_xml ? "xml:" + element.name() : element.name();
  const std::string_view xmlns = is_xml ? inherited_xmlns : std::string_view(element.xmlns());
  out += '<';
  out += name;
  if (xmlns != inherited_xmlns) append_attribute(out, "xmlns", xmlns);
  for (const Attribute& attribute : element.attributes()) {
    append_attribute(out, attribute.name, attribute.value);
  }
  if (element.text().empty() && element.children().empty()) {
    out += "/>";
    return;
  }
  out += '>';
  append_escaped(out, element.text(), Place::text);
  for (const Element& child : element.children()) append_xml(out, child, xmlns);
  out += "</";
  out += name;
  out += '>';
}

std::string to_xml(const Element& element, std::string_view inherited_xmlns) {
  std::string out;
  append_xml(out, element, inherited_xmlns);
  return out;
}

}  // namespace bellhop::xmpp

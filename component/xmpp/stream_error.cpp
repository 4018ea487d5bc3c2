#include "component/xmpp/stream_error.hpp"

#include <algorithm>
#include <array>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace bellhop::xmpp {
namespace {

using enum StreamErrorAction;

struct Condition {
  std::string_view name;
  StreamErrorAction action;
  std::string_view explanation;
};

// RFC 6120 §4.9.3. Late are those that stay until somebody changes a configuration, here or there.
constexpr std::array kConditions{
    Condition{"bad-format", retry, "The server could not process the XML that was sent to it."},
    Condition{"bad-namespace-prefix", retry,
              "The server did not accept a namespace prefix that was sent to it."},
    Condition{"conflict", retry_late,
              "Another component is connected under this name: look for a second Bellhop, or for "
              "a module of the server that has the same name."},
    Condition{"connection-timeout", retry,
              "The server heard nothing for too long and closed the stream."},
    Condition{"host-gone", retry_late,
              "The server no longer serves this component's name: look at the server's "
              "configuration."},
    Condition{"host-unknown", retry_late,
              "The server does not know this component's name: configure the component there "
              "under exactly the JID that is configured here."},
    Condition{"improper-addressing", retry,
              "A stanza without an address was sent to the server; this is a fault of Bellhop."},
    Condition{"internal-server-error", retry, "The server has an internal fault."},
    Condition{"invalid-from", retry,
              "A stanza was sent from a JID outside of this component's domain; this is a fault "
              "of Bellhop."},
    Condition{"invalid-namespace", retry_late,
              "The server does not speak the component protocol on this port: check host and "
              "port."},
    Condition{"invalid-xml", retry, "The server found the XML that was sent to it invalid."},
    Condition{"not-authorized", retry_late,
              "The server refused the handshake: the secret here and the one in the server's "
              "configuration differ."},
    Condition{"not-well-formed", retry,
              "The server found the XML that was sent to it not well-formed."},
    Condition{"policy-violation", retry,
              "A limit of the server was exceeded, for instance on the size of a stanza or on the "
              "rate."},
    Condition{"remote-connection-failed", retry,
              "The server cannot reach something that it needs."},
    Condition{"reset", retry_at_once, "The server asks for a new stream."},
    Condition{"resource-constraint", retry, "The server is overloaded."},
    Condition{"restricted-xml", retry,
              "XML that is forbidden on streams was sent to the server; this is a fault of "
              "Bellhop."},
    Condition{"see-other-host", follow, "The server refers to another host."},
    Condition{"system-shutdown", retry, "The server is shutting down."},
    Condition{"undefined-condition", retry,
              "The server closed the stream for a reason of its own."},
    Condition{"unsupported-encoding", retry_late, "The server does not accept UTF-8."},
    Condition{"unsupported-feature", retry_late,
              "The server demands a stream feature that components do not have: check host and "
              "port."},
    Condition{"unsupported-stanza-type", retry,
              "The server does not know a kind of stanza that was sent to it."},
    Condition{"unsupported-version", retry_late,
              "The server does not accept this version of the protocol: check host and port."},
};

// Names that RFC 3920 had.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kOldNames{{
    {"xml-not-well-formed", "not-well-formed"},
    {"invalid-id", "undefined-condition"},
}};

const Condition* find_condition(std::string_view name) {
  for (const auto& [old_name, today] : kOldNames) {
    if (name == old_name) name = today;
  }
  const auto* found = std::ranges::find(kConditions, name, &Condition::name);
  return found == kConditions.end() ? nullptr : found;
}

const Condition& condition_or_undefined(std::string_view name) {
  const Condition* found = find_condition(name);
  return found != nullptr ? *found : *find_condition("undefined-condition");
}

}  // namespace

StreamError read_stream_error(const Element& error) {
  StreamError read{.condition = "undefined-condition", .text = {}};
  if (const Element* text = error.child("text", ns::kStreamErrors)) read.text = text->text();
  for (const Element& child : error.children()) {
    if (child.xmlns() != ns::kStreamErrors || child.name() == "text") continue;
    read.condition = condition_or_undefined(child.name()).name;
    // RFC 6120 §4.9.3.19: the host stands in the condition itself.
    if (read.condition == "see-other-host") read.text = trim(child.text());
    break;
  }
  return read;
}

StreamErrorAction action_for(const StreamError& error) {
  return condition_or_undefined(error.condition).action;
}

std::string_view explain(const StreamError& error) {
  return condition_or_undefined(error.condition).explanation;
}

StreamError to_stream_error(const base::Error& error) {
  // The rows of XmlReader are named after stream conditions; any other row is a fault of our own.
  const Condition* condition = find_condition(error.kind().name);
  if (condition == nullptr) return {.condition = "internal-server-error", .text = {}};
  return {.condition = std::string(condition->name), .text = std::string(error.kind().text)};
}

std::string to_xml(const StreamError& error) {
  std::string out = "<stream:error>";
  append_xml(out, Element(error.condition, ns::kStreamErrors), {});
  if (!error.text.empty()) {
    Element text("text", ns::kStreamErrors);
    text.set("xml:lang", "en").set_text(error.text);
    append_xml(out, text, {});
  }
  return out + "</stream:error>";
}

}  // namespace bellhop::xmpp

#include "component/xmpp/stanza.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace bellhop::xmpp {
namespace {

std::optional<IqType> parse_type(std::string_view text) {
  constexpr std::array kTypes{IqType::get, IqType::set, IqType::result, IqType::error};
  const auto* found = std::ranges::find(kTypes, text, [](IqType type) { return to_string(type); });
  return found == kTypes.end() ? std::nullopt : std::optional(*found);
}

// An IQ from `from` to `to`; RFC 6120 §8.1.3: without an id if the request had none.
Element bare_iq(std::string_view type, const Addresses& addresses, std::string_view id) {
  Element iq("iq", ns::kComponentAccept);
  iq.set("type", type).set("from", addresses.from.text()).set("to", addresses.to.text());
  if (!id.empty()) iq.set("id", id);
  return iq;
}

// STZ-07: the child of a request as it is repeated to the sender, who has it already: a large one
// would only cost bandwidth.
std::optional<Element> echo_of(const Element& child) {
  if (to_xml(child, ns::kComponentAccept).size() <= kEchoBytesMax) return child;
  Element shallow(child.name(), child.xmlns());
  for (const Attribute& attribute : child.attributes())
    shallow.set(attribute.name, attribute.value);
  if (to_xml(shallow, ns::kComponentAccept).size() <= kEchoBytesMax) return shallow;
  return std::nullopt;
}

Element error_reply(const Addresses& request, std::string_view id, const Element* child,
                    const Element& error) {
  Element reply = bare_iq("error", {.from = request.to, .to = request.from}, id);
  if (child != nullptr) {
    if (auto echo = echo_of(*child)) reply.add(std::move(*echo));
  }
  reply.add(error);
  return reply;
}

// The problem of an IQ with good addresses that has to be answered.
IqProblem answered(const Element& stanza, const Addresses& addresses, std::string detail) {
  base::Error error(errors::bad_request, std::move(detail));
  const Element* child = stanza.children().size() == 1 ? stanza.first_child() : nullptr;
  Element reply = error_reply(addresses, stanza.attribute("id"), child, to_element(error));
  return {std::move(error), std::move(reply)};
}

IqProblem dropped(base::Error error) {
  return {std::move(error), std::nullopt};
}

}  // namespace

std::string_view to_string(IqType type) {
  switch (type) {
    case IqType::get:
      return "get";
    case IqType::set:
      return "set";
    case IqType::result:
      return "result";
    case IqType::error:
      return "error";
  }
  return "error";
}

const Element* Iq::payload() const {
  const auto found = std::ranges::find_if(element.children(), [&](const Element& child) {
    return type != IqType::error || !child.is("error", element.xmlns());
  });
  return found == element.children().end() ? nullptr : &*found;
}

void throw_exception_from_error(const IqProblem& problem, const boost::source_location&) {
  throw std::logic_error("value() of an unusable IQ: " + problem.error.detail());
}

base::Result<Addresses> parse_addresses(const Element& stanza, std::string_view own_domain) {
  // XEP-0114 §3: the server sends both. "" is no address either.
  if (stanza.attribute("from").empty() || stanza.attribute("to").empty()) {
    return base::Error(errors::bad_request, "stanza without from or to");
  }
  auto from = Jid::parse(stanza.attribute("from"));
  if (!from) return from.error();
  auto to = Jid::parse(stanza.attribute("to"));
  if (!to) return to.error();
  if (to->domain() != own_domain) {
    return base::Error(errors::item_not_found, "stanza to another domain");
  }
  return Addresses{.from = std::move(*from), .to = std::move(*to)};
}

boost::system::result<Iq, IqProblem> parse_iq(Element stanza, std::string_view own_domain) {
  if (!stanza.is("iq", ns::kComponentAccept)) {
    return dropped({errors::bad_request, "not an IQ"});
  }
  auto addresses = parse_addresses(stanza, own_domain);
  if (!addresses) return dropped(addresses.error());

  // RFC 6120 §8.2.3: 1. an id; 2. one of four types; 3. a request has exactly one child;
  // 4. what is no request is never answered.
  const auto type = parse_type(stanza.attribute("type"));
  const bool has_id = !stanza.attribute("id").empty();
  const bool is_answer = type == IqType::result || type == IqType::error;
  if (is_answer && !has_id) return dropped({errors::bad_request, "an answer without id"});
  if (!type) return answered(stanza, *addresses, "unknown type");
  if (!has_id) return answered(stanza, *addresses, "no id");
  if (!is_answer && stanza.children().size() != 1) {
    return answered(stanza, *addresses, "not exactly one child");
  }
  std::string id(stanza.attribute("id"));
  return Iq{.type = *type,
            .id = std::move(id),
            .from = std::move(addresses->from),
            .to = std::move(addresses->to),
            .element = std::move(stanza)};
}

bool is_reply(const Element& stanza) {
  const std::string_view type = stanza.attribute("type");
  return type == "error" || (stanza.name() == "iq" && type == "result");
}

Element make_request(IqType type, const Addresses& addresses, std::string_view id,
                     Element payload) {
  BELLHOP_ASSERT(type == IqType::get || type == IqType::set);
  Element iq = bare_iq(to_string(type), addresses, id);
  iq.add(std::move(payload));
  return iq;
}

Element make_result(const Iq& request, std::optional<Element> payload) {
  Element reply = bare_iq("result", {.from = request.to, .to = request.from}, request.id);
  if (payload) reply.add(std::move(*payload));
  return reply;
}

Element make_error(const Iq& request, const base::Error& error, const ErrorExtras& extras) {
  const Element* echo = extras.hides_request ? nullptr : request.payload();
  return error_reply({.from = request.from, .to = request.to}, request.id, echo,
                     to_element(error, extras));
}

}  // namespace bellhop::xmpp

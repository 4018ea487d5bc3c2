#include "component/xmpp/stanza_error.hpp"

#include <algorithm>
#include <array>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

using base::StanzaErrorType;

// What a stranger's text may take of a log line.
constexpr std::size_t kDetailBytesMax = 256;

struct LegacyCode {
  std::string_view code;
  std::string_view condition;
  StanzaErrorType type;
};

// XEP-0086 §3.
constexpr std::array kLegacyCodes{
    LegacyCode{"302", "redirect", StanzaErrorType::modify},
    LegacyCode{"400", "bad-request", StanzaErrorType::modify},
    LegacyCode{"401", "not-authorized", StanzaErrorType::auth},
    LegacyCode{"402", "payment-required", StanzaErrorType::auth},
    LegacyCode{"403", "forbidden", StanzaErrorType::auth},
    LegacyCode{"404", "item-not-found", StanzaErrorType::cancel},
    LegacyCode{"405", "not-allowed", StanzaErrorType::cancel},
    LegacyCode{"406", "not-acceptable", StanzaErrorType::modify},
    LegacyCode{"407", "registration-required", StanzaErrorType::auth},
    LegacyCode{"408", "remote-server-timeout", StanzaErrorType::wait},
    LegacyCode{"409", "conflict", StanzaErrorType::cancel},
    LegacyCode{"500", "internal-server-error", StanzaErrorType::wait},
    LegacyCode{"501", "feature-not-implemented", StanzaErrorType::cancel},
    LegacyCode{"502", "service-unavailable", StanzaErrorType::wait},
    LegacyCode{"503", "service-unavailable", StanzaErrorType::cancel},
    LegacyCode{"504", "remote-server-timeout", StanzaErrorType::wait},
    LegacyCode{"510", "service-unavailable", StanzaErrorType::cancel},
};

struct Condition {
  std::string_view name;
  StanzaErrorType type;
};

std::optional<Condition> find_condition(std::string_view name) {
  if (const base::ErrorKind* kind = errors::find_condition(name)) {
    return Condition{kind->condition, kind->type};
  }
  if (name == "payment-required") return Condition{"payment-required", StanzaErrorType::auth};
  return std::nullopt;
}

// RFC 6120 §8.3.2 knows `continue` too; nobody sends it, and it asks for nothing.
std::optional<StanzaErrorType> parse_type(std::string_view text) {
  constexpr std::array kTypes{StanzaErrorType::auth, StanzaErrorType::cancel,
                              StanzaErrorType::modify, StanzaErrorType::wait};
  const auto* found = std::ranges::find(kTypes, text, [](auto type) { return to_string(type); });
  return found == kTypes.end() ? std::nullopt : std::optional(*found);
}

Condition condition_of(const Element& error) {
  for (const Element& child : error.children()) {
    if (child.xmlns() != ns::kStanzaErrors) continue;
    if (const auto condition = find_condition(child.name())) return *condition;
  }
  const auto* legacy = std::ranges::find(kLegacyCodes, error.attribute("code"), &LegacyCode::code);
  if (legacy != kLegacyCodes.end()) return {legacy->condition, legacy->type};
  return {errors::undefined_condition.condition, errors::undefined_condition.type};
}

}  // namespace

std::string_view to_string(StanzaErrorType type) {
  switch (type) {
    case StanzaErrorType::auth:
      return "auth";
    case StanzaErrorType::cancel:
      return "cancel";
    case StanzaErrorType::modify:
      return "modify";
    case StanzaErrorType::wait:
      return "wait";
  }
  return "cancel";
}

Element to_element(const base::Error& error, const ErrorExtras& extras) {
  const base::ErrorKind& kind = error.kind();
  Element element("error", ns::kComponentAccept);
  element.set("type", to_string(kind.type));
  element.add(Element(std::string(kind.condition), ns::kStanzaErrors));
  const std::string_view text = extras.text.empty() ? kind.text : std::string_view(extras.text);
  if (!text.empty()) {
    element.add(Element("text", ns::kStanzaErrors)).set("xml:lang", "en").set_text(text);
  }
  // RFC 6120 §8.3.4: after the condition and the text.
  if (extras.application) element.add(*extras.application);
  return element;
}

base::Error to_error(const ReceivedError& received) {
  const base::ErrorKind* kind = errors::find_condition(received.condition);
  return {kind == nullptr ? errors::undefined_condition : *kind,
          received.text.substr(0, kDetailBytesMax)};
}

ReceivedError read_error(const Element& stanza) {
  // A peer's error stands in the stanza's namespace; a nested copy of a stanza may bring another.
  const auto found = std::ranges::find_if(
      stanza.children(), [&](const Element& child) { return child.is("error", stanza.xmlns()); });
  const Element none("error", ns::kComponentAccept);
  const Element& error = found == stanza.children().end() ? none : *found;

  const Condition condition = condition_of(error);
  ReceivedError received{.condition = std::string(condition.name),
                         .type = parse_type(error.attribute("type")).value_or(condition.type),
                         .text = {},
                         .application = {},
                         .application_xmlns = {}};
  if (const Element* text = error.child("text", ns::kStanzaErrors)) {
    received.text = text->text();
  } else {
    received.text = trim(error.text());  // where XEP-0086 era peers put it
  }
  const auto application = std::ranges::find_if(
      error.children(), [](const Element& child) { return child.xmlns() != ns::kStanzaErrors; });
  if (application != error.children().end()) {
    received.application = application->name();
    received.application_xmlns = application->xmlns();
  }
  return received;
}

}  // namespace bellhop::xmpp

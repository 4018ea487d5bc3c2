#include "component/xmpp/command_codec.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

template <typename Value>
struct Name {
  std::string_view text;
  Value value;
};

constexpr std::array kActions{
    Name{"cancel", CommandAction::cancel},   Name{"complete", CommandAction::complete},
    Name{"execute", CommandAction::execute}, Name{"next", CommandAction::next},
    Name{"prev", CommandAction::prev},
};

constexpr std::array kStatuses{
    Name{"canceled", CommandStatus::canceled},
    Name{"completed", CommandStatus::completed},
    Name{"executing", CommandStatus::executing},
};

constexpr std::array kNoteTypes{
    Name{"error", NoteType::error},
    Name{"info", NoteType::info},
    Name{"warn", NoteType::warn},
};

template <typename Names, typename Value>
std::string_view text_of(const Names& names, Value value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return {};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view primary_of(std::string_view tag) {
  return tag.substr(0, tag.find('-'));
}

// RFC 5646 §2.1, without looking at what the parts mean: letters first, then letters and digits.
bool is_language_tag(std::string_view tag) {
  if (tag.size() > kLanguageBytesMax) return false;
  std::size_t part_bytes = 0;
  bool is_first = true;
  for (const char c : tag) {
    const bool is_letter = lower(c) >= 'a' && lower(c) <= 'z';
    const bool is_digit = c >= '0' && c <= '9';
    if (c == '-' && part_bytes > 0) {
      part_bytes = 0;
      is_first = false;
    } else if ((!is_letter && (!is_digit || is_first)) || ++part_bytes > 8) {
      return false;
    }
  }
  return part_bytes > 0;
}

Decision<CommandAction> read_action(const Element& command) {
  // XEP-0050 §4.1: execute is the default.
  if (!command.has_attribute("action")) return CommandAction::execute;
  for (const auto& name : kActions) {
    if (name.text == command.attribute("action")) return name.value;
  }
  return command_refusal(errors::malformed_action);
}

// XEP-0050 §3.7: on the IQ rather than on the command.
Decision<std::string> read_language(const Iq& iq, const Element& command) {
  const bool is_inside = command.has_attribute("xml:lang");
  const std::string_view tag = (is_inside ? command : iq.element).attribute("xml:lang");
  if (!tag.empty() && !is_language_tag(tag)) return command_refusal(errors::bad_locale);
  return std::string(tag);
}

Decision<std::optional<DataForm>> read_form(const Element& command) {
  std::optional<DataForm> form;
  for (const Element& child : command.children()) {
    if (!child.is("x", ns::kDataForms)) continue;
    if (form) return command_refusal(errors::bad_payload, "several forms");
    auto parsed = parse_data_form(child);
    if (!parsed) return command_refusal(errors::bad_payload, parsed.error().detail());
    form = std::move(*parsed);
  }
  return form;
}

Element actions_element(const CommandActions& actions) {
  Element element("actions", ns::kCommands);
  element.set("execute", text_of(kActions, actions.execute));
  if (actions.may_go_back) element.add(Element("prev", ns::kCommands));
  if (actions.may_go_on) element.add(Element("next", ns::kCommands));
  if (actions.may_complete) element.add(Element("complete", ns::kCommands));
  return element;
}

}  // namespace

Refusal command_refusal(const base::ErrorKind& kind, std::string detail, std::string text) {
  ErrorExtras extras{.text = std::move(text),
                     .application = Element(std::string(kind.name), ns::kCommands)};
  return {base::Error(kind, std::move(detail)), std::move(extras)};
}

Decision<CommandRequest> parse_command(const Iq& iq) {
  const Element& command = *iq.payload();
  if (command.attribute("node").empty()) {
    return base::Error(errors::bad_request, "a command without node");
  }
  const auto action = read_action(command);
  if (!action) return action.error();
  auto lang = read_language(iq, command);
  if (!lang) return lang.error();
  auto form = read_form(command);
  if (!form) return form.error();
  return CommandRequest{.node = std::string(command.attribute("node")),
                        .session_id = std::string(command.attribute("sessionid")),
                        .action = *action,
                        .lang = std::move(*lang),
                        .form = std::move(*form)};
}

Element to_element(const CommandAnswer& answer) {
  Element command("command", ns::kCommands);
  command.set("node", answer.node).set("sessionid", answer.session_id);
  command.set("status", text_of(kStatuses, answer.status));
  if (!answer.lang.empty()) command.set("xml:lang", answer.lang);
  if (answer.actions) command.add(actions_element(*answer.actions));
  for (const CommandNote& note : answer.notes) {
    command.add(Element("note", ns::kCommands))
        .set("type", text_of(kNoteTypes, note.type))
        .set_text(note.text);
  }
  if (answer.form) command.add(to_element(*answer.form));
  return command;
}

const std::string& choose_language(std::string_view asked,
                                   const std::vector<std::string>& offered) {
  BELLHOP_ASSERT(!offered.empty());
  for (const std::string& tag : offered) {
    if (is_same(tag, asked)) return tag;
  }
  for (const std::string& tag : offered) {
    if (is_same(primary_of(tag), primary_of(asked))) return tag;
  }
  return offered.front();
}

}  // namespace bellhop::xmpp

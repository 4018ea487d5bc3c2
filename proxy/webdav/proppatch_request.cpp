#include "proxy/webdav/proppatch_request.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {
namespace {

using Action = PropertyInstruction::Action;

// The xml:lang in scope inside `element`.
std::string_view inner_lang(const XmlElement& element, std::string_view outer) {
  const std::string* own = element.lang();
  return own == nullptr ? outer : std::string_view(*own);
}

std::optional<Action> action_of(const XmlElement& element) {
  if (element.is_dav("set")) return Action::set;
  if (element.is_dav("remove")) return Action::remove;
  return std::nullopt;
}

base::Result<void> add_instructions(std::vector<PropertyInstruction>& instructions, Action action,
                                    const XmlElement& container, std::string_view outer_lang) {
  const XmlElement* prop = container.dav_child("prop");
  if (prop == nullptr) return base::Error(errors::bad_body, "no prop in set or remove");
  const std::string_view lang = inner_lang(*prop, inner_lang(container, outer_lang));
  for (const XmlElement& property : prop->children) {
    if (instructions.size() == kInstructionsMax) {
      return base::Error(errors::xml_too_complex, "instructions");
    }
    instructions.push_back({.action = action, .property = detach(property, lang)});
  }
  return {};
}

}  // namespace

base::Result<std::vector<PropertyInstruction>> parse_proppatch(std::string_view body) {
  const auto root = parse_document(body);
  if (!root) return root.error();
  if (!root->is_dav("propertyupdate")) return base::Error(errors::bad_body, "no propertyupdate");

  std::vector<PropertyInstruction> instructions;
  const std::string_view lang = inner_lang(*root, {});
  for (const XmlElement& child : root->children) {
    const auto action = action_of(child);
    if (!action) continue;
    if (auto added = add_instructions(instructions, *action, child, lang); !added) {
      return added.error();
    }
  }
  // RFC 4918 §14.19: at least one; and a 207 about nothing could not be written (§14.24).
  if (instructions.empty()) return base::Error(errors::bad_body, "no instructions");
  return instructions;
}

std::vector<PropertyOutcome> judge_instructions(
    const std::vector<PropertyInstruction>& instructions, const InstructionCheck& check) {
  std::vector<PropertyOutcome> outcomes;
  bool has_failed = false;
  for (const PropertyInstruction& instruction : instructions) {
    auto outcome = std::ranges::find(outcomes, instruction.property.name, &PropertyOutcome::name);
    if (outcome == outcomes.end()) {
      outcomes.push_back({.name = instruction.property.name, .error = {}});
      outcome = outcomes.end() - 1;
    }
    const auto checked = check(instruction);
    if (checked) continue;
    has_failed = true;
    if (!outcome->error) outcome->error = checked.error();
  }
  if (has_failed) {
    for (PropertyOutcome& outcome : outcomes) {
      if (!outcome.error) outcome.error = base::Error(errors::failed_dependency);
    }
  }
  return outcomes;
}

}  // namespace bellhop::webdav

#include "component/xmpp/command_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace bellhop::xmpp {
namespace {

bool is_for_people(const FormField& field) {
  return field.type != FieldType::fixed && field.type != FieldType::hidden;
}

}  // namespace

CommandActions CommandDialogue::actions() const {
  using Leads = CommandStage::Leads;
  const Leads leads = stage().leads;
  // XEP-0050 §3.4: execute must stand for an action that is allowed, and is always said.
  return {.may_go_back = stages_.size() > 1,
          .may_go_on = leads != Leads::to_end,
          .may_complete = leads != Leads::to_next,
          .execute = leads == Leads::to_end ? CommandAction::complete : CommandAction::next};
}

Decision<CommandAction> CommandDialogue::resolve(CommandAction asked) const {
  if (asked == CommandAction::cancel) return asked;
  if (!has_stage()) return command_refusal(errors::bad_action, "no form was shown yet");
  const CommandActions allowed = actions();
  if (asked == CommandAction::execute) asked = allowed.execute;
  const bool is_allowed = (asked == CommandAction::prev && allowed.may_go_back) ||
                          (asked == CommandAction::next && allowed.may_go_on) ||
                          (asked == CommandAction::complete && allowed.may_complete);
  if (!is_allowed) return command_refusal(errors::bad_action, "not at this stage");
  return asked;
}

Decision<DataForm> CommandDialogue::fill(const std::optional<DataForm>& submitted) const {
  const DataForm& form = stage().form;
  if (!submitted && std::ranges::any_of(form.fields, is_for_people)) {
    return command_refusal(errors::bad_payload, "no form", "The form is missing.");
  }
  const DataForm untouched{.type = FormType::submit};
  auto filled = apply_submit(form, submitted.value_or(untouched));
  if (!filled) {
    FormProblem problem = filled.error();
    return command_refusal(errors::bad_payload, problem.error.detail(), std::move(problem.text));
  }
  return std::move(*filled);
}

void CommandDialogue::advance(const std::optional<DataForm>& filled, CommandStage next) {
  if (filled && has_stage()) {
    DataForm& shown = stages_.back().form;
    const FormType type = shown.type;
    shown = *filled;
    shown.type = type;
    for (FormField& field : shown.fields) {
      if (field.type == FieldType::text_private) field.values.clear();
    }
  }
  if (stages_.size() >= kCommandStagesMax) stages_.erase(stages_.begin());
  stages_.push_back(std::move(next));
}

void CommandDialogue::go_back() {
  BELLHOP_ASSERT(stages_.size() > 1);
  stages_.pop_back();
}

}  // namespace bellhop::xmpp

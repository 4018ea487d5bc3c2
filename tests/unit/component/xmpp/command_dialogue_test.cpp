// One run of a command: what is possible at each stage, and what is shown again.
#include "component/xmpp/command_dialogue.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"

namespace bellhop::xmpp {
namespace {

using Leads = CommandStage::Leads;

CommandStage stage(std::string state, Leads leads = Leads::to_next) {
  CommandStage made{.form = DataForm{.type = FormType::form, .title = state},
                    .state = std::move(state),
                    .leads = leads};
  made.form.add({.var = "name", .type = FieldType::text_single, .is_required = true})
      .add({.var = "secret", .type = FieldType::text_private});
  return made;
}

DataForm submit(std::string name) {
  DataForm form{.type = FormType::submit};
  form.add({.var = "name", .values = {std::move(name)}}).add({.var = "secret", .values = {"x"}});
  return form;
}

CommandDialogue at(Leads leads) {
  CommandDialogue dialogue;
  dialogue.advance(std::nullopt, stage("first", leads));
  return dialogue;
}

std::string refusal_of(const auto& decision) {
  return decision ? "none" : std::string(decision.error().kind().name);
}

// ADH-06
TEST(CommandDialogue, KnowsWhatExecuteStandsFor) {
  EXPECT_EQ(*at(Leads::to_next).resolve(CommandAction::execute), CommandAction::next);
  EXPECT_EQ(*at(Leads::to_end).resolve(CommandAction::execute), CommandAction::complete);
  EXPECT_EQ(*at(Leads::to_either).resolve(CommandAction::execute), CommandAction::next);
}

// ADH-02, ADH-06: what execute stands for is always said, and is one of what is allowed.
TEST(CommandDialogue, OffersTheActionsOfItsStage) {
  const CommandActions next{.may_go_on = true, .execute = CommandAction::next};
  const CommandActions end{.may_complete = true, .execute = CommandAction::complete};
  const CommandActions either{
      .may_go_on = true, .may_complete = true, .execute = CommandAction::next};
  EXPECT_EQ(at(Leads::to_next).actions(), next);
  EXPECT_EQ(at(Leads::to_end).actions(), end);
  EXPECT_EQ(at(Leads::to_either).actions(), either);
}

// ADH-04
TEST(CommandDialogue, RefusesActionsThatItsStageDoesNotHave) {
  EXPECT_EQ(refusal_of(at(Leads::to_next).resolve(CommandAction::complete)), "bad-action");
  EXPECT_EQ(refusal_of(at(Leads::to_end).resolve(CommandAction::next)), "bad-action");
  EXPECT_EQ(refusal_of(at(Leads::to_either).resolve(CommandAction::prev)), "bad-action");
  EXPECT_EQ(refusal_of(CommandDialogue().resolve(CommandAction::execute)), "bad-action");
}

// ADH-05: whatever the stage.
TEST(CommandDialogue, CanAlwaysBeCancelled) {
  EXPECT_EQ(*CommandDialogue().resolve(CommandAction::cancel), CommandAction::cancel);
  EXPECT_EQ(*at(Leads::to_end).resolve(CommandAction::cancel), CommandAction::cancel);
}

// ADH-07
TEST(CommandDialogue, TakesOnlyAFormThatIsFilledIn) {
  const CommandDialogue dialogue = at(Leads::to_next);
  EXPECT_EQ(dialogue.fill(submit("romeo"))->field("name")->value(), "romeo");
  EXPECT_EQ(refusal_of(dialogue.fill(submit(""))), "bad-payload");
  EXPECT_EQ(dialogue.fill(submit("")).error().extras().text, "\"name\" is required.");
  EXPECT_EQ(refusal_of(dialogue.fill(std::nullopt)), "bad-payload");
  EXPECT_EQ(refusal_of(dialogue.fill(DataForm{.type = FormType::result})), "bad-payload");
}

TEST(CommandDialogue, NeedsNoFormWhereThereIsNothingToFillIn) {
  CommandStage question{.form = DataForm::with_form_type(FormType::form, "urn:x")};
  question.form.add({.type = FieldType::fixed, .values = {"All will be deleted."}});
  CommandDialogue dialogue;
  dialogue.advance(std::nullopt, question);
  const auto filled = dialogue.fill(std::nullopt);
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->form_type(), "urn:x");
}

// ADH-06
TEST(CommandDialogue, ShowsWhatWasFilledInToWhoComesBack) {
  CommandDialogue dialogue = at(Leads::to_next);
  dialogue.advance(*dialogue.fill(submit("romeo")), stage("second", Leads::to_end));
  EXPECT_EQ(dialogue.stage().state, "second");
  EXPECT_TRUE(dialogue.actions().may_go_back);
  EXPECT_EQ(*dialogue.resolve(CommandAction::prev), CommandAction::prev);
  dialogue.go_back();
  EXPECT_EQ(dialogue.stage().state, "first");
  EXPECT_EQ(dialogue.stage().form.type, FormType::form);
  EXPECT_EQ(dialogue.stage().form.field("name")->value(), "romeo");
  EXPECT_EQ(dialogue.stage().form.field("secret")->value(), "") << "secrets are not sent back";
  EXPECT_FALSE(dialogue.actions().may_go_back);
}

TEST(CommandDialogue, MayShowResultsOnTheWay) {
  CommandDialogue dialogue;
  dialogue.advance(std::nullopt, {.form = DataForm{.type = FormType::result, .title = "page 1"},
                                  .leads = Leads::to_either});
  const auto filled = dialogue.fill(std::nullopt);
  ASSERT_TRUE(filled);
  dialogue.advance(*filled, stage("second"));
  dialogue.go_back();
  EXPECT_EQ(dialogue.stage().form.type, FormType::result);
  EXPECT_EQ(dialogue.stage().form.title, "page 1");
}

TEST(CommandDialogue, ForgetsItsOldestStages) {
  CommandDialogue dialogue;
  for (std::size_t i = 0; i <= kCommandStagesMax; ++i) {
    dialogue.advance(std::nullopt, stage(std::to_string(i)));
  }
  while (dialogue.actions().may_go_back) dialogue.go_back();
  EXPECT_EQ(dialogue.stage().state, "1");
}

}  // namespace
}  // namespace bellhop::xmpp

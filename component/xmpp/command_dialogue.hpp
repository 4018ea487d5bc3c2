// One run of a command: the forms a user has passed, and what may be done with the present one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "component/xmpp/command_codec.hpp"
#include "component/xmpp/data_form.hpp"

namespace bellhop::xmpp {

/// Forms that a user can go back to; older ones are forgotten.
inline constexpr std::size_t kCommandStagesMax = 16;

/// One form to fill in.
struct CommandStage {
  /// What its submit leads to.
  enum class Leads : std::uint8_t { to_next, to_end, to_either };

  DataForm form;           ///< of type form; or result, with nothing in it to fill in
  std::string state = {};  ///< where the command stands, in its own words; never sent
  Leads leads = Leads::to_end;
  std::vector<CommandNote> notes = {};
};

/// The stages of one session. Pure.
class CommandDialogue {
 public:
  /// Whether a form was shown.
  [[nodiscard]] bool has_stage() const { return !stages_.empty(); }
  /// The form that is to be filled in. Only with has_stage().
  [[nodiscard]] const CommandStage& stage() const { return stages_.back(); }
  [[nodiscard]] CommandActions actions() const;

  /// What `asked` means at this stage: cancel, prev, next or complete, never execute (ADH-06).
  /// Errors: errors::bad_action if it is not possible now (ADH-04).
  [[nodiscard]] Decision<CommandAction> resolve(CommandAction asked) const;
  /// The present form filled in. A missing form is one that leaves everything as it is, if there is
  /// nothing to fill in. Errors: errors::bad_payload with text (ADH-07).
  [[nodiscard]] Decision<DataForm> fill(const std::optional<DataForm>& submitted) const;

  /// The next form is shown. `filled` is what the present one became, if there is one: it is shown
  /// again to who comes back, but for what was typed in secret.
  void advance(const std::optional<DataForm>& filled, CommandStage next);
  /// The form before the present one is shown. Only if actions() allow it.
  void go_back();

 private:
  std::vector<CommandStage> stages_;
};

}  // namespace bellhop::xmpp

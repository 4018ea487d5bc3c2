// Old and new Settings -> what a reload changes at once and what has to wait for a restart.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace bellhop::config {

/// Full names of the options whose values differ, in the order of the option table.
struct Changes {
  std::vector<std::string> live;     ///< may be taken over now
  std::vector<std::string> restart;  ///< keep their old value until the process is started again
};

/// Compares two loaded configurations. A component that came or went counts as
/// `component[<jid>]`, a changed option of one that stayed as `component[<jid>].name`; a changed
/// secret is named, its value is not. Components may change their order. Pure.
[[nodiscard]] Changes compare(const Settings& old_settings, const Settings& new_settings);

/// What runs after a reload: the live options of `new_settings`, everything else as it was.
[[nodiscard]] Settings apply_live(const Settings& old_settings, const Settings& new_settings);

/// Whether other secrets or users of TURN are in force: the texts themselves, not the names of
/// files.
[[nodiscard]] bool has_new_credentials(const TurnSettings& old_turn, const TurnSettings& new_turn);

}  // namespace bellhop::config

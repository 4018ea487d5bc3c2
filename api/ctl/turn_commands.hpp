// bellhopctl turn …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `turn show|credentials`.
void add_turn_commands(CommandTree& tree);

}  // namespace bellhop::ctl

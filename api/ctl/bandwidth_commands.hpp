// bellhopctl bandwidth …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `bandwidth now|history|talkers`.
void add_bandwidth_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl upstream …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `upstream list|reconnect`.
void add_upstream_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl node, whoami, drain, undrain, shutdown, health, page
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds the commands about the process itself, each a verb of its own.
void add_node_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl config …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `config check|show|reload`.
void add_config_commands(CommandTree& tree);

}  // namespace bellhop::ctl

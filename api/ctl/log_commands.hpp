// bellhopctl log …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `log get|set`.
void add_log_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl top
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `top`.
void add_top_command(CommandTree& tree);

}  // namespace bellhop::ctl

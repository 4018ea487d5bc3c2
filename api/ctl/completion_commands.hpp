// bellhopctl completion …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `completion bash|zsh`, and `completion names`, which the scripts call.
void add_completion_commands(CommandTree& tree);

}  // namespace bellhop::ctl

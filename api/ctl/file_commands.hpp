// bellhopctl file …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds the commands about the file store.
void add_file_commands(CommandTree& tree);

}  // namespace bellhop::ctl

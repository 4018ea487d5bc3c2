// bellhopctl session …
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `session list|get|watch|end|limit`.
void add_session_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl events
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `events`.
void add_event_commands(CommandTree& tree);

}  // namespace bellhop::ctl

// bellhopctl policy … and explain
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `policy access|quota|rate list|set|delete`, `policy usage` and `explain`.
void add_policy_commands(CommandTree& tree);

}  // namespace bellhop::ctl

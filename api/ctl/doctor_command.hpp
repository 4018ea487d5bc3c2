// bellhopctl doctor
#pragma once

namespace bellhop::ctl {

class CommandTree;

/// Adds `doctor`.
void add_doctor_command(CommandTree& tree);

}  // namespace bellhop::ctl

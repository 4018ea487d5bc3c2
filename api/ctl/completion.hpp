// Completion scripts for shells, made from the tree of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/ctl/command_tree.hpp"

namespace bellhop::ctl {

/// An option or an argument, as a completion script sees it.
struct CompletedOption {
  std::vector<std::string> names;  ///< `--output`, `-o`; none for an argument
  std::string help;
  bool takes_value = false;
  bool may_repeat = false;  ///< of an argument: all further words belong to it
  Completion values;
};

/// A command, as a completion script sees it.
struct CompletedCommand {
  std::string path;  ///< `session list`; empty for bellhopctl itself
  std::string help;
  std::vector<std::string> verbs;
  std::vector<CompletedOption> options;
  std::vector<CompletedOption> arguments;
};

/// Every command that --help shows, bellhopctl itself first.
[[nodiscard]] std::vector<CompletedCommand> completed_commands(CommandTree& tree);

/// The script for bash, which needs no package bash-completion.
[[nodiscard]] std::string bash_script(const std::vector<CompletedCommand>& commands);
/// The script for zsh, for a file `_bellhopctl` in $fpath.
[[nodiscard]] std::string zsh_script(const std::vector<CompletedCommand>& commands);

/// Whether a shell can be offered the name as it stands: letters, digits and `._:@/-` only. Names
/// come from the daemon, and a shell gives other characters a meaning.
[[nodiscard]] bool is_shell_safe(std::string_view name);

}  // namespace bellhop::ctl

#include "api/ctl/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace bellhop::ctl {
namespace {

constexpr std::size_t kHelpBytesMax = 60;  // beside a word in a menu

CompletedOption completed_option(CommandTree& tree, const CLI::Option& option) {
  CompletedOption result;
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  result.help = option.get_description();
  result.takes_value = option.get_items_expected_max() > 0;
  result.may_repeat = option.get_items_expected_max() > 1;
  result.values = tree.completion_of(option);
  return result;
}

void visit(CommandTree& tree, const CLI::App& app, const std::string& path,
           std::vector<CompletedCommand>& commands) {
  CompletedCommand command{
      .path = path, .help = app.get_description(), .verbs = {}, .options = {}, .arguments = {}};
  for (const CLI::Option* option : app.get_options()) {
    auto& list = option->nonpositional() ? command.options : command.arguments;
    if (!option->get_group().empty()) list.push_back(completed_option(tree, *option));
  }
  std::vector<const CLI::App*> children;
  for (const CLI::App* child : app.get_subcommands(std::function<bool(const CLI::App*)>())) {
    if (child->get_group().empty()) continue;  // hidden
    children.push_back(child);
    command.verbs.push_back(child->get_name());
  }
  commands.push_back(std::move(command));
  for (const CLI::App* child : children) {
    visit(tree, *child, path.empty() ? child->get_name() : path + " " + child->get_name(),
          commands);
  }
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

// In single quotes for both shells.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::vector<std::string> names_of(const std::vector<CompletedOption>& options, bool is_valued) {
  std::vector<std::string> names;
  for (const CompletedOption& option : options) {
    if (is_valued && !option.takes_value) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// The lines `PATTERN) …;;` that say what may stand for options and arguments of one command.
std::string value_line(const std::string& pattern, const Completion& values) {
  std::string line = "    " + pattern + ") ";
  if (!values.words.empty()) line += "values=(" + joined(values.words, " ") + ") ";
  if (!values.names.empty()) line += "names=" + values.names + " ";
  if (values.is_file) line += "files=yes ";
  return line + ";;\n";
}

bool has_values(const Completion& values) {
  return !values.words.empty() || !values.names.empty() || values.is_file;
}

// `*` in words like jid:* would be a pattern in an array of the shell.
Completion shell_quoted(const Completion& values) {
  Completion result = values;
  for (std::string& word : result.words) {
    if (!is_shell_safe(word)) word = in_quotes(word);
  }
  return result;
}

std::string value_lines(const CompletedCommand& command) {
  std::string lines;
  // Options of bellhopctl itself may stand after any command.
  const std::string place = command.path.empty() ? "*" : in_quotes(command.path);
  for (const CompletedOption& option : command.options) {
    if (!has_values(option.values)) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) patterns.push_back(place + ":" + name);
    lines += value_line(joined(patterns, "|"), shell_quoted(option.values));
  }
  for (std::size_t i = 0; i < command.arguments.size(); ++i) {
    const CompletedOption& argument = command.arguments[i];
    if (!has_values(argument.values)) continue;
    const std::string position = argument.may_repeat ? "[0-9]*" : std::to_string(i);
    lines += value_line(place + ":" + position, shell_quoted(argument.values));
  }
  return lines;
}

std::string all_value_lines(const std::vector<CompletedCommand>& commands) {
  std::string lines;
  for (const CompletedCommand& command : commands) {
    if (!command.path.empty()) lines += value_lines(command);
  }
  // Those of the root match everywhere, so they come last: `drain --timeout` is not `--timeout`.
  return lines + value_lines(commands.front());
}

std::string first_sentence(std::string_view help) {
  const auto end = help.find_first_of(".;:");
  std::string text(help.substr(0, end));
  if (text.size() > kHelpBytesMax) text.resize(text.rfind(' ', kHelpBytesMax));
  return text;
}

const CompletedCommand& child_of(const std::vector<CompletedCommand>& commands,
                                 const CompletedCommand& parent, const std::string& verb) {
  const std::string path = parent.path.empty() ? verb : parent.path + " " + verb;
  return *std::find_if(commands.begin(), commands.end(),
                       [&](const CompletedCommand& command) { return command.path == path; });
}

// Which verbs and options a command has; the same lines in both shells but for the descriptions.
std::string bash_command_line(const CompletedCommand& command) {
  return "    " + in_quotes(command.path) + ") verbs=(" + joined(command.verbs, " ") + ")\n      " +
         "options=(" + joined(names_of(command.options, false), " ") + ")\n      " + "valued=(" +
         joined(names_of(command.options, true), " ") + ") ;;\n";
}

std::string zsh_command_line(const std::vector<CompletedCommand>& commands,
                             const CompletedCommand& command) {
  std::string line = "    " + in_quotes(command.path) + ")\n      verbs=(";
  for (const std::string& verb : command.verbs) {
    line += "\n        " +
            in_quotes(verb + ":" + first_sentence(child_of(commands, command, verb).help));
  }
  line += ")\n      options=(";
  for (const CompletedOption& option : command.options) {
    for (const std::string& name : option.names) {
      line += "\n        " + in_quotes(name + ":" + first_sentence(option.help));
    }
  }
  return line + ")\n      valued=(" + joined(names_of(command.options, true), " ") + ") ;;\n";
}

constexpr std::string_view kBashHead =
    R"(# bash completion for bellhopctl. Made by `bellhopctl completion bash`.

# The verbs and options of the command $1, and which of the options take a value.
_bellhopctl_command() {
  verbs=() options=() valued=()
  case $1 in
)";

constexpr std::string_view kBashMiddle = R"(  esac
}

# What may stand at $1: `command:--option`, or `command:0` for its first argument.
_bellhopctl_values() {
  values=() names='' files=''
  case $1 in
)";

// The line is split at blanks: bash itself would split at `:` and `=` too.
constexpr std::string_view kBashTail = R"(  esac
}

_bellhopctl_has() {
  local wanted=$1 one
  shift
  for one; do [[ $one == "$wanted" ]] && return 0; done
  return 1
}

_bellhopctl() {
  local program=$1 line=${COMP_LINE:0:COMP_POINT} current='' place='' expects='' position=0
  local word names files
  local -a words verbs options valued values root_options root_valued address=()
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] || { current=${words[-1]} && unset 'words[-1]'; }
  _bellhopctl_command ''
  root_options=("${options[@]}") root_valued=("${valued[@]}")
  for word in "${words[@]:1}"; do
    if [[ -n $expects ]]; then
      [[ $expects == --address ]] && address=(--address "$word")
      expects=''
    elif [[ $word == -* ]]; then
      _bellhopctl_has "$word" "${valued[@]}" "${root_valued[@]}" && expects=$word
    elif _bellhopctl_has "$word" "${verbs[@]}"; then
      place=${place:+$place }$word
      _bellhopctl_command "$place"
    else
      position=$((position + 1))
    fi
  done
  if [[ $current == --*=* ]]; then
    expects=${current%%=*} current=${current#*=}
  fi
  if [[ -n $expects ]]; then
    _bellhopctl_values "$place:$expects"
  elif [[ $current == -* ]]; then
    values=("${options[@]}" "${root_options[@]}") names='' files=''
  else
    _bellhopctl_values "$place:$position"
    values+=("${verbs[@]}")
  fi
  if [[ -n $names ]]; then
    while read -r word; do values+=("$word"); done \
      < <("$program" "${address[@]}" completion names "$names" 2>/dev/null)
  fi
  COMPREPLY=()
  if [[ -n $files ]]; then
    compopt -o filenames
    while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    return
  fi
  local cut=''
  [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && cut=${current%"${current##*:}"}
  for word in "${values[@]}"; do
    [[ $word == "$current"* ]] || continue
    [[ $word == *: ]] && compopt -o nospace
    COMPREPLY+=("${word#"$cut"}")
  done
}

complete -F _bellhopctl bellhopctl
)";

constexpr std::string_view kZshHead = R"(#compdef bellhopctl
# zsh completion for bellhopctl. Made by `bellhopctl completion zsh`.

# The verbs and options of the command $1, and which of the options take a value.
_bellhopctl_command() {
  verbs=() options=() valued=()
  case $1 in
)";

constexpr std::string_view kZshMiddle = R"(  esac
}

# What may stand at $1: `command:--option`, or `command:0` for its first argument.
_bellhopctl_values() {
  values=() names='' files=''
  case $1 in
)";

constexpr std::string_view kZshTail = R"(  esac
}

_bellhopctl() {
  local program=${words[1]} current=${words[CURRENT]} place='' expects='' word names files
  local -i position=0
  local -a verbs options valued values root_options root_valued address
  _bellhopctl_command ''
  root_options=("${options[@]}") root_valued=("${valued[@]}")
  for word in "${(@)words[2,CURRENT-1]}"; do
    if [[ -n $expects ]]; then
      [[ $expects == --address ]] && address=(--address "$word")
      expects=''
    elif [[ $word == -* ]]; then
      (( ${valued[(Ie)$word]} || ${root_valued[(Ie)$word]} )) && expects=$word
    elif [[ -n ${(M)verbs:#${word}:*} ]]; then
      place=${place:+$place }$word
      _bellhopctl_command "$place"
    else
      position+=1
    fi
  done
  if [[ -n $expects ]]; then
    _bellhopctl_values "$place:$expects"
  elif [[ $current == -* ]]; then
    (( ${#options} )) && _describe -o -t options option options
    [[ -n $place ]] && _describe -o -t global-options 'option of all commands' root_options
    return
  else
    (( ${#verbs} )) && { _describe -t commands command verbs; return }
    _bellhopctl_values "$place:$position"
  fi
  [[ -n $names ]] && values+=("${(@f)$($program $address completion names $names 2>/dev/null)}")
  [[ -n $files ]] && { _files; return }
  compadd -M 'r:|:=*' -- "${(@)values:#}"
}

_bellhopctl "$@"
)";

}  // namespace

std::vector<CompletedCommand> completed_commands(CommandTree& tree) {
  std::vector<CompletedCommand> commands;
  visit(tree, tree.app(), "", commands);
  return commands;
}

bool is_shell_safe(std::string_view name) {
  constexpr std::string_view kSafe = "._:@/-";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || kSafe.find(c) != std::string_view::npos;
  });
}

std::string bash_script(const std::vector<CompletedCommand>& commands) {
  std::string script(kBashHead);
  for (const CompletedCommand& command : commands) script += bash_command_line(command);
  script.append(kBashMiddle).append(all_value_lines(commands)).append(kBashTail);
  return script;
}

std::string zsh_script(const std::vector<CompletedCommand>& commands) {
  std::string script(kZshHead);
  for (const CompletedCommand& command : commands) script += zsh_command_line(commands, command);
  script.append(kZshMiddle).append(all_value_lines(commands)).append(kZshTail);
  return script;
}

}  // namespace bellhop::ctl

#include "api/ctl/command_tree.hpp"

#include <algorithm>

#include "api/ctl/units.hpp"

namespace bellhop::ctl {
namespace {

// An option whose text goes through `parse`, with the sentence of the error on failure.
template <typename T, typename Parse>
CLI::Option& add_parsed(CLI::App& command, const char* name, T& target, const char* help,
                        Parse parse) {
  auto* option = command.add_option_function<std::string>(
      name,
      [&target, parse, shown = std::string(name)](const std::string& text) {
        auto value = parse(text);
        if (!value) throw CLI::ValidationError(shown, value.error().detail());
        target = *value;
      },
      help);
  return *option;
}

std::string footer(std::string_view example) {
  std::string text = "Example:\n";
  while (!example.empty()) {
    const auto end = example.find('\n');
    text.append("  ").append(example.substr(0, end)).append("\n");
    example = end == std::string_view::npos ? std::string_view() : example.substr(end + 1);
  }
  return text + "\n`bellhopctl --help` tells the options of all commands and the exit codes.";
}

}  // namespace

CLI::App& CommandTree::noun(CLI::App& parent, const char* name, const char* summary) {
  CLI::App& command = *parent.add_subcommand(name, summary);
  command.require_subcommand(1);
  return command;
}

CLI::App& CommandTree::add_command(CLI::App& parent, const VerbText& text) {
  CLI::App& command = *parent.add_subcommand(text.name, text.summary);
  command.footer(footer(text.example));
  return command;
}

void CommandTree::accept_words(CLI::Option& option, std::vector<std::string> words) {
  std::string choices;
  for (const std::string& word : words) choices += (choices.empty() ? "" : "|") + word;
  // Not CLI::IsMember: it would print the choices a second time in --help.
  option.check(CLI::Validator(
      [words, choices](std::string& text) {
        const bool is_known = std::find(words.begin(), words.end(), text) != words.end();
        return is_known ? std::string() : "\"" + text + "\" is none of " + choices;
      },
      ""));
  option.type_name(choices);
  offer_words(option, std::move(words));
}

void CommandTree::offer_words(const CLI::Option& option, std::vector<std::string> words) {
  completions_[&option].words = std::move(words);
}

void CommandTree::offer_names(const CLI::Option& option, std::string kind) {
  completions_[&option].names = std::move(kind);
}

void CommandTree::offer_files(const CLI::Option& option) {
  completions_[&option].is_file = true;
}

Completion CommandTree::completion_of(const CLI::Option& option) const {
  const auto found = completions_.find(&option);
  return found == completions_.end() ? Completion{} : found->second;
}

CLI::Option& add_size(CLI::App& command, const char* name, std::uint64_t& target,
                      const char* help) {
  auto& option = add_parsed(command, name, target, help, parse_size);
  option.type_name("SIZE");
  return option;
}

CLI::Option& add_rate(CLI::App& command, const char* name, std::uint64_t& target,
                      const char* help) {
  auto& option = add_parsed(command, name, target, help, parse_rate);
  option.type_name("RATE");
  return option;
}

CLI::Option& add_duration(CLI::App& command, const char* name, std::chrono::milliseconds& target,
                          const char* help) {
  auto& option = add_parsed(command, name, target, help, parse_duration);
  option.type_name("DURATION");
  return option;
}

CLI::Option& add_moment(CLI::App& command, const char* name, std::string& target,
                        const char* help) {
  const auto check = [](const std::string& text) -> base::Result<std::string> {
    const auto moment = parse_moment(text, Moment(std::chrono::system_clock::now()));
    if (!moment) return moment.error();
    return text;
  };
  auto& option = add_parsed(command, name, target, help, check);
  option.type_name("MOMENT");
  return option;
}

}  // namespace bellhop::ctl

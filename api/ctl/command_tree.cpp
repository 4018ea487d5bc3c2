#include "api/ctl/command_tree.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "api/ctl/units.hpp"

namespace bellhop::ctl {
namespace {

// An option whose text goes through `parse`, with the sentence of the error on failure.
template <typename T, typename Parse>
CLI::Option& add_parsed(CLI::App& app, const char* name, T& target, const char* help, Parse parse) {
  return *app.add_option_function<std::string>(
      name,
      [&target, parse, shown = std::string(name)](const std::string& text) {
        auto value = parse(text);
        if (!value) throw CLI::ValidationError(shown, value.error().detail());
        target = *value;
      },
      help);
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

Argument& Argument::require() {
  option_->required();
  return *this;
}

Argument& Argument::call_value(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Argument& Argument::limit(int lowest, int highest) {
  option_->check(CLI::Range(lowest, highest));
  return *this;
}

Argument& Argument::refuse_empty() {
  option_->check(CLI::Validator(
      [](std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, ""));
  return *this;
}

Argument& Argument::note(bool& is_given) {
  option_->each([&is_given](const std::string&) { is_given = true; });
  return *this;
}

Argument& Argument::accept_words(const std::vector<std::string>& words) {
  std::string choices;
  for (const std::string& word : words) choices += (choices.empty() ? "" : "|") + word;
  // Not CLI::IsMember: it would print the choices a second time in --help.
  option_->check(CLI::Validator(
      [words, choices](std::string& text) {
        const bool is_known = std::find(words.begin(), words.end(), text) != words.end();
        return is_known ? std::string() : "\"" + text + "\" is none of " + choices;
      },
      ""));
  option_->type_name(choices);
  return offer_words(words);
}

Argument& Argument::offer_words(std::vector<std::string> words) {
  tree_->completion_of(*option_).words = std::move(words);
  return *this;
}

Argument& Argument::offer_names(std::string kind) {
  tree_->completion_of(*option_).names = std::move(kind);
  return *this;
}

Argument& Argument::offer_files() {
  tree_->completion_of(*option_).is_file = true;
  return *this;
}

template <typename T>
Argument Command::add_option(const char* name, T& target, const std::string& help) const {
  return {*tree_, *app_->add_option(name, target, help)};
}

template Argument Command::add_option(const char*, std::string&, const std::string&) const;
template Argument Command::add_option(const char*, std::vector<std::string>&,
                                      const std::string&) const;
template Argument Command::add_option(const char*, std::int32_t&, const std::string&) const;
template Argument Command::add_option(const char*, std::uint32_t&, const std::string&) const;
template Argument Command::add_option(const char*, std::uint64_t&, const std::string&) const;

Argument Command::add_flag(const char* name, bool& target, const char* help) const {
  return {*tree_, *app_->add_flag(name, target, help)};
}

Argument Command::add_size(const char* name, std::uint64_t& target, const char* help) const {
  return Argument(*tree_, add_parsed(*app_, name, target, help, parse_size)).call_value("SIZE");
}

Argument Command::add_size_limit(const char* name, std::uint64_t& target, const char* help) const {
  return Argument(*tree_, add_parsed(*app_, name, target, help, parse_size_limit))
      .call_value("SIZE|none")
      .offer_words({"none"});
}

Argument Command::add_count_limit(const char* name, std::uint32_t& target, const char* help) const {
  return Argument(*tree_, add_parsed(*app_, name, target, help, parse_count_limit))
      .call_value("N|none")
      .offer_words({"none"});
}

Argument Command::add_rate(const char* name, std::uint64_t& target, const char* help) const {
  return Argument(*tree_, add_parsed(*app_, name, target, help, parse_rate)).call_value("RATE");
}

Argument Command::add_duration(const char* name, std::chrono::milliseconds& target,
                               const char* help) const {
  return Argument(*tree_, add_parsed(*app_, name, target, help, parse_duration))
      .call_value("DURATION");
}

Argument Command::add_moment(const char* name, std::string& target, const char* help) const {
  const auto check = [](const std::string& text) -> base::Result<std::string> {
    const auto moment = parse_moment(text, Moment(std::chrono::system_clock::now()));
    if (!moment) return moment.error();
    return text;
  };
  return Argument(*tree_, add_parsed(*app_, name, target, help, check)).call_value("MOMENT");
}

void Command::hide() const {
  app_->group("");
}

Command CommandTree::noun(const Command& parent, const char* name, const char* summary) {
  CLI::App& app = *parent.app_->add_subcommand(name, summary);
  app.require_subcommand(1);
  return {*this, app};
}

Command CommandTree::add_verb(const Command& parent, const VerbText& text,
                              std::function<ExitCode(Client&)> run) {
  CLI::App& app = *parent.app_->add_subcommand(text.name, text.summary);
  app.footer(footer(text.example));
  app.callback([this, run = std::move(run)] { chosen_ = run; });
  return {*this, app};
}

}  // namespace bellhop::ctl

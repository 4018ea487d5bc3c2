// The tree of commands: nouns, their verbs, what each verb takes, and what runs it. CLI11 stays
// behind it: its headers take longer to compile than all commands together.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/ctl/exit_code.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace bellhop::ctl {

class Client;
class CommandTree;

/// What the shell may offer for an option or argument.
struct Completion {
  std::vector<std::string> words;  ///< always these
  std::string names;               ///< and what `bellhopctl completion names KIND` prints now
  bool is_file = false;            ///< or the names of files
};

/// What --help says of a verb.
struct VerbText {
  const char* name;
  const char* summary;
  const char* example;  ///< a whole command line, or several, without indentation
};

/// An option or argument that has been added. A handle, valid as long as its tree; each call
/// returns the handle.
class Argument {
 public:
  Argument(CommandTree& tree, CLI::Option& option) : tree_(&tree), option_(&option) {}

  Argument& require();
  /// What --help calls the value; empty: nothing.
  Argument& call_value(const std::string& name);
  /// Refuses numbers outside of lowest … highest.
  Argument& limit(int lowest, int highest);
  /// Refuses an empty value: an unset variable of a script must not mean everything.
  Argument& refuse_empty();
  /// `is_given` becomes true when it stands in the line.
  Argument& note(bool& is_given);
  /// The only values that are accepted; the shell offers them.
  Argument& accept_words(const std::vector<std::string>& words);
  /// What the shell may offer.
  Argument& offer_words(std::vector<std::string> words);
  Argument& offer_names(std::string kind);
  Argument& offer_files();

 private:
  CommandTree* tree_;
  CLI::Option* option_;
};

/// A noun or verb. A handle, valid as long as its tree. `name` is `--long`, `-s,--long`, or a word
/// for an argument; `target` keeps its value unless the line has another.
class Command {
 public:
  Command(CommandTree& tree, CLI::App& app) : tree_(&tree), app_(&app) {}

  /// T: std::string, std::vector<std::string>, or an integer of 32 or 64 bits.
  template <typename T>
  Argument add_option(const char* name, T& target, const std::string& help = "") const;
  Argument add_flag(const char* name, bool& target, const char* help) const;
  /// Options that are read by units.hpp.
  Argument add_size(const char* name, std::uint64_t& target, const char* help) const;
  Argument add_size_limit(const char* name, std::uint64_t& target, const char* help) const;
  Argument add_count_limit(const char* name, std::uint32_t& target, const char* help) const;
  Argument add_rate(const char* name, std::uint64_t& target, const char* help) const;
  Argument add_duration(const char* name, std::chrono::milliseconds& target,
                        const char* help) const;
  /// Checked when read; the text is kept, for what it means depends on the time.
  Argument add_moment(const char* name, std::string& target, const char* help) const;

  /// --help and completion do not show it.
  void hide() const;

 private:
  friend class CommandTree;

  CommandTree* tree_;
  CLI::App* app_;
};

/// A verb that has been added, and where its options are put when the command line is read.
template <typename Options>
struct Verb {
  Command command;
  Options& options;
};

/// Builds the tree into a CLI::App and keeps what the command line is read into. The App outlives
/// it. Nothing is run while the line is read, so a line with a mistake does nothing.
class CommandTree {
 public:
  explicit CommandTree(CLI::App& app) : app_(&app) {}

  [[nodiscard]] Command root() { return {*this, *app_}; }
  /// What is built into, for those who read the whole tree.
  [[nodiscard]] CLI::App& app() { return *app_; }

  /// A noun below `parent`, which needs a verb.
  Command noun(const Command& parent, const char* name, const char* summary);

  /// A verb below `parent`; `run` gets the options as read.
  template <typename Options>
  Verb<Options> verb(const Command& parent, const VerbText& text,
                     ExitCode (*run)(Client&, const Options&)) {
    auto held = std::make_unique<Held<Options>>();
    Options& options = held->options;
    held_.push_back(std::move(held));
    const Command command =
        add_verb(parent, text, [run, &options](Client& client) { return run(client, options); });
    return {command, options};
  }

  /// What the line that was read asks for; empty before that.
  [[nodiscard]] const std::function<ExitCode(Client&)>& chosen() const { return chosen_; }

  /// What the shell may offer for an option of this tree.
  [[nodiscard]] Completion& completion_of(const CLI::Option& option) {
    return completions_[&option];
  }

 private:
  struct HeldBase {
    HeldBase() = default;
    virtual ~HeldBase() = default;
    HeldBase(const HeldBase&) = delete;
    HeldBase& operator=(const HeldBase&) = delete;
  };
  template <typename Options>
  struct Held : HeldBase {
    Options options;
  };

  Command add_verb(const Command& parent, const VerbText& text,
                   std::function<ExitCode(Client&)> run);

  CLI::App* app_;
  std::vector<std::unique_ptr<HeldBase>> held_;
  std::map<const CLI::Option*, Completion> completions_;
  std::function<ExitCode(Client&)> chosen_;
};

/// Options for verbs without any.
struct NoOptions {};

}  // namespace bellhop::ctl

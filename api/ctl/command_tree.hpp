// The tree of commands: nouns, their verbs, what each verb takes, and what runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/ctl/exit_code.hpp"

namespace bellhop::ctl {

class Client;

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

/// A verb that has been added, and where its options are put when the command line is read.
template <typename Options>
struct Verb {
  CLI::App& command;
  Options& options;
};

/// Builds the tree into a CLI::App and keeps what the command line is read into. The App outlives
/// it. Nothing is run while the line is read, so a line with a mistake does nothing.
class CommandTree {
 public:
  explicit CommandTree(CLI::App& root) : root_(&root) {}

  /// A noun below `parent`, which needs a verb.
  CLI::App& noun(CLI::App& parent, const char* name, const char* summary);
  [[nodiscard]] CLI::App& root() { return *root_; }

  /// A verb below `parent`; `run` gets the options as read.
  template <typename Options>
  Verb<Options> verb(CLI::App& parent, const VerbText& text,
                     ExitCode (*run)(Client&, const Options&)) {
    auto held = std::make_unique<Held<Options>>();
    Options& options = held->options;
    held_.push_back(std::move(held));
    CLI::App& command = add_command(parent, text);
    command.callback([this, run, &options] {
      chosen_ = [run, &options](Client& client) { return run(client, options); };
    });
    return {command, options};
  }

  /// What the line that was read asks for; empty before that.
  [[nodiscard]] const std::function<ExitCode(Client&)>& chosen() const { return chosen_; }

  /// Says what the shell may offer; `words` are also the only values that are accepted.
  void accept_words(CLI::Option& option, std::vector<std::string> words);
  void offer_words(const CLI::Option& option, std::vector<std::string> words);
  void offer_names(const CLI::Option& option, std::string kind);
  void offer_files(const CLI::Option& option);
  [[nodiscard]] Completion completion_of(const CLI::Option& option) const;

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

  static CLI::App& add_command(CLI::App& parent, const VerbText& text);

  CLI::App* root_;
  std::vector<std::unique_ptr<HeldBase>> held_;
  std::map<const CLI::Option*, Completion> completions_;
  std::function<ExitCode(Client&)> chosen_;
};

/// Options for verbs without any.
struct NoOptions {};

/// Options that are read by units.hpp; `name` and `help` as CLI11 takes them.
CLI::Option& add_size(CLI::App& command, const char* name, std::uint64_t& target, const char* help);
CLI::Option& add_rate(CLI::App& command, const char* name, std::uint64_t& target, const char* help);
CLI::Option& add_duration(CLI::App& command, const char* name, std::chrono::milliseconds& target,
                          const char* help);
/// Checked when read; the text is kept, for what it means depends on the time.
CLI::Option& add_moment(CLI::App& command, const char* name, std::string& target, const char* help);

}  // namespace bellhop::ctl

// Ad-hoc commands (XEP-0050): features register them, users find and run them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "component/runtime/types.hpp"
#include "component/xmpp/command_sessions.hpp"
#include "component/xmpp/disco.hpp"
#include "component/xmpp/iq_router.hpp"

namespace bellhop::xmpp {

/// What a command is given for one step.
struct CommandInput {
  Jid requester;  ///< as in the request, usually full
  std::string lang;
  std::string state = {};  ///< of the stage whose form was filled in; "" at first
  std::optional<DataForm> form = std::nullopt;  ///< that form, checked; none at the first step
  bool is_completing = false;                   ///< the user wants no further form
};

/// The end of a run. One that has failed says so by a note of type error (ADH-09).
struct CommandDone {
  std::optional<DataForm> form = std::nullopt;  ///< of type result
  std::vector<CommandNote> notes = {};
};

/// The next form, or the end. Any refusal ends the session, but for errors::bad_payload: then the
/// same form may be submitted again (ADH-07).
using CommandResult = Decision<std::variant<CommandStage, CommandDone>>;

/// What a feature lets users do. It keeps nothing about its runs: where one stands is in
/// CommandStage::state.
class Command {
 public:
  virtual ~Command() = default;
  /// One step. ADM-04: nothing takes effect before the form that leads to the end is submitted.
  [[nodiscard]] virtual runtime::Task<CommandResult> run(CommandInput input) = 0;
};

/// How a command is found.
struct CommandEntry {
  std::string node;
  std::string name;                         ///< for people, English
  std::function<bool(const Jid&)> may_run;  ///< who sees and runs it
};

/// The commands of one component. Control shard.
class Commands final : public DiscoNodes {
 public:
  /// `own_jid` is the component's; `languages` (not empty) are those that all commands can answer
  /// in, the usual one first.
  Commands(std::string own_jid, std::vector<std::string> languages,
           const CommandSessions::Limits& limits);

  /// `command` must outlive this object. One command for each node; a second one is a bug of ours.
  void add(CommandEntry entry, Command& command);
  /// Registers the route, the feature and the nodes.
  void attach(IqRouter& router, Disco& disco);

  /// ADH-01; errors::forbidden for a command that `requester` may not run (ADH-08).
  [[nodiscard]] std::optional<base::Result<DiscoInfo>> info(std::string_view node,
                                                            const Jid& requester) const override;
  [[nodiscard]] std::optional<base::Result<std::vector<DiscoItem>>> items(
      std::string_view node, const Jid& requester) const override;

  /// ADH-02 to ADH-11.
  [[nodiscard]] runtime::Task<Reply> handle(Iq iq);

  [[nodiscard]] const CommandSessions& sessions() const { return sessions_; }

 private:
  struct Row {
    CommandEntry entry;
    Command* command;  // not owned
  };
  struct Step;

  [[nodiscard]] const Row* find(std::string_view node) const;
  [[nodiscard]] base::Result<const Row*> choose(const CommandRequest& request,
                                                const Jid& requester) const;
  [[nodiscard]] Decision<std::variant<Step, Element>> begin(const CommandRequest& request,
                                                            const Jid& requester);
  [[nodiscard]] Decision<std::variant<Step, Element>> go_on(const CommandRequest& request,
                                                            const Jid& requester);
  [[nodiscard]] runtime::Task<Reply> run(const Row& row, Step step);
  [[nodiscard]] Reply settle(const Step& step, CommandResult result);

  std::string own_jid_;
  std::vector<std::string> languages_;
  std::vector<Row> rows_;
  CommandSessions sessions_;
};

}  // namespace bellhop::xmpp

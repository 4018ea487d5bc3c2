#include "component/xmpp/commands.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

CommandAnswer answer_of(const std::string& id, const CommandSession& session,
                        CommandStatus status) {
  return {.node = session.node, .session_id = id, .lang = session.lang, .status = status};
}

// The present form of a session, as the user is shown it.
Element show_stage(const std::string& id, const CommandSession& session) {
  CommandAnswer answer = answer_of(id, session, CommandStatus::executing);
  answer.actions = session.dialogue.actions();
  answer.notes = session.dialogue.stage().notes;
  answer.form = session.dialogue.stage().form;
  return to_element(answer);
}

// DEVIATION: XEP-0050 §3.5.1 wants a form of type cancel to be taken for a submit, which would do
// what the user has just called off.
CommandAction action_of(const CommandRequest& request) {
  const bool is_called_off = request.form && request.form->type == FormType::cancel;
  return is_called_off ? CommandAction::cancel : request.action;
}

// Frees a session however the step on it ends: one whose step was cut short is closed.
class Busy {
 public:
  Busy(CommandSessions& sessions, std::string id) : sessions_(sessions), id_(std::move(id)) {
    sessions_.peek(id_)->is_busy = true;
  }
  ~Busy() {
    CommandSession* session = sessions_.peek(id_);
    if (session == nullptr) return;
    session->is_busy = false;
    if (!is_done_) sessions_.close(id_);
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

  void done() { is_done_ = true; }

 private:
  CommandSessions& sessions_;
  std::string id_;
  bool is_done_ = false;
};

}  // namespace

/// One call of a command, for one session.
struct Commands::Step {
  Step(std::string session, CommandInput given) : id(std::move(session)), input(std::move(given)) {}

  std::string id;
  CommandInput input;
};

Commands::Commands(std::string own_jid, std::vector<std::string> languages,
                   const CommandSessions::Limits& limits)
    : own_jid_(std::move(own_jid)), languages_(std::move(languages)), sessions_(limits) {
  BELLHOP_ASSERT(!languages_.empty());
}

void Commands::add(CommandEntry entry, Command& command) {
  BELLHOP_ASSERT(find(entry.node) == nullptr && entry.node != ns::kCommands);
  rows_.push_back(Row{std::move(entry), &command});
}

void Commands::attach(IqRouter& router, Disco& disco) {
  disco.info().add_feature(ns::kCommands);
  disco.add_nodes(*this);
  router.add_task({IqType::set, "command", ns::kCommands},
                  [this](Iq iq) { return handle(std::move(iq)); });
}

const Commands::Row* Commands::find(std::string_view node) const {
  const auto row =
      std::ranges::find_if(rows_, [&](const Row& other) { return other.entry.node == node; });
  return row == rows_.end() ? nullptr : &*row;
}

std::optional<base::Result<DiscoInfo>> Commands::info(std::string_view node,
                                                      const Jid& requester) const {
  DiscoInfo info;
  if (node == ns::kCommands) {
    info.add_identity({.category = "automation", .type = "command-list", .name = "Commands"});
    info.add_feature(ns::kCommands);
    return base::Result<DiscoInfo>(std::move(info));
  }
  const Row* row = find(node);
  if (row == nullptr) return std::nullopt;
  // XEP-0050 §2.2.
  if (!row->entry.may_run(requester))
    return base::Result<DiscoInfo>(base::Error(errors::forbidden));
  info.add_identity({.category = "automation", .type = "command-node", .name = row->entry.name});
  info.add_feature(ns::kCommands);
  info.add_feature(ns::kDataForms);
  return base::Result<DiscoInfo>(std::move(info));
}

std::optional<base::Result<std::vector<DiscoItem>>> Commands::items(std::string_view node,
                                                                    const Jid& requester) const {
  using Items = base::Result<std::vector<DiscoItem>>;
  std::vector<DiscoItem> items;
  if (node == ns::kCommands) {
    for (const Row& row : rows_) {
      if (!row.entry.may_run(requester)) continue;
      items.push_back({.jid = own_jid_, .node = row.entry.node, .name = row.entry.name});
    }
    return Items(std::move(items));
  }
  const Row* row = find(node);
  if (row == nullptr) return std::nullopt;
  if (!row->entry.may_run(requester)) return Items(base::Error(errors::forbidden));
  return Items(std::move(items));
}

base::Result<const Commands::Row*> Commands::choose(const CommandRequest& request,
                                                    const Jid& requester) const {
  const Row* row = find(request.node);
  if (row == nullptr) {
    // ADM-05: a client that sees a standard command missing may look for no other.
    const bool is_admin = request.node.starts_with(std::string(ns::kAdmin) + '#');
    return base::Error(is_admin ? errors::feature_not_implemented : errors::item_not_found,
                       "unknown command");
  }
  if (!row->entry.may_run(requester)) return base::Error(errors::forbidden, "not their command");
  return row;
}

Decision<std::variant<Commands::Step, Element>> Commands::begin(const CommandRequest& request,
                                                                const Jid& requester) {
  if (request.action != CommandAction::execute) {
    return command_refusal(errors::bad_action, "no session to do this in");
  }
  CommandSession session{.node = request.node, .lang = choose_language(request.lang, languages_)};
  CommandInput input{.requester = requester, .lang = session.lang};
  auto id = sessions_.open(requester, std::move(session), base::Clock::now());
  if (!id) return id.error();
  return std::variant<Step, Element>(Step(std::move(*id), std::move(input)));
}

Decision<std::variant<Commands::Step, Element>> Commands::go_on(const CommandRequest& request,
                                                                const Jid& requester) {
  using Next = std::variant<Step, Element>;
  const std::string& id = request.session_id;
  auto found = sessions_.find(id, requester, request.node, base::Clock::now());
  if (!found) return found.error();
  CommandSession& session = **found;
  const CommandAction asked = action_of(request);
  if (asked == CommandAction::cancel) {  // ADH-05; what runs for it at this moment comes to nothing
    Element canceled = to_element(answer_of(id, session, CommandStatus::canceled));
    sessions_.close(id);
    return Next(std::move(canceled));
  }
  if (session.is_busy) return command_refusal(errors::bad_action, "the last step still runs");
  const auto action = session.dialogue.resolve(asked);
  if (!action) return action.error();
  if (*action == CommandAction::prev) {
    session.dialogue.go_back();
    return Next(show_stage(id, session));
  }
  auto filled = session.dialogue.fill(request.form);
  if (!filled) return filled.error();
  CommandInput input{.requester = requester,
                     .lang = session.lang,
                     .state = session.dialogue.stage().state,
                     .form = std::move(*filled),
                     .is_completing = *action == CommandAction::complete};
  return Next(Step(id, std::move(input)));
}

runtime::Task<Reply> Commands::handle(Iq iq) {
  auto request = parse_command(iq);
  if (!request) co_return request.error();
  const auto row = choose(*request, iq.from);
  if (!row) co_return row.error();
  const bool is_new = request->session_id.empty();
  auto next = is_new ? begin(*request, iq.from) : go_on(*request, iq.from);
  if (!next) co_return next.error();
  if (auto* answer = std::get_if<Element>(&*next)) {
    co_return Reply(std::optional<Element>(std::move(*answer)));
  }
  Step step = std::move(std::get<Step>(*next));
  co_return co_await run(**row, std::move(step));
}

runtime::Task<Reply> Commands::run(const Row& row, Step step) {
  Busy busy(sessions_, step.id);
  CommandInput input = step.input;
  CommandResult result = co_await row.command->run(std::move(input));
  busy.done();
  co_return settle(step, std::move(result));
}

Reply Commands::settle(const Step& step, CommandResult result) {
  CommandSession* session = sessions_.peek(step.id);
  if (session == nullptr) return command_refusal(errors::session_expired, "ended meanwhile");
  if (!result) {
    const bool may_try_again =
        result.error().is(errors::bad_payload) && session->dialogue.has_stage();
    if (!may_try_again) sessions_.close(step.id);
    return result.error();
  }
  if (auto* stage = std::get_if<CommandStage>(&*result)) {
    session->dialogue.advance(step.input.form, std::move(*stage));
    return std::optional<Element>(show_stage(step.id, *session));
  }
  auto& done = std::get<CommandDone>(*result);
  CommandAnswer answer = answer_of(step.id, *session, CommandStatus::completed);
  answer.notes = std::move(done.notes);
  answer.form = std::move(done.form);
  sessions_.close(step.id);
  return std::optional<Element>(to_element(answer));
}

}  // namespace bellhop::xmpp

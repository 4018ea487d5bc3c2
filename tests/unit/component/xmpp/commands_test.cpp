// Ad-hoc commands as users find and run them, through a real router.
#include "component/xmpp/commands.hpp"

#include <gtest/gtest.h>

#include "component/runtime/event.hpp"
#include "component/xmpp/errors.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::xmpp {
namespace {

using test::condition_of;

constexpr std::string_view kCommandsNode = "http://jabber.org/protocol/commands";

// Asks for a name, then for a yes, then greets; each step may be held up by the test.
class Greeting final : public Command {
 public:
  explicit Greeting(runtime::Executor executor) : released_(executor), executor_(executor) {}

  runtime::Task<CommandResult> run(CommandInput input) override {
    inputs_.push_back(input);
    if (is_held_) {
      co_await released_.wait();
      co_await boost::asio::post(executor_,
                                 boost::asio::deferred);  // throws where it was cancelled
    }
    co_return answer(input);
  }
  void hold() { is_held_ = true; }
  void release() {
    is_held_ = false;
    released_.set();
  }

  std::vector<CommandInput> inputs_;

 private:
  static CommandResult answer(const CommandInput& input) {
    if (input.state.empty()) return ask_name();
    const std::string name(input.form->field("name") != nullptr ? input.form->field("name")->value()
                                                                : "");
    if (name == "nobody") {
      return command_refusal(errors::bad_payload, "nobody", "Nobody is called that.");
    }
    if (name == "devil") return base::Error(errors::not_allowed, "not them");
    if (input.state == "name" && !input.is_completing) return ask_whether(name);
    const bool is_sure = input.state == "name" || input.form->field("sure")->is_true();
    const NoteType type = is_sure ? NoteType::info : NoteType::error;
    CommandDone done;
    done.notes.push_back({type, is_sure ? "Hello." : "Then not."});
    return std::variant<CommandStage, CommandDone>(std::move(done));
  }
  static CommandResult ask_name() {
    CommandStage stage{.form = DataForm::with_form_type(FormType::form, "urn:greeting"),
                       .state = "name",
                       .leads = CommandStage::Leads::to_either};
    stage.form.add({.var = "name", .type = FieldType::text_single, .is_required = true});
    return std::variant<CommandStage, CommandDone>(std::move(stage));
  }
  static CommandResult ask_whether(const std::string& name) {
    CommandStage stage{.form = DataForm{.type = FormType::form, .title = "Greet " + name},
                       .state = "sure"};
    stage.form.add({.var = "sure", .type = FieldType::boolean, .values = {"1"}});
    return std::variant<CommandStage, CommandDone>(std::move(stage));
  }

  bool is_held_ = false;
  runtime::Event released_;
  runtime::Executor executor_;
};

// Ends at once.
class Closing final : public Command {
 public:
  runtime::Task<CommandResult> run(CommandInput input) override {
    CommandDone done;
    done.form = DataForm{.type = FormType::result, .title = input.lang};
    co_return std::variant<CommandStage, CommandDone>(std::move(done));
  }
};

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    const auto all = [](const Jid&) { return true; };
    const auto admins = [](const Jid& jid) { return jid.local() == "admin"; };
    commands_.add({.node = "greet", .name = "Greet somebody", .may_run = all}, greeting_);
    commands_.add({.node = "close", .name = "Close", .may_run = admins}, closing_);
    commands_.attach(routed_.router, disco_);
    disco_.add_routes(routed_.router);
  }
  ~CommandsTest() override {
    const auto ending = runtime::test::start(routed_.context, routed_.router.stop());
    EXPECT_TRUE(runtime::test::run_until(routed_.context, [&] { return ending->is_done; }));
  }

  // Sends a command by `from` and lets it run until it waits; the answer is what was sent.
  Element send(std::string_view attributes, std::string_view children = "",
               std::string_view from = "romeo@example.net/Orchard") {
    std::string xml = "<command xmlns='http://jabber.org/protocol/commands' ";
    xml.append(attributes).append(">").append(children).append("</command>");
    Element request = test::request("set", xml);
    request.set("from", from);
    routed_.sent.clear();
    routed_.router.route(std::move(request));
    return last();
  }
  Element last() {
    routed_.settle();
    EXPECT_LE(routed_.sent.size(), 1U);
    return routed_.sent.empty() ? Element("none", "") : routed_.sent.back();
  }
  // The same for a step of the session that send("node='greet'") began.
  Element step(std::string_view action, std::string_view fields = "",
               std::string_view type = "submit") {
    std::string form;
    if (!fields.empty()) {
      form.append("<x xmlns='jabber:x:data' type='").append(type).append("'>");
      form.append(fields).append("</x>");
    }
    return send("node='greet' sessionid='" + id_ + "'" +
                    (action.empty() ? "" : " action='" + std::string(action) + "'"),
                form);
  }
  Element begin() {
    Element answer = send("node='greet'");
    id_ = command_of(answer).attribute("sessionid");
    return answer;
  }
  static std::string field(std::string_view var, std::string_view value) {
    std::string xml = "<field var='";
    return xml.append(var).append("'><value>").append(value).append("</value></field>");
  }
  static const Element& command_of(const Element& answer) {
    static const Element none("none", "");
    const Element* command = answer.child("command", ns::kCommands);
    EXPECT_NE(command, nullptr) << test::written(answer);
    return command == nullptr ? none : *command;
  }
  // The form of an answer; an empty one if there is none.
  static DataForm form_of(const Element& answer) {
    const Element* x = command_of(answer).child("x", ns::kDataForms);
    EXPECT_NE(x, nullptr) << test::written(answer);
    return x == nullptr ? DataForm() : parse_data_form(*x).value();
  }
  static std::string status_of(const Element& answer) {
    return std::string(command_of(answer).attribute("status"));
  }
  // The application condition of an error.
  static std::string reason_of(const Element& answer) {
    return condition_of(answer) + ' ' + read_error(answer).application;
  }

  test::Routed routed_;
  Disco disco_{config::ContactSettings()};
  Greeting greeting_{routed_.context.get_executor()};
  Closing closing_;
  Commands commands_{std::string(test::kOwnDomain), {"en", "de"}, {.per_user_max = 3}};
  std::string id_;
};

// ADH-01
TEST_F(CommandsTest, AreListedToWhoMayRunThem) {
  EXPECT_TRUE(disco_.info().has_feature(kCommandsNode));
  const std::string query =
      "<query xmlns='http://jabber.org/protocol/disco#items' "
      "node='http://jabber.org/protocol/commands'/>";
  EXPECT_EQ(to_xml(*routed_.get(query).first_child()),
            "<query xmlns='http://jabber.org/protocol/disco#items' "
            "node='http://jabber.org/protocol/commands'>"
            "<item jid='bellhop.example.org' node='greet' name='Greet somebody'/></query>");
  Element request = test::request("get", query);
  request.set("from", "admin@example.net");
  EXPECT_EQ(routed_.answer(std::move(request)).first_child()->children().size(), 2U);
}

// ADH-01, DSC-04, DSC-05
TEST_F(CommandsTest, AreNodesOfDiscovery) {
  const auto info = [&](std::string_view node) {
    std::string query = "<query xmlns='http://jabber.org/protocol/disco#info' node='";
    return routed_.get(query.append(node).append("'/>"));
  };
  const DiscoInfo list = *parse_disco_info(*info(kCommandsNode).first_child());
  EXPECT_TRUE(list.has_identity("automation", "command-list"));
  const Element answer = info("greet");
  EXPECT_EQ(answer.first_child()->attribute("node"), "greet");
  const DiscoInfo greet = *parse_disco_info(*answer.first_child());
  EXPECT_EQ(greet.identities,
            (std::vector<Identity>{
                {.category = "automation", .type = "command-node", .name = "Greet somebody"}}));
  EXPECT_EQ(greet.features,
            (std::vector<std::string>{std::string(kCommandsNode), "jabber:x:data"}));
  EXPECT_EQ(condition_of(info("close")), "auth forbidden");
  EXPECT_EQ(condition_of(info("other")), "cancel item-not-found");
  const auto items = [&](std::string_view node) {
    std::string query = "<query xmlns='http://jabber.org/protocol/disco#items' node='";
    return routed_.get(query.append(node).append("'/>"));
  };
  EXPECT_TRUE(items("greet").first_child()->children().empty());
  EXPECT_EQ(condition_of(items("close")), "auth forbidden");
  EXPECT_EQ(condition_of(items("other")), "cancel item-not-found");
}

// ADH-02
TEST_F(CommandsTest, ShowAFormAndItsActions) {
  const Element answer = begin();
  EXPECT_EQ(status_of(answer), "executing");
  EXPECT_EQ(id_.size(), 64U);
  const Element* actions = command_of(answer).child("actions", ns::kCommands);
  ASSERT_NE(actions, nullptr);
  EXPECT_EQ(actions->attribute("execute"), "next");
  EXPECT_NE(actions->child("next", ns::kCommands), nullptr);
  EXPECT_NE(actions->child("complete", ns::kCommands), nullptr);
  EXPECT_EQ(actions->child("prev", ns::kCommands), nullptr);
  EXPECT_EQ(form_of(answer).form_type(), "urn:greeting");
  EXPECT_EQ(greeting_.inputs_.at(0).requester.text(), "romeo@example.net/Orchard");
}

// ADH-02: some need no form.
TEST_F(CommandsTest, MayEndAtOnce) {
  const Element answer = send("node='close' action='execute'", "", "admin@example.net/o");
  EXPECT_EQ(status_of(answer), "completed");
  EXPECT_NE(command_of(answer).attribute("sessionid"), "");
  EXPECT_EQ(form_of(answer).type, FormType::result);
  EXPECT_EQ(commands_.sessions().size(), 0U);
}

// ADH-06
TEST_F(CommandsTest, GoFromStageToStageAndBack) {
  begin();
  const Element second = step("next", field("name", "Juliet"));
  EXPECT_EQ(status_of(second), "executing");
  EXPECT_EQ(form_of(second).title, "Greet Juliet");
  EXPECT_FALSE(greeting_.inputs_.at(1).is_completing);
  const Element first = step("prev");
  EXPECT_EQ(status_of(first), "executing");
  EXPECT_EQ(form_of(first).field("name")->value(), "Juliet");
  EXPECT_EQ(greeting_.inputs_.size(), 2U) << "going back asks nobody";
  step("execute", field("name", "Benvolio"));
  const Element done = step("", field("sure", "1"));  // execute stands for complete here
  EXPECT_EQ(status_of(done), "completed");
  EXPECT_TRUE(greeting_.inputs_.back().is_completing);
  EXPECT_EQ(command_of(done).child("note", ns::kCommands)->text(), "Hello.");
  EXPECT_EQ(commands_.sessions().size(), 0U);
}

// ADH-06
TEST_F(CommandsTest, MayBeCompletedEarly) {
  begin();
  EXPECT_EQ(status_of(step("complete", field("name", "Juliet"))), "completed");
}

// ADH-09
TEST_F(CommandsTest, ThatFailedAreCompletedWithAnErrorNote) {
  begin();
  step("next", field("name", "Juliet"));
  const Element done = step("complete", field("sure", "0"));
  EXPECT_EQ(status_of(done), "completed");
  EXPECT_EQ(command_of(done).child("note", ns::kCommands)->attribute("type"), "error");
}

// ADH-05
TEST_F(CommandsTest, CanBeCancelled) {
  begin();
  const Element answer = step("cancel");
  EXPECT_EQ(status_of(answer), "canceled");
  EXPECT_EQ(command_of(answer).attribute("sessionid"), id_);
  EXPECT_EQ(commands_.sessions().size(), 0U);
  EXPECT_EQ(reason_of(step("next", field("name", "x"))), "cancel not-allowed session-expired");
}

// ADH-05: a form that is called off does nothing.
TEST_F(CommandsTest, CanBeCancelledByTheForm) {
  begin();
  EXPECT_EQ(status_of(step("next", field("name", "Juliet"), "cancel")), "canceled");
  EXPECT_EQ(greeting_.inputs_.size(), 1U);
}

// ADH-03
TEST_F(CommandsTest, KeepTheirSessionsForTheirOwners) {
  begin();
  const std::string attributes = "node='greet' sessionid='" + id_ + "'";
  EXPECT_EQ(reason_of(send(attributes, "", "romeo@example.net/other")),
            "modify bad-request bad-sessionid");
  EXPECT_EQ(reason_of(send(attributes, "", "mallory@example.net/Orchard")),
            "modify bad-request bad-sessionid");
  EXPECT_EQ(reason_of(send("node='greet' sessionid='guess'")), "modify bad-request bad-sessionid");
  step("complete", field("name", "Juliet"));
  EXPECT_EQ(reason_of(step("complete")), "cancel not-allowed session-expired");
}

// ADH-04
TEST_F(CommandsTest, RefuseWrongActionsAndLanguages) {
  EXPECT_EQ(reason_of(send("node='greet' action='jump'")), "modify bad-request malformed-action");
  EXPECT_EQ(reason_of(send("node='greet' action='next'")), "modify bad-request bad-action");
  EXPECT_EQ(reason_of(send("node='greet' xml:lang='-'")), "modify bad-request bad-locale");
  begin();
  EXPECT_EQ(reason_of(step("prev")), "modify bad-request bad-action");
}

// ADH-07: and the session stays alive.
TEST_F(CommandsTest, TellWhatIsWrongWithAForm) {
  begin();
  EXPECT_EQ(reason_of(step("next")), "modify bad-request bad-payload");
  const Element refused = step("next", field("other", "x"));
  EXPECT_EQ(reason_of(refused), "modify bad-request bad-payload");
  EXPECT_EQ(read_error(refused).text, "\"name\" is required.");
  EXPECT_EQ(read_error(step("next", field("name", "nobody"))).text, "Nobody is called that.");
  EXPECT_EQ(status_of(step("next", field("name", "Juliet"))), "executing");
}

TEST_F(CommandsTest, EndWithAnyOtherRefusal) {
  begin();
  EXPECT_EQ(condition_of(step("next", field("name", "devil"))), "cancel not-allowed");
  EXPECT_EQ(commands_.sessions().size(), 0U);
}

// ADH-08
TEST_F(CommandsTest, AreRefusedToWhoMayNotRunThem) {
  EXPECT_EQ(condition_of(send("node='close'")), "auth forbidden");
  EXPECT_EQ(condition_of(send("node='other'")), "cancel item-not-found");
  EXPECT_EQ(condition_of(send("node='http://jabber.org/protocol/admin#shutdown'")),
            "cancel feature-not-implemented");
  EXPECT_EQ(condition_of(routed_.get("<command xmlns='http://jabber.org/protocol/commands' "
                                     "node='greet'/>")),
            "modify bad-request");
}

// ADH-10: of the first request, for the whole session.
TEST_F(CommandsTest, AnswerInTheLanguageThatWasAskedFor) {
  const Element answer = send("node='close' xml:lang='de-CH'", "", "admin@example.net/o");
  EXPECT_EQ(command_of(answer).attribute("xml:lang"), "de");
  EXPECT_EQ(form_of(answer).title, "de");
  EXPECT_EQ(command_of(begin()).attribute("xml:lang"), "en");
}

// ADH-11
TEST_F(CommandsTest, RunSideBySideUpToALimit) {
  begin();
  const std::string first = id_;
  begin();
  EXPECT_NE(id_, first);
  begin();
  EXPECT_EQ(condition_of(send("node='greet'")), "cancel not-allowed");
  EXPECT_EQ(commands_.sessions().size(), 3U);
  EXPECT_EQ(status_of(step("cancel")), "canceled");
  EXPECT_EQ(status_of(begin()), "executing");
}

TEST_F(CommandsTest, TakeOneStepAfterTheOther) {
  begin();
  greeting_.hold();
  EXPECT_EQ(step("next", field("name", "Juliet")).name(), "none") << "it waits";
  EXPECT_EQ(reason_of(step("next", field("name", "Nurse"))), "modify bad-request bad-action");
  routed_.sent.clear();
  greeting_.release();
  EXPECT_EQ(form_of(last()).title, "Greet Juliet");
}

TEST_F(CommandsTest, CanBeCancelledWhileTheyRun) {
  begin();
  greeting_.hold();
  EXPECT_EQ(step("next", field("name", "Juliet")).name(), "none");
  EXPECT_EQ(status_of(step("cancel")), "canceled");
  routed_.sent.clear();
  greeting_.release();
  EXPECT_EQ(reason_of(last()), "cancel not-allowed session-expired");
}

TEST_F(CommandsTest, LeaveNoSessionBehindWhenTheyAreCutShort) {
  greeting_.hold();
  EXPECT_EQ(send("node='greet'").name(), "none");
  EXPECT_EQ(commands_.sessions().size(), 1U);
  const auto ending = runtime::test::start(routed_.context, routed_.router.stop());
  EXPECT_TRUE(runtime::test::run_until(routed_.context, [&] { return ending->is_done; }));
  EXPECT_EQ(condition_of(last()), "wait internal-server-error");
  EXPECT_EQ(commands_.sessions().size(), 0U);
}

}  // namespace
}  // namespace bellhop::xmpp

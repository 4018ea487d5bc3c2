// Ad-hoc commands on the wire: what is read, what is written, in which language.
#include "component/xmpp/command_codec.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

// `<command/>` with these attributes and children, in an IQ with these.
Decision<CommandRequest> read(std::string_view attributes, std::string_view children = "",
                              std::string_view iq_attributes = "") {
  std::string xml = "<iq type='set' id='1' from='romeo@example.net/o' to='bellhop.example.org' ";
  xml.append(iq_attributes).append("><command xmlns='http://jabber.org/protocol/commands' ");
  xml.append(attributes).append(">").append(children).append("</command></iq>");
  return parse_command(parse_iq(test::parse_element(xml), "bellhop.example.org").value());
}

std::string refusal_of(const Decision<CommandRequest>& request) {
  return request ? "none" : std::string(request.error().kind().name);
}

// ADH-02, ADH-06: execute is the default.
TEST(CommandCodec, ReadsANewSession) {
  const auto request = read("node='list'");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->node, "list");
  EXPECT_EQ(request->session_id, "");
  EXPECT_EQ(request->action, CommandAction::execute);
  EXPECT_EQ(request->lang, "");
  EXPECT_FALSE(request->form);
}

TEST(CommandCodec, ReadsAStepOfASession) {
  const auto request = read("node='list' sessionid='s1' action='next' xml:lang='de-AT'",
                            "<x xmlns='jabber:x:data' type='submit'><field var='a'>"
                            "<value>1</value></field></x><other xmlns='urn:x'/>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->session_id, "s1");
  EXPECT_EQ(request->action, CommandAction::next);
  EXPECT_EQ(request->lang, "de-AT");
  ASSERT_TRUE(request->form);
  EXPECT_EQ(request->form->field("a")->value(), "1");
}

// ADH-04
TEST(CommandCodec, KnowsFiveActions) {
  for (const auto& [text, action] : {std::pair{"cancel", CommandAction::cancel},
                                     {"complete", CommandAction::complete},
                                     {"execute", CommandAction::execute},
                                     {"next", CommandAction::next},
                                     {"prev", CommandAction::prev}}) {
    EXPECT_EQ(read("node='n' action='" + std::string(text) + "'")->action, action);
  }
  for (const std::string action : {"", "Next", "delete"}) {
    EXPECT_EQ(refusal_of(read("node='n' action='" + action + "'")), "malformed-action");
  }
}

TEST(CommandCodec, NeedsANode) {
  EXPECT_EQ(refusal_of(read("")), "bad-request");
  EXPECT_EQ(refusal_of(read("node=''")), "bad-request");
}

// ADH-07
TEST(CommandCodec, RefusesMalformedForms) {
  EXPECT_EQ(refusal_of(read("node='n'", "<x xmlns='jabber:x:data' type='what'/>")), "bad-payload");
  EXPECT_EQ(refusal_of(read("node='n'",
                            "<x xmlns='jabber:x:data' type='submit'/>"
                            "<x xmlns='jabber:x:data' type='submit'/>")),
            "bad-payload");
}

// ADH-10, ADH-04: the language stands on the IQ or on the command, which is nearer.
TEST(CommandCodec, ReadsTheLanguage) {
  EXPECT_EQ(read("node='n'", "", "xml:lang='fr'")->lang, "fr");
  EXPECT_EQ(read("node='n' xml:lang='de'", "", "xml:lang='fr'")->lang, "de");
  EXPECT_EQ(read("node='n' xml:lang='zh-Hant-CN-x-private1-private2'")->lang,
            "zh-Hant-CN-x-private1-private2");
  for (const std::string bad : {"-", "de-", "-de", "de--AT", "de AT", "deutschland", "4de",
                                "\xC3\xA4", "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaaa-a"}) {
    EXPECT_EQ(refusal_of(read("node='n' xml:lang='" + bad + "'")), "bad-locale") << bad;
  }
}

// ADH-10
TEST(CommandCodec, ChoosesTheLanguageThatServesBest) {
  const std::vector<std::string> offered{"en", "de", "pt-BR"};
  EXPECT_EQ(choose_language("de", offered), "de");
  EXPECT_EQ(choose_language("DE-at", offered), "de");
  EXPECT_EQ(choose_language("pt", offered), "pt-BR");
  EXPECT_EQ(choose_language("pt-PT", offered), "pt-BR");
  EXPECT_EQ(choose_language("fr", offered), "en");
  EXPECT_EQ(choose_language("", offered), "en");
}

// ADH-02, ADH-10
TEST(CommandCodec, WritesActionsNotesAndForm) {
  CommandAnswer answer{.node = "n",
                       .session_id = "s",
                       .lang = "en",
                       .status = CommandStatus::executing,
                       .actions = CommandActions{.may_go_back = true,
                                                 .may_go_on = true,
                                                 .may_complete = true,
                                                 .execute = CommandAction::next},
                       .notes = {{NoteType::warn, "Careful."}},
                       .form = DataForm{.type = FormType::form}};
  EXPECT_EQ(to_xml(to_element(answer)),
            "<command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='s' "
            "status='executing' xml:lang='en'><actions execute='next'><prev/><next/><complete/>"
            "</actions><note type='warn'>Careful.</note><x xmlns='jabber:x:data' type='form'/>"
            "</command>");
  answer = {.node = "n", .session_id = "s", .lang = "", .status = CommandStatus::canceled};
  EXPECT_EQ(to_xml(to_element(answer)),
            "<command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='s' "
            "status='canceled'/>");
}

// ADH-03, ADH-04, ADH-07: XEP-0050 §4.4.
TEST(CommandCodec, WritesTheConditionOfEachRefusal) {
  for (const base::ErrorKind* kind : errors::kCommandErrors) {
    const Refusal refusal = command_refusal(*kind, "detail", "text");
    const Element error = to_element(refusal, refusal.extras());
    EXPECT_NE(error.child(kind->name, ns::kCommands), nullptr) << kind->name;
    EXPECT_EQ(error.first_child()->name(),
              kind == &errors::session_expired ? "not-allowed" : "bad-request");
    EXPECT_EQ(error.attribute("type"), kind == &errors::session_expired ? "cancel" : "modify");
    EXPECT_EQ(error.child("text", ns::kStanzaErrors)->text(), "text");
  }
}

}  // namespace
}  // namespace bellhop::xmpp

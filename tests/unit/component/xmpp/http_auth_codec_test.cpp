// Confirmation of HTTP requests on the wire: what is shown, what is asked, what is an answer.
#include "component/xmpp/http_auth_codec.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

HttpConfirm confirm() {
  return *make_confirm("a7374", "GET", "https://files.example.org/missive.html");
}

constexpr std::string_view kConfirm =
    "<confirm xmlns='http://jabber.org/protocol/http-auth' id='a7374' method='GET' "
    "url='https://files.example.org/missive.html'/>";

// What a message with this type and content answers.
std::string answer(std::string_view type, std::string_view content) {
  std::string xml = "<message from='romeo@example.net/o' to='bellhop.example.org' type='";
  xml.append(type).append("'>").append(content).append("</message>");
  const auto read = read_confirm_answer(test::parse_element(xml), confirm());
  if (!read) return "no answer";
  return *read ? "yes" : std::string(read->error().kind().name);
}

// HVX-03
TEST(HttpConfirmElement, HasIdMethodAndAddress) {
  EXPECT_EQ(to_xml(to_element(confirm())), kConfirm);
  EXPECT_EQ(*parse_confirm(to_element(confirm())), confirm());
}

TEST(HttpConfirmElement, IsNothingElse) {
  for (const std::string_view bad :
       {"<confirm xmlns='urn:x' id='a' method='GET' url='u'/>",
        "<confirm xmlns='http://jabber.org/protocol/http-auth' method='GET' url='u'/>",
        "<confirm xmlns='http://jabber.org/protocol/http-auth' id='a' url='u'/>",
        "<confirm xmlns='http://jabber.org/protocol/http-auth' id='a' method='GET'/>"}) {
    EXPECT_FALSE(parse_confirm(test::parse_element(bad))) << bad;
  }
}

TEST(MakeConfirm, RefusesWhatNoRequestHas) {
  EXPECT_FALSE(make_confirm("", "GET", "https://a/"));
  for (const std::string_view method : {"", "GET ", "G\nT", "G\xC3\xA4T"}) {
    EXPECT_FALSE(make_confirm("a", method, "https://a/")) << method;
  }
  EXPECT_FALSE(make_confirm("a", std::string(kConfirmMethodBytesMax + 1, 'A'), "https://a/"));
  EXPECT_TRUE(make_confirm("a", "VERSION-CONTROL", "https://a/"));
  for (const std::string_view url : {"", "https://a/ b", "https://a/\n", "https://\xC3\xA4/"}) {
    EXPECT_FALSE(make_confirm("a", "GET", url)) << url;
  }
  EXPECT_TRUE(make_confirm("a", "GET", std::string(kConfirmUrlBytesMax, 'x')));
  EXPECT_FALSE(make_confirm("a", "GET", std::string(kConfirmUrlBytesMax + 1, 'x')));
}

// HVX-05
TEST(TransactionId, IsMadeFitToBeShown) {
  const auto shown = [](std::string_view id) { return make_confirm(id, "GET", "https://a/")->id; };
  EXPECT_EQ(shown("a7374jnj"), "a7374jnj");
  EXPECT_EQ(shown("gr\xC3\xBC\xC3\x9F dich"), "gr\xC3\xBC\xC3\x9F dich");
  EXPECT_EQ(shown("a\r\nb\tc"), "a??b?c");
  EXPECT_EQ(shown("a\xE2\x80\xAE"
                  "b"),
            "a?b")
      << "right-to-left override";
  EXPECT_EQ(shown("a\xE2\x80\x8B"
                  "b"),
            "a?b")
      << "zero width space";
  EXPECT_EQ(shown("a\xEF\xBB\xBF"
                  "b"),
            "a?b")
      << "byte order mark";
  EXPECT_EQ(shown("a\xFF\xC3"
                  "b"),
            "a??b")
      << "not UTF-8";
  EXPECT_EQ(shown(std::string("a\0b", 3)), "a?b");
  const std::string longest(kTransactionCharactersMax, 'x');
  EXPECT_EQ(shown(longest), longest);
  EXPECT_EQ(shown(longest + 'y'), longest);
}

// HVX-03
TEST(ConfirmMessage, IsNormalWithThreadAndWordsForPeople) {
  const Addresses addresses{.from = *Jid::parse("bellhop.example.org"),
                            .to = *Jid::parse("romeo@example.net")};
  const Element message = make_confirm_message(addresses, "t1", confirm());
  EXPECT_EQ(message.attribute("type"), "normal");
  EXPECT_EQ(message.attribute("to"), "romeo@example.net");
  EXPECT_EQ(message.attribute("from"), "bellhop.example.org");
  EXPECT_EQ(message.attribute("id"), "t1");
  EXPECT_EQ(message.child("thread", ns::kComponentAccept)->text(), "t1");
  EXPECT_EQ(to_xml(*message.child("confirm", ns::kHttpAuth)), kConfirm);
  const std::string& body = message.child("body", ns::kComponentAccept)->text();
  EXPECT_NE(body.find("a7374"), std::string::npos);
  EXPECT_NE(body.find("https://files.example.org/missive.html"), std::string::npos);
  EXPECT_NE(message.child("no-store", ns::kHints), nullptr);
}

TEST(ConfirmMessage, HasAThreadAndAnErrorAtLeastAnId) {
  EXPECT_EQ(thread_of(test::parse_element("<message id='i'><thread> t </thread></message>")), "t");
  EXPECT_EQ(thread_of(test::parse_element("<message id='i'/>")), "");
  EXPECT_EQ(thread_of(test::parse_element("<message id='i' type='error'/>")), "i");
}

// HVX-04
TEST(ConfirmAnswer, IsYesByTheSameElement) {
  EXPECT_EQ(answer("normal", kConfirm), "yes");
  EXPECT_EQ(answer("chat", kConfirm), "yes");
  EXPECT_EQ(answer("normal",
                   "<confirm xmlns='http://jabber.org/protocol/http-auth' id='other' "
                   "method='GET' url='https://files.example.org/missive.html'/>"),
            "no answer");
  EXPECT_EQ(answer("normal",
                   "<body>ok</body><confirm "
                   "xmlns='http://jabber.org/protocol/http-auth' id='a7374'/>"),
            "no answer");
}

// HVX-04: XEP-0070 §4.5 for clients that do not know the protocol.
TEST(ConfirmAnswer, IsYesOrNoInWords) {
  EXPECT_EQ(answer("chat", "<body>OK</body>"), "yes");
  EXPECT_EQ(answer("normal", "<body> ok\n</body>"), "yes");
  EXPECT_EQ(answer("normal", "<body>No</body>"), "not-authorized");
  for (const std::string_view other : {"<body>okay then</body>", "<body/>", "<body>not ok</body>",
                                       "<composing xmlns='urn:x'/>", ""}) {
    EXPECT_EQ(answer("normal", other), "no answer") << other;
  }
}

// HVX-04
TEST(ConfirmAnswer, IsNoByAnyError) {
  const std::string error =
      "<error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  EXPECT_EQ(answer("error", std::string(kConfirm) + error), "not-authorized");
  EXPECT_EQ(answer("error",
                   "<error type='cancel'><service-unavailable "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"),
            "service-unavailable");
  EXPECT_EQ(answer("error", kConfirm), "undefined-condition");
}

TEST(ConfirmAnswer, ComesFromNoRoom) {
  EXPECT_EQ(answer("groupchat", kConfirm), "no answer");
  EXPECT_EQ(answer("headline", kConfirm), "no answer");
}

}  // namespace
}  // namespace bellhop::xmpp

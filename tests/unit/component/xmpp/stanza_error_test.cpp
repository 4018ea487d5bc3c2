// Errors as they are sent, and as they come from peers of any age.
#include "component/xmpp/stanza_error.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using base::StanzaErrorType;

std::string rendered(const base::Error& error, const ErrorExtras& extras = {}) {
  return to_xml(to_element(error, extras), ns::kComponentAccept);
}

ReceivedError received(std::string_view error) {
  return read_error(test::parse_element("<iq type='error'>" + std::string(error) + "</iq>"));
}

// STZ-06, BAS-10: one condition, a type, a text with its language, no code.
TEST(StanzaError, RendersEachRow) {
  for (const base::ErrorKind* kind : errors::kStanzaConditions) {
    const std::string condition(kind->condition);
    EXPECT_EQ(rendered(*kind), "<error type='" + std::string(to_string(kind->type)) + "'><" +
                                   condition +
                                   " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>" +
                                   std::string(kind->text) + "</text></error>");
  }
}

TEST(StanzaError, NeverSendsTheDetail) {
  EXPECT_EQ(rendered({errors::forbidden, "secret detail"}).find("secret"), std::string::npos);
}

// STZ-14
TEST(StanzaError, PutsTheApplicationConditionBehindTheOthers) {
  const ErrorExtras extras{.text = "\"Size\" is out of range.",
                           .application = Element("bad-payload", ns::kCommands)};
  EXPECT_EQ(rendered(errors::bad_request, extras),
            "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>\"Size\" is out of "
            "range.</text><bad-payload xmlns='http://jabber.org/protocol/commands'/></error>");
}

TEST(StanzaError, IsReadWithAllItsParts) {
  const ReceivedError error = received(
      "<query xmlns='urn:x'/><error type='wait'><text "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>later</text><remote-server-timeout "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><not-connected xmlns='urn:y'/></error>");
  EXPECT_EQ(error.condition, "remote-server-timeout");
  EXPECT_EQ(error.type, StanzaErrorType::wait);
  EXPECT_EQ(error.text, "later");
  EXPECT_EQ(error.application, "not-connected");
  EXPECT_EQ(error.application_xmlns, "urn:y");
}

TEST(StanzaError, TakesTheTypeAsSentAndElseTheUsualOne) {
  const std::string condition =
      "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  EXPECT_EQ(received("<error type='modify'>" + condition).type, StanzaErrorType::modify);
  EXPECT_EQ(received("<error type='auth'>" + condition).type, StanzaErrorType::auth);
  EXPECT_EQ(received("<error>" + condition).type, StanzaErrorType::cancel);
  EXPECT_EQ(received("<error type='continue'>" + condition).type, StanzaErrorType::cancel);
}

// BAS-10: XEP-0086 §3.
TEST(StanzaError, MapsNumericCodes) {
  struct Row {
    std::string_view code;
    std::string_view condition;
    StanzaErrorType type;
  };
  for (const auto& [code, condition, type] :
       {Row{"302", "redirect", StanzaErrorType::modify},
        Row{"400", "bad-request", StanzaErrorType::modify},
        Row{"401", "not-authorized", StanzaErrorType::auth},
        Row{"402", "payment-required", StanzaErrorType::auth},
        Row{"403", "forbidden", StanzaErrorType::auth},
        Row{"404", "item-not-found", StanzaErrorType::cancel},
        Row{"405", "not-allowed", StanzaErrorType::cancel},
        Row{"406", "not-acceptable", StanzaErrorType::modify},
        Row{"407", "registration-required", StanzaErrorType::auth},
        Row{"408", "remote-server-timeout", StanzaErrorType::wait},
        Row{"409", "conflict", StanzaErrorType::cancel},
        Row{"500", "internal-server-error", StanzaErrorType::wait},
        Row{"501", "feature-not-implemented", StanzaErrorType::cancel},
        Row{"502", "service-unavailable", StanzaErrorType::wait},
        Row{"503", "service-unavailable", StanzaErrorType::cancel},
        Row{"504", "remote-server-timeout", StanzaErrorType::wait},
        Row{"510", "service-unavailable", StanzaErrorType::cancel},
        Row{"999", "undefined-condition", StanzaErrorType::cancel}}) {
    const ReceivedError error =
        received("<error code='" + std::string(code) + "'>Old words</error>");
    EXPECT_EQ(error.condition, condition) << code;
    EXPECT_EQ(error.type, type) << code;
    EXPECT_EQ(error.text, "Old words");
  }
}

// BAS-10
TEST(StanzaError, PrefersAConditionToACode) {
  EXPECT_EQ(received("<error code='404' type='wait'><recipient-unavailable "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")
                .condition,
            "recipient-unavailable");
  EXPECT_EQ(received("<error code='403'><made-up xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                     "</error>")
                .condition,
            "forbidden");
}

TEST(StanzaError, IsUndefinedWhenThereIsNothingToRead) {
  for (const std::string_view nothing : {"", "<error/>", "<error xmlns='urn:x' code='404'/>",
                                         "<error><item-not-found xmlns='urn:x'/></error>"}) {
    EXPECT_EQ(received(nothing).condition, "undefined-condition") << nothing;
  }
}

TEST(StanzaError, OfAPeerIsARowOfOurs) {
  const base::Error known = to_error({.condition = "forbidden",
                                      .type = base::StanzaErrorType::auth,
                                      .text = std::string(300, 'x'),
                                      .application = "",
                                      .application_xmlns = ""});
  EXPECT_TRUE(known.is(errors::forbidden));
  EXPECT_EQ(known.detail(), std::string(256, 'x'));
  const base::Error unknown = to_error({.condition = "payment-required",
                                        .type = base::StanzaErrorType::auth,
                                        .text = "",
                                        .application = "",
                                        .application_xmlns = ""});
  EXPECT_TRUE(unknown.is(errors::undefined_condition));
}

TEST(Refusal, IsAnErrorWithMoreToSay) {
  const Refusal plain = base::Error(errors::conflict, "detail");
  EXPECT_TRUE(plain.is(errors::conflict));
  EXPECT_EQ(plain.detail(), "detail");
  EXPECT_EQ(plain.extras().text, "");
  const Decision<int> decision = Refusal(errors::conflict, {.text = "Taken."});
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().extras().text, "Taken.");
}

}  // namespace
}  // namespace bellhop::xmpp

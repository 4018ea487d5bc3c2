// Which IQs are taken, answered or dropped, and what replies look like.
#include "component/xmpp/stanza.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

constexpr std::string_view kDomain = "bellhop.example.org";
constexpr std::string_view kBadRequest =
    "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>The request is malformed.</text>"
    "</error>";

boost::system::result<Iq, IqProblem> parsed(std::string_view xml) {
  return parse_iq(test::parse_element(xml), kDomain);
}

Iq request(std::string_view payload) {
  return parsed(
             "<iq type='set' id='7' from='romeo@example.net/Orchard' "
             "to='bellhop.example.org/x'>" +
             std::string(payload) + "</iq>")
      .value();
}

std::string written(const Element& stanza) {
  return to_xml(stanza, ns::kComponentAccept);
}

// What is sent for an unusable IQ; "dropped" for nothing, "taken" for a usable one.
std::string answer_to(std::string_view xml) {
  const auto iq = parsed(xml);
  if (iq) return "taken";
  const IqProblem problem = iq.error();
  return problem.reply ? written(*problem.reply) : "dropped";
}

TEST(Iq, HasTypeIdAddressesAndPayload) {
  const Iq iq = request("<query xmlns='urn:x'/>");
  EXPECT_EQ(iq.type, IqType::set);
  EXPECT_EQ(iq.id, "7");
  EXPECT_EQ(iq.from.text(), "romeo@example.net/Orchard");
  EXPECT_EQ(iq.to.text(), "bellhop.example.org/x");
  EXPECT_TRUE(iq.is_request());
  EXPECT_TRUE(iq.payload()->is("query", "urn:x"));
}

TEST(Iq, OfTypeErrorHasThePayloadThatIsNotTheError) {
  const std::string start =
      "<iq type='error' id='7' from='romeo@example.net' to='bellhop.example.org'>";
  const Iq echoed = parsed(start + "<error/><query xmlns='urn:x'/></iq>").value();
  EXPECT_TRUE(echoed.payload()->is("query", "urn:x"));
  EXPECT_FALSE(echoed.is_request());
  EXPECT_EQ(parsed(start + "<error/></iq>").value().payload(), nullptr);
}

TEST(Iq, OfTypeResultMayBeEmpty) {
  const Iq iq =
      parsed("<iq type='result' id='7' from='romeo@example.net' to='bellhop.example.org'/>")
          .value();
  EXPECT_EQ(iq.payload(), nullptr);
  EXPECT_FALSE(iq.is_request());
}

// STZ-04
TEST(Iq, WithoutExactlyOneChildIsABadRequest) {
  const std::string start = "<iq type='get' id='7' from='a@b/c' to='bellhop.example.org'>";
  const std::string reply = "<iq type='error' from='bellhop.example.org' to='a@b/c' id='7'>";
  EXPECT_EQ(answer_to(start + "</iq>"), reply + std::string(kBadRequest) + "</iq>");
  EXPECT_EQ(answer_to(start + "<x xmlns='u'/><y xmlns='u'/></iq>"),
            reply + std::string(kBadRequest) + "</iq>");
  EXPECT_EQ(answer_to(start + "<x xmlns='u'/></iq>"), "taken");
}

// STZ-04
TEST(Iq, OfUnknownTypeIsABadRequest) {
  for (const std::string type : {"", "type=''", "type='GET'", "type='ask'"}) {
    EXPECT_EQ(answer_to("<iq " + type +
                        " id='7' from='a@b/c' to='bellhop.example.org'>"
                        "<x xmlns='u'/></iq>"),
              "<iq type='error' from='bellhop.example.org' to='a@b/c' id='7'><x xmlns='u'/>" +
                  std::string(kBadRequest) + "</iq>");
  }
}

// STZ-04
TEST(Iq, WithoutIdIsAnsweredWithoutOne) {
  for (const std::string id : {"", "id=''"}) {
    EXPECT_EQ(answer_to("<iq type='get' " + id +
                        " from='a@b/c' to='bellhop.example.org'>"
                        "<x xmlns='u'/></iq>"),
              "<iq type='error' from='bellhop.example.org' to='a@b/c'><x xmlns='u'/>" +
                  std::string(kBadRequest) + "</iq>");
  }
}

// STZ-05
TEST(Iq, ThatIsAnAnswerIsNeverAnswered) {
  for (const std::string type : {"result", "error"}) {
    const std::string start = "<iq type='" + type + "' from='a@b/c' to='bellhop.example.org'";
    EXPECT_EQ(answer_to(start + "/>"), "dropped");
    EXPECT_EQ(answer_to(start + " id='7'/>"), "taken");
    EXPECT_EQ(answer_to(start + " id='7'><x xmlns='u'/><y xmlns='u'/></iq>"), "taken");
  }
}

// STZ-05
TEST(Stanza, KnowsWhatMayNotBeAnswered) {
  EXPECT_TRUE(is_reply(test::parse_element("<message type='error'/>")));
  EXPECT_TRUE(is_reply(test::parse_element("<presence type='error'/>")));
  EXPECT_TRUE(is_reply(test::parse_element("<iq type='error'/>")));
  EXPECT_TRUE(is_reply(test::parse_element("<iq type='result'/>")));
  EXPECT_FALSE(is_reply(test::parse_element("<iq type='set'/>")));
  EXPECT_FALSE(is_reply(test::parse_element("<message type='result'/>")));
  EXPECT_FALSE(is_reply(test::parse_element("<presence/>")));
}

// STZ-08
TEST(Iq, WithoutUsableAddressesIsDropped) {
  for (const std::string addresses :
       {"from='a@b/c'", "to='bellhop.example.org'", "", "from='' to='bellhop.example.org'",
        "from='a@b/c' to=''", "from='@b' to='bellhop.example.org'",
        "from='a@b/c' to='bellhop.example.org/'", "from='a@b/c' to='other.example.org'",
        "from='a@b/c' to='x.bellhop.example.org'", "from='a@b/c' to='example.org'",
        "from='a@b/c' to='bellhop.example.org@other.example.org'"}) {
    EXPECT_EQ(answer_to("<iq type='get' id='7' " + addresses + "><x xmlns='u'/></iq>"), "dropped")
        << addresses;
  }
}

// STZ-08
TEST(Stanza, HasAddressesAtOurDomainInAnySpelling) {
  const auto message =
      test::parse_element("<message from='A@B/C' to='Files@BELLHOP.example.org./x'/>");
  const auto addresses = parse_addresses(message, kDomain);
  ASSERT_TRUE(addresses);
  EXPECT_EQ(addresses->from.text(), "a@b/C");
  EXPECT_EQ(addresses->to.text(), "files@bellhop.example.org/x");
  const auto foreign = parse_addresses(message, "other.example.org");
  ASSERT_FALSE(foreign);
  EXPECT_TRUE(foreign.error().is(errors::item_not_found));
}

TEST(Iq, IsNothingElse) {
  EXPECT_EQ(answer_to("<message type='get' id='7' from='a@b/c' to='bellhop.example.org'/>"),
            "dropped");
  EXPECT_EQ(answer_to("<iq xmlns='urn:x' type='get' id='7' from='a@b/c' "
                      "to='bellhop.example.org'><x/></iq>"),
            "dropped");
}

// STZ-01
TEST(Reply, GoesBackWithTheSameIdFromTheAddressThatWasAsked) {
  const Iq iq = request("<query xmlns='urn:x'/>");
  EXPECT_EQ(written(make_result(iq)),
            "<iq type='result' from='bellhop.example.org/x' to='romeo@example.net/Orchard' "
            "id='7'/>");
  EXPECT_EQ(written(make_result(iq, Element("query", "urn:x"))),
            "<iq type='result' from='bellhop.example.org/x' to='romeo@example.net/Orchard' "
            "id='7'><query xmlns='urn:x'/></iq>");
}

// STZ-07
TEST(Reply, OfTypeErrorRepeatsTheRequestsChild) {
  const Iq iq = request("<query xmlns='urn:x' sid='1'><activate>a@b</activate></query>");
  EXPECT_EQ(written(make_error(iq, errors::bad_request)),
            "<iq type='error' from='bellhop.example.org/x' to='romeo@example.net/Orchard' id='7'>"
            "<query xmlns='urn:x' sid='1'><activate>a@b</activate></query>" +
                std::string(kBadRequest) + "</iq>");
}

// STZ-07: at the limit and one above.
TEST(Reply, OfTypeErrorRepeatsALargeChildWithoutItsContent) {
  const std::string frame = "<query xmlns='urn:x' sid='1'></query>";
  const std::string text(kEchoBytesMax - frame.size(), 't');
  const auto echo_of = [](const std::string& payload) {
    return written(*make_error(request(payload), errors::bad_request).first_child());
  };
  const std::string largest = "<query xmlns='urn:x' sid='1'>" + text + "</query>";
  EXPECT_EQ(echo_of(largest), largest);
  EXPECT_EQ(echo_of("<query xmlns='urn:x' sid='1'>" + text + "t</query>"),
            "<query xmlns='urn:x' sid='1'/>");
  EXPECT_EQ(echo_of("<query xmlns='urn:x' sid='1'><a>" + text + "</a></query>"),
            "<query xmlns='urn:x' sid='1'/>");
}

// STZ-07
TEST(Reply, OfTypeErrorLeavesOutAChildWhoseAttributesAreTooLarge) {
  const Iq iq = request("<query xmlns='urn:x' sid='" + std::string(kEchoBytesMax, 's') + "'/>");
  const Element reply = make_error(iq, errors::bad_request);
  ASSERT_EQ(reply.children().size(), 1u);
  EXPECT_EQ(reply.first_child()->name(), "error");
}

// STZ-14
TEST(Reply, OfTypeErrorMayHaveAnApplicationCondition) {
  const Element reply = make_error(request("<command xmlns='urn:x'/>"), errors::bad_request,
                                   {.application = Element("bad-action", "urn:y")});
  const Element* error = reply.child("error", ns::kComponentAccept);
  ASSERT_NE(error, nullptr);
  EXPECT_TRUE(error->children().back().is("bad-action", "urn:y"));
}

// CMP-05
TEST(Request, CarriesBothAddressesAndAnId) {
  const Addresses addresses{.from = Jid::parse(kDomain).value(),
                            .to = Jid::parse("example.org").value()};
  EXPECT_EQ(written(make_request(IqType::get, addresses, "p1", Element("ping", ns::kPing))),
            "<iq type='get' from='bellhop.example.org' to='example.org' id='p1'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>");
}

}  // namespace
}  // namespace bellhop::xmpp

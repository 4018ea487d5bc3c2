// Service discovery of one component, asked through a real router.
#include "component/xmpp/disco.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "component/xmpp/data_form.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::xmpp {
namespace {

using test::condition_of;
using test::request;

constexpr std::string_view kInfo = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
constexpr std::string_view kItems = "<query xmlns='http://jabber.org/protocol/disco#items'/>";

std::string info_of_node(std::string_view node) {
  return "<query xmlns='http://jabber.org/protocol/disco#info' node='" + std::string(node) + "'/>";
}

class DiscoTest : public ::testing::Test {
 protected:
  explicit DiscoTest(const config::ContactSettings& contact = {}) : disco_(contact) {
    disco_.info().add_identity({.category = "proxy", .type = "bytestreams", .name = "Bellhop"});
    disco_.info().add_feature(ns::kBytestreams);
    disco_.add_routes(routed_.router);
  }
  // The <query/> of an answer, read back.
  DiscoInfo info(std::string_view payload) {
    const Element answer = routed_.get(payload);
    const Element* query = answer.child("query", ns::kDiscoInfo);
    EXPECT_NE(query, nullptr) << test::written(answer);
    return query == nullptr ? DiscoInfo() : parse_disco_info(*query).value();
  }

  test::Routed routed_;
  Disco disco_;
};

// DSC-01, S5B-01, CAP-05, ESC-04, BAS-07: neither more nor less than what there is.
TEST_F(DiscoTest, ShowsTheIdentityAndEveryFeatureThatIsOn) {
  const DiscoInfo shown = info(kInfo);
  EXPECT_EQ(shown, disco_.info());
  ASSERT_EQ(shown.identities.size(), 1U);
  EXPECT_TRUE(shown.has_identity("proxy", "bytestreams"));
  std::vector<std::string> features = shown.features;
  std::sort(features.begin(), features.end());
  EXPECT_EQ(features,
            (std::vector<std::string>{
                "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/caps",
                "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
                "jid\\20escaping"}));
  EXPECT_TRUE(is_well_formed(shown));
}

// S5B-19
TEST_F(DiscoTest, AnnouncesNoUdp) {
  EXPECT_FALSE(info(kInfo).has_feature("http://jabber.org/protocol/bytestreams#udp"));
}

// DSC-11, DSC-12: whoever asks gets the same answer, and nobody else is in it.
TEST_F(DiscoTest, TellsEverybodyTheSameAndNothingAboutOthers) {
  Element stranger = request("get", kInfo);
  stranger.set("from", "stranger@elsewhere.example");
  const Element answer = routed_.answer(std::move(stranger));
  EXPECT_EQ(answer.children(), routed_.get(kInfo).children());
  EXPECT_EQ(test::written(answer.children().front()).find('@'), std::string::npos);
}

// DSC-04
TEST_F(DiscoTest, DoesNotKnowOtherNodes) {
  EXPECT_EQ(condition_of(routed_.get(info_of_node("nothing"))), "cancel item-not-found");
  EXPECT_EQ(condition_of(routed_.get(info_of_node("https://bellhop.example/"))),
            "cancel item-not-found");
  EXPECT_EQ(condition_of(routed_.get("<query node='nothing' "
                                     "xmlns='http://jabber.org/protocol/disco#items'/>")),
            "cancel item-not-found");
}

// CAP-02, DSC-04
TEST_F(DiscoTest, ShowsTheSameUnderItsCapabilitiesNodeAndMirrorsThat) {
  const std::string node = "https://bellhop.example/#" + caps_ver(disco_.info());
  EXPECT_EQ(info(info_of_node(node)), info(kInfo));
  const Element answer = routed_.get(info_of_node(node));
  EXPECT_EQ(answer.first_child()->attribute("node"), node);
  EXPECT_FALSE(routed_.get(kInfo).first_child()->has_attribute("node"));
}

// CAP-01: what presence carries leads to what discovery shows.
TEST_F(DiscoTest, MakesCapabilitiesThatAPeerCanVerify) {
  const Element caps = disco_.caps();
  EXPECT_TRUE(caps.is("c", ns::kCaps));
  const std::string node =
      std::string(caps.attribute("node")) + "#" + std::string(caps.attribute("ver"));
  EXPECT_TRUE(verify_caps(info(info_of_node(node)), caps.attribute("hash"), caps.attribute("ver")));
}

// DSC-05
TEST_F(DiscoTest, HasAnEmptyListOfItems) {
  EXPECT_EQ(test::written(routed_.get(kItems)),
            "<iq type='result' from='bellhop.example.org' to='romeo@example.net/Orchard' id='7'>"
            "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
}

// DSC-06
TEST_F(DiscoTest, CannotBeSet) {
  EXPECT_EQ(condition_of(routed_.answer(request("set", kInfo))), "modify bad-request");
  EXPECT_EQ(condition_of(routed_.answer(request("set", kItems))), "modify bad-request");
}

// STZ-11
TEST_F(DiscoTest, FindsNobodyBehindALocalpart) {
  EXPECT_EQ(condition_of(routed_.get(kInfo, "bob@bellhop.example.org")), "cancel item-not-found");
}

// ROOM-35: one JID with several identities is found for each of them.
TEST_F(DiscoTest, ShowsSeveralIdentitiesSideBySide) {
  disco_.info().add_identity({.category = "store", .type = "file"});
  const DiscoInfo shown = info(kInfo);
  EXPECT_TRUE(shown.has_identity("proxy", "bytestreams"));
  EXPECT_TRUE(shown.has_identity("store", "file"));
}

TEST_F(DiscoTest, HasNoFormWithoutContacts) {
  EXPECT_TRUE(info(kInfo).forms.empty());
}

class DiscoWithContacts : public DiscoTest {
 protected:
  DiscoWithContacts()
      : DiscoTest({.abuse = {"mailto:abuse@example.org", "xmpp:abuse@example.org"},
                   .admin = {},
                   .feedback = {},
                   .sales = {},
                   .security = {"https://example.org/security.txt?a=1&b=2"},
                   .status = {},
                   .support = {}}) {}
};

// DSC-09, DSC-08
TEST_F(DiscoWithContacts, ShowsTheAddressesThatWereSet) {
  const DiscoInfo shown = info(kInfo);
  ASSERT_EQ(shown.forms.size(), 1U);
  const DataForm& form = shown.forms[0];
  EXPECT_EQ(form.type, FormType::result);
  EXPECT_EQ(form.form_type(), "http://jabber.org/network/serverinfo");
  ASSERT_EQ(form.fields.size(), 3U);
  ASSERT_NE(form.field("abuse-addresses"), nullptr);
  EXPECT_EQ(form.field("abuse-addresses")->type, FieldType::list_multi);
  EXPECT_EQ(form.field("abuse-addresses")->values,
            (std::vector<std::string>{"mailto:abuse@example.org", "xmpp:abuse@example.org"}));
  EXPECT_EQ(form.field("security-addresses")->value(), "https://example.org/security.txt?a=1&b=2");
}

// CAP-02: the form is part of what is hashed.
TEST_F(DiscoWithContacts, HasOtherCapabilitiesThanWithout) {
  EXPECT_NE(disco_.caps().attribute("ver"), Disco({}).caps().attribute("ver"));
  EXPECT_TRUE(verify_caps(info(kInfo), "sha-1", disco_.caps().attribute("ver")));
}

}  // namespace
}  // namespace bellhop::xmpp

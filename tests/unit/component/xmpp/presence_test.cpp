// Presence towards users who add the component to their contacts.
#include "component/xmpp/presence.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using Lines = std::vector<std::string>;

const std::string kStart = "<presence from='bellhop.example.org' to='";
const std::string kCapsOf = "'><c xmlns='http://jabber.org/protocol/caps'/></presence>";

// What a presence of `type` is answered with, as XML; "" is available presence.
Lines answers_to(std::string_view type, bool may_subscribe = true,
                 std::string_view to = "bellhop.example.org") {
  std::string xml = "<presence from='Romeo@example.net/Orchard' to='" + std::string(to) + "'";
  if (!type.empty()) xml += " type='" + std::string(type) + "'";
  const Element presence = test::parse_element(xml + "/>");
  const auto addresses = parse_addresses(presence, "bellhop.example.org");
  EXPECT_TRUE(addresses);
  const auto decide = [&](const Jid& user) {
    EXPECT_EQ(user.text(), "romeo@example.net/Orchard");
    return may_subscribe;
  };
  Lines lines;
  for (const Element& answer :
       answer_presence(presence, *addresses, Element("c", ns::kCaps), decide)) {
    lines.push_back(to_xml(answer, ns::kComponentAccept));
  }
  return lines;
}

// CAP-01: the presence that follows carries capabilities.
TEST(Presence, GrantsASubscriptionAndShowsItself) {
  EXPECT_EQ(answers_to("subscribe"), (Lines{kStart + "romeo@example.net' type='subscribed'/>",
                                            kStart + "romeo@example.net" + kCapsOf}));
}

TEST(Presence, RefusesASubscriptionByWhomItDoesNotServe) {
  EXPECT_EQ(answers_to("subscribe", false),
            Lines{kStart + "romeo@example.net' type='unsubscribed'/>"});
}

TEST(Presence, EndsASubscription) {
  for (const bool may_subscribe : {true, false}) {
    EXPECT_EQ(answers_to("unsubscribe", may_subscribe),
              (Lines{kStart + "romeo@example.net' type='unsubscribed'/>",
                     kStart + "romeo@example.net' type='unavailable'/>"}));
  }
}

// CAP-01
TEST(Presence, AnswersAProbeToTheResourceThatAsked) {
  EXPECT_EQ(answers_to("probe"), Lines{kStart + "romeo@example.net/Orchard" + kCapsOf});
  EXPECT_EQ(answers_to("probe", false), Lines{kStart + "romeo@example.net' type='unsubscribed'/>"});
}

// STZ-05
TEST(Presence, SaysNothingToErrorsAndMereNews) {
  for (const std::string_view type :
       {"error", "", "unavailable", "subscribed", "unsubscribed", "nonsense"}) {
    EXPECT_EQ(answers_to(type), Lines{}) << type;
  }
}

// STZ-11
TEST(Presence, SaysNothingForLocalparts) {
  for (const std::string_view type : {"subscribe", "unsubscribe", "probe"}) {
    EXPECT_EQ(answers_to(type, true, "bob@bellhop.example.org"), Lines{}) << type;
  }
}

}  // namespace
}  // namespace bellhop::xmpp

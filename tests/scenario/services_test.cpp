// What everybody may ask: discovery, basic services, presence; and what no question is answered by.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <regex>
#include <set>

#include "component/xmpp/disco_info.hpp"
#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

using xmpp::Element;

constexpr std::string_view kPing = "<ping xmlns='urn:xmpp:ping'/>";
constexpr std::string_view kDiscoItems = "http://jabber.org/protocol/disco#items";
constexpr std::string_view kCaps = "http://jabber.org/protocol/caps";

xmpp::DiscoInfo info_of(const Element& answer) {
  auto info = xmpp::parse_disco_info(*answer.first_child());
  if (!info) throw Missed("not disco#info");
  return *info;
}

// DSC-01, DSC-02, DSC-03, S5B-01, S5B-19, CAP-05, ESC-04: these features, each once; no UDP.
TEST(Services, InfoListsWhatIsOnAndNothingTwice) {
  Conversation chat;
  const Element answer = chat.ask("get", query(kDiscoInfo));
  std::multiset<std::string> features;
  for (const auto& feature : info_of(answer).features) features.insert(feature);
  const std::multiset<std::string> expected{"http://jabber.org/protocol/bytestreams",
                                            "http://jabber.org/protocol/caps",
                                            "http://jabber.org/protocol/disco#info",
                                            "http://jabber.org/protocol/disco#items",
                                            "jabber:iq:last",
                                            "jabber:iq:version",
                                            "jid\\20escaping",
                                            "urn:xmpp:ping",
                                            "urn:xmpp:time"};
  EXPECT_EQ(features, expected);
  ASSERT_EQ(info_of(answer).identities.size(), 1U);
  EXPECT_EQ(info_of(answer).identities[0].category, "proxy");
  EXPECT_EQ(info_of(answer).identities[0].type, "bytestreams");
}

// DSC-02: a component that offers nothing is no proxy, and takes no bytestream requests.
TEST(Services, ComponentWithoutTheProxyServiceShowsNoProxy) {
  Conversation chat([](auto& settings) { settings.components[0].services.clear(); });
  const Element answer = chat.ask("get", query(kDiscoInfo));
  EXPECT_FALSE(info_of(answer).has_identity("proxy", "bytestreams"));
  EXPECT_FALSE(info_of(answer).identities.empty());
  EXPECT_FALSE(info_of(answer).has_feature(kBytestreams));
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams))), "cancel/service-unavailable");
}

// DSC-05
TEST(Services, ItemsAreAnEmptyList) {
  Conversation chat;
  const Element answer = chat.ask("get", query(kDiscoItems));
  EXPECT_EQ(outcome(answer), "result");
  EXPECT_TRUE(answer.first_child()->is("query", kDiscoItems));
  EXPECT_TRUE(answer.first_child()->children().empty());
}

// DSC-04, DSC-06
TEST(Services, UnknownNodesAndSetsAreRefused) {
  Conversation chat;
  for (const std::string_view xmlns : {kDiscoInfo, kDiscoItems}) {
    const std::string with_node = "<query xmlns='" + std::string(xmlns) + "' node='what'/>";
    EXPECT_EQ(outcome(chat.ask("get", with_node)), "cancel/item-not-found");
    EXPECT_EQ(outcome(chat.ask("set", query(xmlns))), "modify/bad-request");
  }
}

// CAP-01, CAP-02, CAP-03, DSC-04: what presence promises is what the node answers.
TEST(Services, CapabilitiesInPresenceMatchTheirNode) {
  Conversation chat;
  chat.server.send("<presence type='probe' from='requester@example.com/foo' to='" +
                   std::string(kProxy) + "'/>");
  const Element presence = chat.server.next();
  EXPECT_EQ(presence.attribute("to"), kRequester);
  const Element* caps = presence.child("c", kCaps);
  ASSERT_NE(caps, nullptr);
  const std::string node(caps->attribute("node"));
  const std::string ver(caps->attribute("ver"));
  const Element answer = chat.ask(
      "get", "<query xmlns='" + std::string(kDiscoInfo) + "' node='" + node + "#" + ver + "'/>");
  EXPECT_EQ(answer.first_child()->attribute("node"), node + "#" + ver);
  EXPECT_TRUE(xmpp::verify_caps(info_of(answer), caps->attribute("hash"), ver));
  EXPECT_EQ(info_of(answer), info_of(chat.ask("get", query(kDiscoInfo))));
}

// DSC-08, DSC-09
TEST(Services, ContactAddressesAreAResultFormInTheInfo) {
  Conversation chat([](auto& settings) {
    settings.contact.abuse = {"mailto:abuse@example.com", "xmpp:abuse@example.com"};
    settings.contact.support = {"https://example.com/help?a=1&b=2"};
  });
  const Element answer = chat.ask("get", query(kDiscoInfo));
  const Element* form = answer.first_child()->child("x", "jabber:x:data");
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(form->attribute("type"), "result");
  std::map<std::string, std::vector<std::string>> fields;
  for (const Element& entry : form->children()) {
    auto& values = fields[std::string(entry.attribute("var"))];
    for (const Element& value : entry.children()) values.push_back(value.text());
    const bool is_form_type = entry.attribute("var") == "FORM_TYPE";
    EXPECT_EQ(entry.attribute("type"), is_form_type ? "hidden" : "list-multi");
  }
  const std::map<std::string, std::vector<std::string>> expected{
      {"FORM_TYPE", {"http://jabber.org/network/serverinfo"}},
      {"abuse-addresses", {"mailto:abuse@example.com", "xmpp:abuse@example.com"}},
      {"support-addresses", {"https://example.com/help?a=1&b=2"}}};
  EXPECT_EQ(fields, expected);
}

// DSC-11, DSC-12: strangers see the service as users do, and nobody sees what runs.
TEST(Services, DiscoveryTellsStrangersTheSameAndNothingOfOthers) {
  Conversation chat;
  const auto before = info_of(chat.ask("get", query(kDiscoInfo)));
  Pair pair = chat.open("private");
  EXPECT_EQ(info_of(chat.ask("get", query(kDiscoInfo), kStranger)), before);
  EXPECT_TRUE(chat.ask("get", query(kDiscoItems), kStranger).first_child()->children().empty());
}

// BAS-01, STZ-11: a resource is answered like the host itself.
TEST(Services, PingIsAnsweredAtTheHostAndAtItsResources) {
  Conversation chat;
  for (const std::string_view to : {kProxy, std::string_view("proxy.example.com/any")}) {
    const Element answer = chat.ask("get", kPing, kStranger, to);
    EXPECT_EQ(outcome(answer), "result");
    EXPECT_TRUE(answer.children().empty());
  }
}

// BAS-02
TEST(Services, VersionHasNameAndNumberAndNoSystem) {
  Conversation chat;
  const Element answer = chat.ask("get", query("jabber:iq:version"));
  const Element& version = *answer.first_child();
  ASSERT_EQ(version.children().size(), 2U);
  EXPECT_EQ(version.child("name", "jabber:iq:version")->text(), "Bellhop");
  EXPECT_EQ(version.child("version", "jabber:iq:version")->text(), BELLHOP_VERSION);
}

// BAS-03
TEST(Services, LastActivityIsTheUptimeAndOfNobodyElse) {
  Conversation chat;
  const Element answer = chat.ask("get", query("jabber:iq:last"));
  const Element& last = *answer.first_child();
  EXPECT_TRUE(std::regex_match(std::string(last.attribute("seconds")), std::regex("[0-9]{1,2}")));
  EXPECT_EQ(last.text(), "");
  EXPECT_EQ(
      outcome(chat.ask("get", query("jabber:iq:last"), kRequester, "someone@proxy.example.com")),
      "auth/forbidden");
}

// BAS-04, BAS-06
TEST(Services, TimeIsUtc) {
  Conversation chat;
  const Element answer = chat.ask("get", "<time xmlns='urn:xmpp:time'/>");
  const Element& time = *answer.first_child();
  EXPECT_EQ(time.child("tzo", "urn:xmpp:time")->text(), "+00:00");
  const std::regex utc(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  EXPECT_TRUE(std::regex_match(time.child("utc", "urn:xmpp:time")->text(), utc));
}

// BAS-08, STZ-03, BAS-10: errors say so in words, never by number.
TEST(Services, UnknownNamespacesAreServiceUnavailable) {
  Conversation chat;
  for (const std::string_view type : {"get", "set"}) {
    EXPECT_EQ(outcome(chat.ask(type, "<vCard xmlns='vcard-temp'/>")), "cancel/service-unavailable");
    EXPECT_EQ(outcome(chat.ask(type, query("urn:example:unknown"))), "cancel/service-unavailable");
  }
  EXPECT_EQ(outcome(chat.ask("get", "<other xmlns='urn:xmpp:ping'/>")), "modify/bad-request");
  EXPECT_EQ(outcome(chat.ask("set", kPing)), "modify/bad-request");
}

// STZ-11
TEST(Services, NobodyLivesAtALocalpart) {
  Conversation chat;
  for (const std::string_view to : {"user@proxy.example.com", "user@proxy.example.com/home"}) {
    EXPECT_EQ(outcome(chat.ask("get", kPing, kRequester, to)), "cancel/item-not-found");
    EXPECT_EQ(outcome(chat.ask("get", query(kDiscoInfo), kRequester, to)), "cancel/item-not-found");
  }
  chat.server.send(
      "<message from='requester@example.com/foo' to='user@proxy.example.com'/>"
      "<presence from='requester@example.com/foo' to='user@proxy.example.com'/>"
      "<presence type='subscribe' from='requester@example.com' "
      "to='user@proxy.example.com'/>");
  EXPECT_TRUE(chat.is_silent());
}

// STZ-04: the envelope is checked first; an IQ without id is answered without one.
TEST(Services, MalformedEnvelopesAreBadRequests) {
  Conversation chat;
  const std::string two = std::string(kPing) + std::string(kPing);
  EXPECT_EQ(outcome(chat.ask("get", "")), "modify/bad-request");
  EXPECT_EQ(outcome(chat.ask("get", two)), "modify/bad-request");
  EXPECT_EQ(outcome(chat.ask("fetch", kPing)), "modify/bad-request");
  EXPECT_EQ(outcome(chat.ask("", kPing)), "modify/bad-request");
  std::string without_id = iq("get", "", kPing);
  without_id.erase(without_id.find(" id=''"), 6);
  chat.server.send(without_id);
  const Element answer = chat.server.next();
  EXPECT_EQ(outcome(answer), "modify/bad-request");
  EXPECT_FALSE(answer.has_attribute("id"));
}

// STZ-02, STZ-05, BAS-05, BAS-07: messages are nobody's, with headers, with a delay, or as errors.
TEST(Services, AnswersErrorsAndMessagesAreNeverAnswered) {
  Conversation chat;
  const std::string error =
      "<error type='cancel'><item-not-found "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
  const std::string addresses = " from='requester@example.com/foo' to='proxy.example.com'>";
  chat.server.send(iq("result", "1", "") + iq("result", "2", kPing) + iq("error", "3", error) +
                   iq("error", "4", std::string(kPing) + error) + "<message type='error'" +
                   addresses + error + "</message>" + "<presence type='error'" + addresses + error +
                   "</presence>" + "<message" + addresses + "<body>hello</body><headers " +
                   "xmlns='http://jabber.org/protocol/shim'><header name='Store'>false</header>" +
                   "</headers><delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>" +
                   "</message><presence" + addresses + "</presence>");
  EXPECT_TRUE(chat.is_silent());
}

// STZ-06, STZ-07
TEST(Services, ErrorsRepeatTheRequestWithinBounds) {
  Conversation chat;
  const Element small = chat.ask("get", "<x xmlns='u' a='1'><y>z</y></x>");
  const Element* echo = small.child("x", "u");
  ASSERT_NE(echo, nullptr);
  EXPECT_EQ(echo->child("y", "u")->text(), "z");
  const Element large =
      chat.ask("get", "<x xmlns='u' a='1'><y>" + std::string(50'000, 'z') + "</y></x>");
  ASSERT_NE(large.child("x", "u"), nullptr);
  EXPECT_EQ(large.child("x", "u")->attribute("a"), "1");
  EXPECT_TRUE(large.child("x", "u")->children().empty());
}

// STZ-08
TEST(Services, MisaddressedStanzasVanishAndAreCounted) {
  Conversation chat;
  chat.server.send(iq("get", "1", kPing, kRequester, "other.example.com") +
                   iq("get", "2", kPing, "", kProxy) + iq("get", "3", kPing, kRequester, "") +
                   iq("get", "4", kPing, "not@@valid", kProxy) +
                   "<presence type='probe' to='proxy.example.com'/>");
  EXPECT_TRUE(chat.is_silent());
  EXPECT_EQ(chat.bellhop.counter("bellhop_component_stanzas_dropped_total", "addresses"), 5U);
}

// STZ-01: a thousand of all kinds, some waiting, some malformed.
TEST(Services, AThousandMixedRequestsHaveOneAnswerEach) {
  Conversation chat;
  const std::vector<std::pair<std::string_view, std::string>> kinds{
      {"get", std::string(kPing)},
      {"get", query(kDiscoInfo)},
      {"set", query(kDiscoInfo)},
      {"get", query(kBytestreams)},
      {"get", query("u")},
      {"get", ""},
      {"what", std::string(kPing)},
      {"get", "<a xmlns='b'/><c xmlns='d'/>"},
      {"set", "<query xmlns='http://jabber.org/protocol/bytestreams'/>"},
      {"set", activation("nothing-there")}};
  std::minstd_rand generator(1000);
  std::string requests;
  for (int i = 0; i < 1000; ++i) {
    const auto& [type, payload] = kinds[generator() % kinds.size()];
    requests += iq(type, std::to_string(i), payload, i % 3 == 0 ? kStranger : kRequester);
    if (i % 7 == 0) requests += iq("result", std::to_string(i), "");
  }
  chat.server.send(requests);
  std::map<std::string, int> answers;
  for (int i = 0; i < 1000; ++i) ++answers[std::string(chat.server.next().attribute("id"))];
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(answers[std::to_string(i)], 1) << i;
  EXPECT_TRUE(chat.is_silent());
}

// STZ-09: requests of one kind are answered as they came.
TEST(Services, AnswersKeepTheOrderOfRequests) {
  Conversation chat;
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += iq("get", std::to_string(i), i % 2 == 0 ? query(kDiscoInfo) : std::string(kPing));
  }
  chat.server.send(requests);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(chat.server.next().attribute("id"), std::to_string(i));
}

// CAP-01: users of the service may have our presence, strangers may not.
TEST(Services, SubscriptionIsGrantedToUsersAndRefusedToStrangers) {
  Conversation chat;
  chat.server.send("<presence type='subscribe' from='requester@example.com' to='" +
                   std::string(kProxy) + "'/>");
  EXPECT_EQ(chat.server.next().attribute("type"), "subscribed");
  const Element available = chat.server.next();
  EXPECT_FALSE(available.has_attribute("type"));
  EXPECT_NE(available.child("c", kCaps), nullptr);
  chat.server.send("<presence type='subscribe' from='stranger@example.net' to='" +
                   std::string(kProxy) + "'/>");
  EXPECT_EQ(chat.server.next().attribute("type"), "unsubscribed");
  EXPECT_TRUE(chat.is_silent());
}

}  // namespace
}  // namespace bellhop::test

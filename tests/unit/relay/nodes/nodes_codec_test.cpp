// Relay nodes on the wire: services, channels, TURN credentials.
#include "relay/nodes/nodes_codec.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::nodes {
namespace {

using xmpp::test::parse_element;

std::string written(const xmpp::Element& element) {
  return xmpp::to_xml(element, xmpp::ns::kComponentAccept);
}

// JRN-08
TEST(NodesCodec, KnowsUdpAndTakesItWhereNothingIsSaid) {
  const std::string channel = "<channel xmlns='http://jabber.org/protocol/jinglenodes#channel'";
  EXPECT_TRUE(check_protocol(parse_element(channel + "/>")));
  EXPECT_TRUE(check_protocol(parse_element(channel + " protocol='udp'/>")));
  for (const char* other : {"tcp", "", "UDP", "udp ", "sctp"}) {
    const auto checked =
        check_protocol(parse_element(channel + " protocol='" + std::string(other) + "'/>"));
    ASSERT_FALSE(checked) << other;
    EXPECT_TRUE(checked.error().is(xmpp::errors::feature_not_implemented)) << other;
  }
}

// JRN-02: example 2 of the XEP.
TEST(NodesCodec, ListsServicesForThePublic) {
  const std::vector<NodeService> services{
      {NodeService::Kind::relay, "montague.lit"},
      {NodeService::Kind::tracker, "capulet.lit"},
      {NodeService::Kind::turn, "turn.capulet.lit"},
      {NodeService::Kind::stun, "200.111.111.111", 3857},
  };
  EXPECT_EQ(written(services_element(services)),
            "<services xmlns='http://jabber.org/protocol/jinglenodes'>"
            "<relay policy='public' address='montague.lit' protocol='udp'/>"
            "<tracker policy='public' address='capulet.lit' protocol='udp'/>"
            "<turn policy='public' address='turn.capulet.lit' protocol='udp'/>"
            "<stun policy='public' address='200.111.111.111' port='3857' protocol='udp'/>"
            "</services>");
  EXPECT_EQ(written(services_element({})),
            "<services xmlns='http://jabber.org/protocol/jinglenodes'/>");
}

// JRN-03, JRN-05, JRN-06: example 8 of the XEP.
TEST(NodesCodec, OffersAChannel) {
  EXPECT_EQ(written(channel_element(
                {"el0747fg11", "200.20.2.10", 35800, 35802, std::chrono::seconds(60), 120})),
            "<channel xmlns='http://jabber.org/protocol/jinglenodes#channel' id='el0747fg11' "
            "host='200.20.2.10' localport='35800' remoteport='35802' protocol='udp' expire='60' "
            "maxkbps='120'/>");
  EXPECT_FALSE(
      channel_element({"x", "a.org", 2, 4, std::chrono::seconds(60), 0}).has_attribute("maxkbps"));
}

// JRN-07
TEST(NodesCodec, GrantsTurnWithAUriThatClientsRead) {
  EXPECT_EQ(written(turn_element({turn_uri("200.20.2.10", 1984), "1433895918:token",
                                  "1Dj9XZ5fwvKS6YoQZOoORcFnXaI=", std::chrono::hours(24)})),
            "<turn xmlns='http://jabber.org/protocol/jinglenodes#turncredentials' ttl='86400' "
            "uri='turn:200.20.2.10:1984?transport=udp' username='1433895918:token' "
            "password='1Dj9XZ5fwvKS6YoQZOoORcFnXaI='/>");
  EXPECT_EQ(turn_uri("2001:db8::1", 3478), "turn:[2001:db8::1]:3478?transport=udp");
  EXPECT_EQ(turn_uri("turn.example.org", 443), "turn:turn.example.org:443?transport=udp");
}

}  // namespace
}  // namespace bellhop::nodes

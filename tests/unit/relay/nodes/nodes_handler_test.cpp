// Relay nodes over stanzas: discovery, services, channels that carry packets, TURN credentials.
#include "relay/nodes/nodes_handler.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "relay/errors.hpp"
#include "tests/unit/component/xmpp/routed.hpp"
#include "tests/unit/relay/nodes/served_nodes.hpp"

namespace bellhop::nodes {
namespace {

using test::jid;
using test::ServedNodes;
using test::UdpPeer;
using turn::ExternalService;
using xmpp::Element;
using xmpp::test::condition_of;
using Type = ExternalService::Type;
using Transport = ExternalService::Transport;

turn::Credentials credentials_of(std::string_view secret) {
  turn::Credentials::Options options;
  options.realm = "example.org";
  options.domain = "example.org";
  options.secrets.emplace_back(std::string(secret));
  return turn::Credentials(std::move(options));
}

constexpr std::string_view kServices = "<services xmlns='http://jabber.org/protocol/jinglenodes'/>";
constexpr std::string_view kChannel =
    "<channel xmlns='http://jabber.org/protocol/jinglenodes#channel' protocol='udp'/>";
constexpr std::string_view kTurn =
    "<turn xmlns='http://jabber.org/protocol/jinglenodes#turncredentials' protocol='udp'/>";

// One component with channels and TURN for the users of example.org.
class NodesHandlerTest : public testing::Test {
 protected:
  // Before the first question, if `offered` is not to be everything.
  void attach(std::vector<ExternalService> offered) {
    handler_.emplace(NodesHandler::Context{.admission = nodes_.admission,
                                           .credentials = credentials_,
                                           .desk = nodes_.service,
                                           .settings = nodes_.settings.turn,
                                           .services = std::move(offered),
                                           .is_open = nodes_.is_open},
                     jid("bellhop.example.org"), "example.org");
    handler_->attach(router_, info_);
  }
  Element ask(std::string_view payload, std::string_view from = test::kRequester) {
    if (!handler_) attach(kOffered);
    std::string xml = "<iq id='7' type='get' to='bellhop.example.org' from='";
    xml.append(from).append("'>").append(payload).append("</iq>");
    sent_.clear();
    router_.route(xmpp::test::parse_element(xml));
    nodes_.expect([this] { return !sent_.empty(); });
    return sent_.front();
  }
  ~NodesHandlerTest() override { runtime::test::run(nodes_.context, router_.stop()); }

  static inline const std::vector<ExternalService> kOffered{
      {Type::turn, "192.0.2.1", 3478, Transport::tcp},
      {Type::turn, "192.0.2.1", 3478, Transport::udp},
      {Type::turns, "turn.example.org", 5349, Transport::tcp},
      {Type::stun, "192.0.2.1", 3478, Transport::udp}};

  ServedNodes nodes_;
  turn::Credentials credentials_ = credentials_of("a secret of some length");
  turn::Credentials fresh_ = credentials_of("another secret, as long");
  xmpp::XmppCounters counters_{};
  std::vector<Element> sent_;
  xmpp::IqRouter router_{nodes_.context.get_executor(), nodes_.log.log(), counters_,
                         "bellhop.example.org",
                         [this](const Element& stanza) { sent_.push_back(stanza); }};
  xmpp::DiscoInfo info_;
  std::optional<NodesHandler> handler_;
};

std::uint16_t number(const Element& element, std::string_view name) {
  const std::string text(element.attribute(name));
  std::uint16_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// JRN-01
TEST_F(NodesHandlerTest, IsDiscovered) {
  attach(kOffered);
  for (const char* feature :
       {"http://jabber.org/protocol/jinglenodes", "http://jabber.org/protocol/jinglenodes#channel",
        "http://jabber.org/protocol/jinglenodes#turncredentials"}) {
    EXPECT_TRUE(info_.has_feature(feature)) << feature;
  }
}

TEST_F(NodesHandlerTest, OffersNoChannelsWhereTheyAreSwitchedOff) {
  nodes_.settings.turn.relay_channels_per_user_max = 0;
  EXPECT_EQ(condition_of(ask(kChannel)), "cancel service-unavailable");
  EXPECT_FALSE(info_.has_feature("http://jabber.org/protocol/jinglenodes#channel"));
  EXPECT_EQ(ask(kServices).first_child()->child("relay", xmpp::ns::kJingleNodes), nullptr);
}

// JRN-02
TEST_F(NodesHandlerTest, ListsItsServices) {
  const Element answer = ask(kServices);
  EXPECT_EQ(xmpp::test::written(*answer.first_child()),
            "<services xmlns='http://jabber.org/protocol/jinglenodes'>"
            "<relay policy='public' address='bellhop.example.org' protocol='udp'/>"
            "<stun policy='public' address='192.0.2.1' port='3478' protocol='udp'/>"
            "<turn policy='public' address='192.0.2.1' protocol='udp'/></services>");
}

// JRN-03: what is offered carries packets.
TEST_F(NodesHandlerTest, OpensAChannelThatRelays) {
  const Element answer = ask(kChannel);
  const Element& channel = *answer.first_child();
  ASSERT_TRUE(channel.is("channel", xmpp::ns::kJingleNodesChannel));
  EXPECT_EQ(channel.attribute("host"), "198.51.100.7");
  EXPECT_EQ(channel.attribute("expire"), "60");
  EXPECT_EQ(channel.attribute("protocol"), "udp");
  const UdpPeer romeo;
  UdpPeer juliet;
  EXPECT_TRUE(juliet.send(number(channel, "remoteport"), "hello"));
  nodes_.expect([this] { return nodes_.count(NodesCounter::packets_early) == 1; });
  EXPECT_TRUE(romeo.send(number(channel, "localport"), "voice"));
  EXPECT_EQ(juliet.receive(nodes_.context), "voice");
}

// JRN-06: asking is limited, too, each user by himself.
TEST_F(NodesHandlerTest, LetsNobodyAskTooOften) {
  nodes_.settings.turn.relay_channels_per_user_max = 1;
  EXPECT_EQ(ask(kChannel).attribute("type"), "result");
  for (std::size_t i = 1; i < NodesHandler::kChannelRequests.burst; ++i) {
    EXPECT_EQ(condition_of(ask(kChannel)), "wait resource-constraint");
  }
  const Element refused = ask(kChannel, "romeo@example.org/another");
  EXPECT_EQ(condition_of(refused), "wait resource-constraint");
  EXPECT_EQ(refused.child("error", xmpp::ns::kComponentAccept)
                ->child("text", xmpp::ns::kStanzaErrors)
                ->text(),
            relay::errors::channel_requests.text);
  EXPECT_EQ(ask(kChannel, "juliet@example.org/x").attribute("type"), "result");
}

// JRN-07, JRN-08
TEST_F(NodesHandlerTest, GrantsTurnCredentialsThatOpenIt) {
  const auto check = [this](const turn::Credentials& credentials) {
    const Element answer = ask(kTurn);
    const Element& turn = *answer.first_child();
    EXPECT_EQ(turn.attribute("uri"), "turn:192.0.2.1:3478?transport=udp");
    EXPECT_EQ(turn.attribute("ttl"), "43200");
    const std::string name(turn.attribute("username"));
    // ROOM-22: the expiry is in seconds.
    const auto expiry = credentials.expiry(name);
    ASSERT_TRUE(expiry);
    EXPECT_LE(*expiry - std::chrono::system_clock::now(), std::chrono::hours(12));
    const auto claims = credentials.claims(name, stun::PasswordAlgorithm::md5);
    ASSERT_FALSE(claims.empty());
    const stun::Key key = stun::long_term_key(stun::PasswordAlgorithm::md5, name, "example.org",
                                              turn.attribute("password"));
    EXPECT_EQ(claims[0].key.bytes, key.bytes);
    EXPECT_EQ(credentials.identify(name, claims[0], base::IpAddress()).user, "romeo@example.org");
  };
  check(credentials_);
  handler_->rotate(fresh_);
  check(fresh_);
}

TEST_F(NodesHandlerTest, GrantsNoTurnWhereThereIsNone) {
  attach({});
  EXPECT_EQ(condition_of(ask(kTurn)), "cancel item-not-found");
}

// JRN-08
TEST_F(NodesHandlerTest, RefusesAsTheRoomDoes) {
  EXPECT_EQ(condition_of(ask("<channel xmlns='http://jabber.org/protocol/jinglenodes#channel' "
                             "protocol='tcp'/>")),
            "cancel feature-not-implemented");
  EXPECT_EQ(
      ask("<channel xmlns='http://jabber.org/protocol/jinglenodes#channel'/>").attribute("type"),
      "result");
  for (const std::string_view payload : {kServices, kChannel, kTurn}) {
    EXPECT_EQ(condition_of(ask(payload, "eve@example.net/x")), "auth forbidden") << payload;
  }
  nodes_.is_open = false;
  for (const std::string_view payload : {kServices, kChannel, kTurn}) {
    EXPECT_EQ(condition_of(ask(payload)), "cancel service-unavailable") << payload;
  }
}

// STZ-06, JRN-08: every refusal of the relay renders, without its detail.
TEST(RelayErrors, RenderAsTheSpecificationsAsk) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* row : relay::errors::kAll) {
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
    EXPECT_NE(xmpp::errors::find_condition(row->condition), nullptr) << row->name;
    const Element error = xmpp::to_element(base::Error(*row, "secret detail"));
    EXPECT_EQ(error.attribute("type"), xmpp::to_string(row->type));
    EXPECT_EQ(xmpp::test::written(error).find("secret"), std::string::npos);
  }
  EXPECT_EQ(relay::errors::no_ports.condition, "resource-constraint");
  EXPECT_EQ(relay::errors::channels_of_jid.condition, "resource-constraint");
  EXPECT_EQ(relay::errors::channel_failed.condition, "internal-server-error");
}

}  // namespace
}  // namespace bellhop::nodes

// XEP-0065 towards XMPP: the address query and the activation, with connections that really wait.
// Covers pairing_waits as well.
#include "proxy/bytestream/bytestream_handler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/xmpp/errors.hpp"
#include "proxy/errors.hpp"
#include "tests/unit/component/xmpp/routed.hpp"
#include "tests/unit/proxy/bytestream/served_proxy.hpp"

namespace bellhop::bytestream {
namespace {

using namespace std::chrono_literals;
using runtime::test::Peer;
using runtime::test::run_until;
using xmpp::test::condition_of;

constexpr std::string_view kJid = "bellhop.example.org";

// What <query/> asks for, or the error's name.
std::string parsed(std::string_view attributes, std::string_view children) {
  std::string xml = "<query xmlns='http://jabber.org/protocol/bytestreams' ";
  xml.append(attributes).append(">").append(children).append("</query>");
  const auto request = parse_activate(xmpp::test::parse_element(xml), 128);
  if (!request) return std::string(request.error().kind().name);
  return request->sid + "|" + request->target.text();
}

// S5B-06, S5B-18
TEST(ParseActivate, TakesTheSidAsItIsAndPreparesTheTarget) {
  EXPECT_EQ(parsed("sid='vxf9n471bn46'", "<activate>target@example.org/bar</activate>"),
            "vxf9n471bn46|target@example.org/bar");
  EXPECT_EQ(parsed("sid=' a&amp;b '", "<activate>Target@EXAMPLE.org/Bar</activate>"),
            " a&b |target@example.org/Bar");
  EXPECT_EQ(parsed("sid='s'", "<activate>bob@example.org</activate>"), "s|bob@example.org");
}

// S5B-11: white space around the JID does no harm.
TEST(ParseActivate, TrimsTheTarget) {
  EXPECT_EQ(parsed("sid='s'", "<activate>\n  bob@example.org/x\t\r\n</activate>"),
            "s|bob@example.org/x");
}

// S5B-11
TEST(ParseActivate, RefusesWhatIsMissingOrTwice) {
  EXPECT_EQ(parsed("", "<activate>bob@example.org</activate>"), "bad-activation");
  EXPECT_EQ(parsed("sid=''", "<activate>bob@example.org</activate>"), "bad-activation");
  EXPECT_EQ(parsed("sid='s'", ""), "bad-activation");
  EXPECT_EQ(parsed("sid='s'", "<activate xmlns='urn:other'>bob@example.org</activate>"),
            "bad-activation");
  EXPECT_EQ(
      parsed("sid='s'", "<activate>a@example.org</activate><activate>b@example.org</activate>"),
      "bad-activation");
}

// S5B-12
TEST(ParseActivate, TakesASidOfAHundredAndTwentyEightBytesAndNotOneMore) {
  const std::string target = "<activate>bob@example.org</activate>";
  EXPECT_EQ(parsed("sid='" + std::string(128, 's') + "'", target),
            std::string(128, 's') + "|bob@example.org");
  EXPECT_EQ(parsed("sid='" + std::string(129, 's') + "'", target), "bad-activation");
}

// S5B-11, STZ-10
TEST(ParseActivate, RefusesTargetsThatAreNoJids) {
  for (const std::string& target :
       {std::string(""), std::string("  "), std::string("@example.org"), std::string("a@b@c"),
        std::string("bob@example.org/"), std::string("bob@") + std::string(1024, 'x')}) {
    EXPECT_EQ(parsed("sid='s'", "<activate>" + target + "</activate>"), "bad-target") << target;
  }
}

// S5B-11: other children are nobody's business.
TEST(ParseActivate, IgnoresForeignChildren) {
  EXPECT_EQ(parsed("sid='s'", "<x xmlns='urn:x'/><activate>b@example.org</activate><streamhost/>"),
            "s|b@example.org");
}

proxy::ProxyRefusal refusal_of(const base::ErrorKind& kind) {
  const auto& all = proxy::errors::kAll;
  return static_cast<proxy::ProxyRefusal>(std::find(all.begin(), all.end(), &kind) - all.begin());
}

config::ProxySettings quick_settings() {
  config::ProxySettings settings;
  settings.activation_grace = 30ms;
  settings.sessions_per_jid_max = 2;
  return settings;
}

class BytestreamHandlerTest : public ::testing::Test {
 protected:
  explicit BytestreamHandlerTest(const config::ProxySettings& settings = quick_settings())
      : proxy_(settings) {
    handler_.attach(router_, info_);
  }
  ~BytestreamHandlerTest() override { runtime::test::run(proxy_.context, router_.stop()); }

  // The answer to a request from `from`, after whatever it waits for.
  xmpp::Element ask(std::string_view type, std::string_view payload,
                    std::string_view from = test::kRequester) {
    route(type, payload, from);
    proxy_.expect([&] { return !sent_.empty(); });
    return sent_.empty() ? xmpp::Element("none", "") : sent_.front();
  }
  void route(std::string_view type, std::string_view payload,
             std::string_view from = test::kRequester) {
    sent_.clear();
    xmpp::Element iq = xmpp::test::request(type, payload);
    iq.set("from", from);
    router_.route(std::move(iq));
  }
  [[nodiscard]] static std::string activation(std::string_view sid) {
    return "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" + std::string(sid) +
           "'><activate>" + std::string(test::kTarget) + "</activate></query>";
  }
  std::string activate(std::string_view sid, std::string_view from = test::kRequester) {
    const xmpp::Element answer = ask("set", activation(sid), from);
    return answer.attribute("type") == "result" && answer.children().empty() ? "activated"
                                                                             : condition_of(answer);
  }
  void expect_closed(Peer& peer) { EXPECT_EQ(peer.receive_rest(proxy_.context), ""); }

  test::ServedProxy proxy_;
  ProxyService service_{proxy_.settings,
                        proxy_.counters,
                        proxy_.table,
                        proxy_.waits,
                        proxy_.relay,
                        proxy_.admission,
                        {{"files.example.org", 7777}},
                        true};
  BytestreamHandler handler_{service_, "example.org", std::string(kJid)};
  xmpp::XmppCounters counters_;
  std::vector<xmpp::Element> sent_;
  xmpp::IqRouter router_{proxy_.context.get_executor(), proxy_.log.log(), counters_,
                         std::string(kJid),
                         [this](const xmpp::Element& stanza) { sent_.push_back(stanza); }};
  xmpp::DiscoInfo info_;
};

constexpr std::string_view kQuery = "<query xmlns='http://jabber.org/protocol/bytestreams'/>";

// S5B-01, DSC-02
TEST_F(BytestreamHandlerTest, AnnouncesAProxyForBytestreams) {
  EXPECT_TRUE(info_.has_identity("proxy", "bytestreams"));
  EXPECT_TRUE(info_.has_feature("http://jabber.org/protocol/bytestreams"));
  EXPECT_EQ(info_.features.size(), 1U);  // S5B-19: no UDP
}

// S5B-02
TEST_F(BytestreamHandlerTest, TellsItsAddressUnderItsOwnJid) {
  EXPECT_EQ(xmpp::test::written(ask("get", kQuery)),
            "<iq type='result' from='bellhop.example.org' to='alice@example.org/phone' id='7'>"
            "<query xmlns='http://jabber.org/protocol/bytestreams'>"
            "<streamhost jid='bellhop.example.org' host='files.example.org' port='7777'/></query>"
            "</iq>");
}

// S5B-02, S5B-03
TEST_F(BytestreamHandlerTest, TellsEveryAddressInItsOrder) {
  service_.streamhosts = {{"2001:db8::1", 1}, {"192.0.2.1", 65535}};
  const xmpp::Element answer = ask("get", kQuery);
  const auto& hosts = answer.first_child()->children();
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].attribute("host"), "2001:db8::1");
  EXPECT_EQ(hosts[1].attribute("host"), "192.0.2.1");
  EXPECT_EQ(hosts[1].attribute("port"), "65535");
}

// S5B-04
TEST_F(BytestreamHandlerTest, MirrorsASidAndReservesNothing) {
  const std::string query = "<query xmlns='http://jabber.org/protocol/bytestreams' sid='";
  EXPECT_EQ(ask("get", query + "one'/>").first_child()->attribute("sid"), "one");
  EXPECT_FALSE(
      ask("get", query + std::string(129, 's') + "'/>").first_child()->has_attribute("sid"));
  EXPECT_EQ(proxy_.table.size(), 0U);
  EXPECT_EQ(proxy_.relay.running(), 0U);
}

// S5B-05
TEST_F(BytestreamHandlerTest, TellsNothingToWhomItDoesNotServe) {
  EXPECT_EQ(condition_of(ask("get", kQuery, "mallory@elsewhere.example/x")), "auth forbidden");
}

// S5B-05
TEST_F(BytestreamHandlerTest, TellsNothingWhenItCannotServe) {
  service_.is_open = false;
  EXPECT_EQ(condition_of(ask("get", kQuery)), "cancel not-allowed");
  service_.is_open = true;
  service_.streamhosts.clear();
  EXPECT_EQ(condition_of(ask("get", kQuery)), "cancel not-allowed");
}

// S5B-06, S5B-07, S5B-30: nothing before the activation, everything after it.
TEST_F(BytestreamHandlerTest, ActivatesAPairAndRelays) {
  Peer first = proxy_.park("one");
  Peer second = proxy_.park("one");
  first.send(proxy_.context, "early ");
  EXPECT_EQ(second.receive_some(), "");
  EXPECT_EQ(activate("one"), "activated");
  first.send(proxy_.context, "and late");
  EXPECT_EQ(second.receive(proxy_.context, 14), "early and late");
}

// S5B-06: nobody but the requester can, because the hash is made with who asks.
TEST_F(BytestreamHandlerTest, ActivatesForTheRequesterOnly) {
  Peer first = proxy_.park("one");
  Peer second = proxy_.park("one");
  EXPECT_EQ(activate("one", "alice@example.org/laptop"), "cancel item-not-found");
  EXPECT_EQ(activate("One"), "cancel item-not-found");
  EXPECT_EQ(activate("one", "Alice@Example.ORG/phone"), "activated");
}

// S5B-09, ROOM-01
TEST_F(BytestreamHandlerTest, FindsNoConnectionForAnUnknownStream) {
  EXPECT_EQ(activate("unknown"), "cancel item-not-found");
}

// S5B-08: after a moment, in which the second connection might have come.
TEST_F(BytestreamHandlerTest, RefusesAStreamOfWhichOneSideIsMissing) {
  const Peer first = proxy_.park("one");
  const auto begin = base::Clock::now();
  EXPECT_EQ(activate("one"), "cancel not-allowed");
  EXPECT_GE(base::Clock::now() - begin, 30ms);
  EXPECT_EQ(proxy_.waits.size(), 0U);
}

// S5B-13
TEST_F(BytestreamHandlerTest, RefusesASecondActivationAndLetsTheStreamGoOn) {
  Peer first = proxy_.park("one");
  Peer second = proxy_.park("one");
  EXPECT_EQ(activate("one"), "activated");
  EXPECT_EQ(activate("one"), "cancel conflict");
  first.send(proxy_.context, "still here");
  EXPECT_EQ(second.receive(proxy_.context, 10), "still here");
}

// S5B-14
TEST_F(BytestreamHandlerTest, ClosesThePairOfWhomItDoesNotServe) {
  auto one = runtime::test::connected();
  auto other = runtime::test::connected();
  const auto mallory = test::jid("mallory@elsewhere.example/x");
  const DstAddr name = DstAddr::of("one", mallory, test::jid(test::kTarget));
  proxy_.table.park(name, {std::move(one.served), {}, {}}, base::Clock::now());
  proxy_.table.park(name, {std::move(other.served), {}, {}}, base::Clock::now());
  EXPECT_EQ(activate("one", mallory.text()), "auth forbidden");
  expect_closed(one.peer);
  expect_closed(other.peer);
  EXPECT_EQ(proxy_.table.size(), 0U);
}

// S5B-15, STZ-12
TEST_F(BytestreamHandlerTest, RefusesASessionAboveTheLimitAndClosesItsPair) {
  std::vector<Peer> running;
  for (const std::string_view sid : {"one", "two"}) {
    running.push_back(proxy_.park(sid));
    running.push_back(proxy_.park(sid));
    EXPECT_EQ(activate(sid), "activated");
  }
  Peer first = proxy_.park("three");
  Peer second = proxy_.park("three");
  EXPECT_EQ(activate("three"), "wait resource-constraint");
  expect_closed(first);
  expect_closed(second);
  EXPECT_EQ(activate("three"), "cancel item-not-found");
}

// S5B-05, S5B-14, STZ-12: a changed policy decides the next request.
TEST_F(BytestreamHandlerTest, ObeysTheRulesThatAreInForceNow) {
  Peer first = proxy_.park("one");
  Peer second = proxy_.park("one");
  EXPECT_EQ(ask("get", kQuery).attribute("type"), "result");
  policy::Rules denied;
  denied.access.push_back({policy::Subject::of_jid("alice@example.org"), false, {}, {}, {}});
  proxy_.admission.apply(test::policy_of(proxy_.settings, denied), base::Clock::now());
  EXPECT_EQ(condition_of(ask("get", kQuery)), "auth forbidden");
  EXPECT_EQ(activate("one"), "auth forbidden");
  expect_closed(first);
  expect_closed(second);
  proxy_.admission.apply(test::policy_of(proxy_.settings), base::Clock::now());
  const Peer third = proxy_.park("one");
  const Peer fourth = proxy_.park("one");
  EXPECT_EQ(activate("one"), "activated");
}

TEST_F(BytestreamHandlerTest, RefusesWhoHasUsedUpItsBytes) {
  Peer first = proxy_.park("one");
  const Peer second = proxy_.park("one");
  const policy::Exhausted alice{"jid:alice@example.org"};
  proxy_.admission.set_exhausted(std::make_shared<const policy::Exhausted>(alice));
  EXPECT_EQ(condition_of(ask("get", kQuery)), "wait resource-constraint");
  EXPECT_EQ(activate("one"), "wait resource-constraint");
  expect_closed(first);
  EXPECT_EQ(proxy_.counters.refusals.sum(refusal_of(proxy::errors::bytes_of_jid)), 2U);
}

// S5B-11, S5B-12
TEST_F(BytestreamHandlerTest, RefusesMalformedActivations) {
  EXPECT_EQ(condition_of(ask("set", kQuery)), "modify bad-request");
  EXPECT_EQ(activate(std::string(129, 's')), "modify bad-request");
  EXPECT_EQ(condition_of(ask("set",
                             "<query xmlns='http://jabber.org/protocol/bytestreams' "
                             "sid='s'><activate>@</activate></query>")),
            "modify jid-malformed");
}

TEST_F(BytestreamHandlerTest, ActivatesNothingWhileItStops) {
  Peer first = proxy_.park("one");
  Peer second = proxy_.park("one");
  service_.is_open = false;
  EXPECT_EQ(activate("one"), "cancel not-allowed");
  EXPECT_EQ(proxy_.table.size(), 1U);
}

TEST_F(BytestreamHandlerTest, CountsItsRefusals) {
  (void)activate("unknown");
  (void)ask("get", kQuery, "mallory@elsewhere.example/x");
  std::uint64_t refusals = 0;
  for (std::size_t i = 0; i < proxy::errors::kAll.size(); ++i) {
    refusals += proxy_.counters.refusals.sum(static_cast<proxy::ProxyRefusal>(i));
  }
  EXPECT_EQ(refusals, 2U);
}

class PatientHandlerTest : public BytestreamHandlerTest {
 protected:
  PatientHandlerTest() : BytestreamHandlerTest(patient_settings()) {}
  static config::ProxySettings patient_settings() {
    config::ProxySettings settings;
    settings.activation_grace = 1h;
    return settings;
  }
};

// S5B-32, S5B-08: the activation may overtake the second connection.
TEST_F(PatientHandlerTest, ActivatesAsSoonAsTheSecondSideComes) {
  Peer first = proxy_.park("one");
  route("set", activation("one"));
  proxy_.expect([&] { return proxy_.waits.size() == 1; });
  const Peer unrelated = proxy_.park("two");
  EXPECT_TRUE(sent_.empty());
  Peer second = proxy_.park("one");
  proxy_.expect([&] { return !sent_.empty(); });
  EXPECT_EQ(sent_.at(0).attribute("type"), "result");
  second.send(proxy_.context, "hello");
  EXPECT_EQ(first.receive(proxy_.context, 5), "hello");
  EXPECT_EQ(proxy_.waits.size(), 0U);
}

// STZ-01: who waits is answered when the router stops.
TEST_F(PatientHandlerTest, AnswersAWaitingActivationWhenItStops) {
  const Peer first = proxy_.park("one");
  route("set", activation("one"));
  proxy_.expect([&] { return proxy_.waits.size() == 1; });
  runtime::test::run(proxy_.context, router_.stop());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].attribute("type"), "error");
  EXPECT_EQ(proxy_.waits.size(), 0U);
}

TEST(PairingWaits, WakeEveryoneWhoWaitsForThatPairAndNobodyElse) {
  boost::asio::io_context context(1);
  PairingWaits waits(context.get_executor());
  const auto one = runtime::test::start(context, waits.wait_for_pair(test::name_of("a"), 1h));
  const auto two = runtime::test::start(context, waits.wait_for_pair(test::name_of("a"), 1h));
  const auto other = runtime::test::start(context, waits.wait_for_pair(test::name_of("b"), 1h));
  context.poll();
  EXPECT_EQ(waits.size(), 3U);
  waits.notify(test::name_of("a"));
  waits.notify(test::name_of("c"));
  EXPECT_TRUE(run_until(context, [&] { return one->is_done && two->is_done; }));
  EXPECT_FALSE(other->is_done);
  EXPECT_EQ(waits.size(), 1U);
  waits.notify(test::name_of("b"));
  EXPECT_TRUE(run_until(context, [&] { return other->is_done; }));
  EXPECT_EQ(waits.size(), 0U);
}

TEST(PairingWaits, EndAfterTheirTime) {
  boost::asio::io_context context(1);
  PairingWaits waits(context.get_executor());
  const auto begin = base::Clock::now();
  runtime::test::run(context, waits.wait_for_pair(test::name_of("a"), 20ms));
  EXPECT_GE(base::Clock::now() - begin, 20ms);
  EXPECT_EQ(waits.size(), 0U);
}

}  // namespace
}  // namespace bellhop::bytestream

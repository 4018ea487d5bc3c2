// Services and credentials over stanzas, with credentials that open what they say they open.
#include "relay/turn/extdisco_handler.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/xmpp/date_time.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::turn {
namespace {

using xmpp::Element;
using xmpp::test::condition_of;
using xmpp::test::parse_element;
using Type = ExternalService::Type;
using Transport = ExternalService::Transport;

xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

std::unique_ptr<Credentials> credentials_of(std::string_view secret) {
  Credentials::Options options;
  options.realm = "example.org";
  options.domain = "example.org";
  options.secrets.emplace_back(std::string(secret));
  return std::make_unique<Credentials>(std::move(options));
}

policy::PolicyPtr default_policy() {
  const config::Settings settings;
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

// One component that offers four services to the users of example.org.
struct Offered {
  Offered() { handler.attach(routed.router, info); }

  Element ask(std::string_view payload, std::string_view from = "romeo@example.org/orchard") {
    std::string xml = "<iq id='7' type='get' to='bellhop.example.org' from='";
    xml.append(from).append("'>").append(payload).append("</iq>");
    return routed.answer(parse_element(xml));
  }
  void show_presence(std::string_view from, std::string_view type = "") {
    std::string xml = "<presence to='bellhop.example.org' from='";
    xml.append(from).append("'");
    if (!type.empty()) xml.append(" type='").append(type).append("'");
    const Element presence = parse_element(xml + "/>");
    const auto addresses = xmpp::parse_addresses(presence, "bellhop.example.org");
    ASSERT_TRUE(addresses);
    handler.note_presence(presence, *addresses);
  }
  // Runs a push to its end; clients answer with `answer`. What was sent to whom.
  std::vector<Element> pushed(runtime::Task<std::size_t> push, std::string_view answer,
                              std::size_t told) {
    std::size_t count = 99;
    auto counted = [](runtime::Task<std::size_t> task, std::size_t& out) -> runtime::Task<> {
      out = co_await std::move(task);
    };
    pushes.clear();
    const auto ending = runtime::test::start(routed.context, counted(std::move(push), count));
    std::size_t answered = 0;
    const bool is_done = runtime::test::run_until(routed.context, [&] {
      for (; answered < pushes.size(); ++answered) {
        const Element& push_iq = pushes[answered];
        Element reply("iq", xmpp::ns::kComponentAccept);
        reply.set("type", answer).set("id", push_iq.attribute("id"));
        reply.set("from", push_iq.attribute("to")).set("to", push_iq.attribute("from"));
        EXPECT_TRUE(requests.take(reply));
      }
      return ending->is_done;
    });
    EXPECT_TRUE(is_done);
    EXPECT_EQ(count, told);
    return pushes;
  }

  xmpp::test::Routed routed;
  xmpp::DiscoInfo info;
  config::TurnSettings settings;
  bool is_open = true;
  policy::Admission admission{default_policy()};
  std::unique_ptr<Credentials> credentials = credentials_of("a secret of some length");
  std::unique_ptr<Credentials> fresh = credentials_of("another secret, as long");
  ExtdiscoHandler handler{{.admission = admission,
                           .credentials = *credentials,
                           .settings = settings,
                           .services = {{Type::turns, "turn.example.org", 5349, Transport::tcp},
                                        {Type::turn, "192.0.2.1", 3478, Transport::tcp},
                                        {Type::turn, "192.0.2.1", 3478, Transport::udp},
                                        {Type::stun, "192.0.2.1", 3478, Transport::udp}},
                           .is_open = is_open},
                          jid("bellhop.example.org"),
                          "example.org"};
  std::vector<Element> pushes;
  xmpp::IqClient requests{routed.context.get_executor(),
                          [this](const Element& stanza) { pushes.push_back(stanza); }};
};

constexpr std::string_view kServices = "<services xmlns='urn:xmpp:extdisco:2'/>";
constexpr std::string_view kTurn = "<services xmlns='urn:xmpp:extdisco:2' type='turn'/>";

const Element& services_of(const Element& iq) {
  EXPECT_EQ(iq.attribute("type"), "result") << xmpp::test::written(iq);
  return *iq.first_child();
}

// EXD-01, EXD-07
TEST(ExtdiscoHandler, IsDiscovered) {
  Offered offered;
  EXPECT_TRUE(offered.info.has_feature("urn:xmpp:extdisco:2"));
  EXPECT_TRUE(offered.info.has_feature("urn:xmpp:extdisco:1"));
  EXPECT_EQ(offered.info.identities.size(), 1U);
}

// EXD-01, EXD-06
TEST(ExtdiscoHandler, ListsItsServicesInTheOrderThatClientsNeed) {
  Offered offered;
  const Element answer = offered.ask(kServices);
  std::string order;
  for (const Element& each : services_of(answer).children()) {
    order += std::string(each.attribute("type")) + '/' + std::string(each.attribute("transport"));
    order += ' ';
  }
  EXPECT_EQ(order, "stun/udp turn/udp turn/tcp turns/tcp ");
  EXPECT_EQ(services_of(offered.ask(kTurn)).children().size(), 2U);
  const Element old = offered.ask("<services xmlns='urn:xmpp:extdisco:1' type='stun'/>");
  EXPECT_TRUE(services_of(old).is("services", "urn:xmpp:extdisco:1"));
}

// EXD-02, EXD-08: what is handed out opens TURN, and counts for the user.
TEST(ExtdiscoHandler, HandsOutCredentialsThatAreTheUsersOwn) {
  Offered offered;
  offered.settings.credential_lifetime = std::chrono::hours(24);
  const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Element answer = offered.ask(kTurn);
  const Element& turn = services_of(answer).children().at(0);
  const std::string name(turn.attribute("username"));
  EXPECT_EQ(name.find("romeo"), std::string::npos);
  const auto expiry = offered.credentials->expiry(name);
  ASSERT_TRUE(expiry);
  EXPECT_GE(*expiry, before + std::chrono::hours(24));
  EXPECT_LE(*expiry, before + std::chrono::hours(24) + std::chrono::minutes(1));
  EXPECT_EQ(turn.attribute("expires"),
            xmpp::format_date_time(std::chrono::floor<std::chrono::milliseconds>(*expiry)));
  const auto claims = offered.credentials->claims(name, stun::PasswordAlgorithm::md5);
  ASSERT_FALSE(claims.empty());
  const stun::Key key = stun::long_term_key(stun::PasswordAlgorithm::md5, name, "example.org",
                                            turn.attribute("password"));
  EXPECT_EQ(claims[0].key.bytes, key.bytes);
  const auto identity = offered.credentials->identify(name, claims[0], base::IpAddress());
  EXPECT_EQ(identity.user, "romeo@example.org");
  EXPECT_EQ(identity.parent_domain, "example.org");
}

// EXD-03
TEST(ExtdiscoHandler, ForbidsWhoMayNot) {
  Offered offered;
  for (const std::string_view payload :
       {kServices, std::string_view("<credentials xmlns='urn:xmpp:extdisco:2'><service "
                                    "host='192.0.2.1' type='turn'/></credentials>")}) {
    EXPECT_EQ(condition_of(offered.ask(payload, "eve@example.net/x")), "auth forbidden");
  }
}

// Checks of our own ask as the component itself, which is nobody's user.
TEST(ExtdiscoHandler, AnswersTheComponentItself) {
  Offered offered;
  EXPECT_EQ(services_of(offered.ask(kServices, "bellhop.example.org")).children().size(), 4U);
}

TEST(ExtdiscoHandler, OffersNothingWhileItIsClosed) {
  Offered offered;
  offered.is_open = false;
  EXPECT_EQ(condition_of(offered.ask(kServices)), "cancel service-unavailable");
}

// EXD-04
TEST(ExtdiscoHandler, GivesCredentialsForAServiceThatIsNamed) {
  Offered offered;
  const auto ask = [&](std::string_view service) {
    std::string xml = "<credentials xmlns='urn:xmpp:extdisco:2'>";
    return offered.ask(xml.append(service).append("</credentials>"));
  };
  const Element answer = ask("<service host='192.0.2.1' type='turn' port='3478'/>");
  ASSERT_EQ(services_of(answer).children().size(), 2U);
  EXPECT_FALSE(answer.first_child()->children()[0].attribute("password").empty());
  EXPECT_EQ(condition_of(ask("<service host='192.0.2.9' type='turn'/>")), "cancel item-not-found");
  EXPECT_EQ(condition_of(ask("<service type='turn'/>")), "modify bad-request");
  EXPECT_EQ(condition_of(ask("")), "modify bad-request");
}

// EXD-05
TEST(ExtdiscoHandler, TellsOnlyThoseWhosePresenceItKnows) {
  Offered offered;
  static_cast<void>(offered.ask(kTurn, "romeo@example.org/a"));
  static_cast<void>(offered.ask(kTurn, "juliet@example.org/b"));
  static_cast<void>(offered.ask(kServices, "nurse@example.org/c"));
  offered.show_presence("romeo@example.org/a");
  offered.show_presence("nurse@example.org/c", "probe");
  offered.show_presence("tybalt@example.org/d");
  const auto told =
      offered.pushed(offered.handler.rotate(*offered.fresh, offered.requests), "result", 2);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].attribute("to"), "romeo@example.org/a");
  EXPECT_EQ(told[0].attribute("from"), "bellhop.example.org");
  EXPECT_EQ(told[0].attribute("type"), "set");
  const Element& services = *told[0].first_child();
  EXPECT_EQ(services.attribute("type"), "turn");
  ASSERT_EQ(services.children().size(), 2U);
  EXPECT_EQ(services.children()[0].attribute("action"), "modify");
  const std::string name(services.children()[0].attribute("username"));
  const auto claims = offered.fresh->claims(name, stun::PasswordAlgorithm::md5);
  ASSERT_FALSE(claims.empty());
  const stun::Key key = stun::long_term_key(stun::PasswordAlgorithm::md5, name, "example.org",
                                            services.children()[0].attribute("password"));
  EXPECT_EQ(claims[0].key.bytes, key.bytes);
  EXPECT_EQ(told[1].first_child()->children().size(), 4U);
}

// EXD-05
TEST(ExtdiscoHandler, TellsThatItsServicesGoAway) {
  Offered offered;
  static_cast<void>(offered.ask(kTurn, "romeo@example.org/a"));
  offered.show_presence("romeo@example.org/a");
  offered.is_open = false;
  const auto told = offered.pushed(offered.handler.withdraw(offered.requests), "result", 1);
  ASSERT_EQ(told.size(), 1U);
  const Element& gone = told[0].first_child()->children().at(0);
  EXPECT_EQ(gone.attribute("action"), "delete");
  EXPECT_FALSE(gone.has_attribute("password"));
}

TEST(ExtdiscoHandler, ForgetsWhoWentAwayOrDoesNotUnderstand) {
  Offered offered;
  for (const char* from : {"romeo@example.org/a", "juliet@example.org/b"}) {
    static_cast<void>(offered.ask(kTurn, from));
    offered.show_presence(from);
  }
  offered.show_presence("juliet@example.org/b", "unavailable");
  EXPECT_EQ(
      offered.pushed(offered.handler.rotate(*offered.fresh, offered.requests), "error", 0).size(),
      1U);
  EXPECT_TRUE(
      offered.pushed(offered.handler.rotate(*offered.credentials, offered.requests), "result", 0)
          .empty());
}

// A stranger who sends presence is not remembered, nor told anything.
TEST(ExtdiscoHandler, TakesNoNoteOfStrangers) {
  Offered offered;
  static_cast<void>(offered.ask(kTurn, "eve@example.net/x"));
  offered.show_presence("eve@example.net/x");
  EXPECT_TRUE(offered.pushed(offered.handler.rotate(*offered.fresh, offered.requests), "result", 0)
                  .empty());
}

TEST(ExtdiscoHandler, TellsManyInTurnsThatLeaveRoomForOtherRequests) {
  Offered offered;
  const std::size_t many = 2 * ExtdiscoHandler::kPushesAtOnce + 1;
  for (std::size_t i = 0; i < many; ++i) {
    const std::string from = "romeo@example.org/" + std::to_string(i);
    static_cast<void>(offered.ask(kTurn, from));
    offered.show_presence(from);
  }
  EXPECT_EQ(offered.pushed(offered.handler.withdraw(offered.requests), "result", many).size(),
            many);
}

}  // namespace
}  // namespace bellhop::turn

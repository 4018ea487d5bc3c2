// One answer for each request, whatever its handler does.
#include "component/xmpp/iq_router.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "component/runtime/event.hpp"
#include "component/xmpp/errors.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::xmpp {
namespace {

using runtime::Task;
using test::condition_of;
using test::request;

Reply answer_empty(const Iq&) {
  return std::optional<Element>();
}

Reply answer_pong(const Iq&) {
  return std::optional<Element>(Element("pong", "urn:test"));
}

// A handler whose requests wait until they are let go, in any order.
class Gate {
 public:
  explicit Gate(runtime::Executor executor) : executor_(executor) {}

  Task<Reply> pass(Iq iq) {
    started_.push_back(iq.id);
    auto event = std::make_unique<runtime::Event>(executor_);
    runtime::Event& mine = *event;
    events_.push_back(std::move(event));
    co_await mine.wait();
    co_await boost::asio::post(executor_, boost::asio::deferred);  // throws where it was cancelled
    co_return Reply(std::optional<Element>());
  }
  void open(std::size_t index) { events_[index]->set(); }
  [[nodiscard]] const std::vector<std::string>& started() const { return started_; }

 private:
  runtime::Executor executor_;
  std::vector<std::string> started_;
  std::vector<std::unique_ptr<runtime::Event>> events_;
};

class IqRouterTest : public ::testing::Test {
 protected:
  IqRouterTest() {
    routed_.router.add({IqType::get, "ask", "urn:test"}, answer_pong);
    routed_.router.add_task({IqType::set, "wait", "urn:gate"},
                            [this](Iq iq) { return gate_.pass(std::move(iq)); });
  }
  ~IqRouterTest() override { stop(); }

  void stop() { runtime::test::run(routed_.context, routed_.router.stop()); }
  // A request that waits at the gate.
  void wait(std::string_view id) {
    Element iq = request("set", "<wait xmlns='urn:gate'/>");
    iq.set("id", id);
    routed_.router.route(std::move(iq));
  }
  [[nodiscard]] std::vector<std::string> answered() const {
    std::vector<std::string> ids;
    for (const Element& stanza : routed_.sent) ids.emplace_back(stanza.attribute("id"));
    return ids;
  }

  test::Routed routed_;
  Gate gate_{routed_.context.get_executor()};
};

// STZ-01
TEST_F(IqRouterTest, AnswersFromWhereItWasAskedToWhoAsked) {
  EXPECT_EQ(test::written(routed_.get("<ask xmlns='urn:test'/>", "Bellhop.example.org/x")),
            "<iq type='result' from='bellhop.example.org/x' to='romeo@example.net/Orchard' "
            "id='7'><pong xmlns='urn:test'/></iq>");
}

// STZ-01: the same for an answer that takes time.
TEST_F(IqRouterTest, AnswersOnceWhenTheHandlerIsDone) {
  wait("late");
  routed_.settle();
  EXPECT_TRUE(routed_.sent.empty());
  gate_.open(0);
  routed_.settle();
  ASSERT_EQ(routed_.sent.size(), 1U);
  EXPECT_EQ(test::written(routed_.sent[0]),
            "<iq type='result' from='bellhop.example.org' to='romeo@example.net/Orchard' "
            "id='late'/>");
}

// STZ-02, STZ-05
TEST_F(IqRouterTest, SwallowsAnswersThatNobodyWaitsFor) {
  for (const std::string_view type : {"result", "error"}) {
    EXPECT_EQ(routed_.answer(request(type, "<ask xmlns='urn:test'/>")).name(), "none") << type;
    EXPECT_EQ(routed_.answer(request(type, "")).name(), "none") << type;
  }
  EXPECT_EQ(routed_.counters.read(XmppCounter::stanzas_dropped_addresses), 0U);
}

// STZ-03
TEST_F(IqRouterTest, RefusesNamespacesItDoesNotKnow) {
  EXPECT_EQ(condition_of(routed_.get("<ask xmlns='urn:unknown'/>")), "cancel service-unavailable");
  EXPECT_EQ(condition_of(routed_.answer(request("set", "<ask xmlns='urn:unknown'/>"))),
            "cancel service-unavailable");
  EXPECT_EQ(routed_.counters.read(XmppCounter::requests_refused), 2U);
}

// STZ-03: the namespace is known, the type or the element is not.
TEST_F(IqRouterTest, RefusesWrongShapesOfWhatItKnows) {
  EXPECT_EQ(condition_of(routed_.get("<tell xmlns='urn:test'/>")), "modify bad-request");
  EXPECT_EQ(condition_of(routed_.answer(request("set", "<ask xmlns='urn:test'/>"))),
            "modify bad-request");
  EXPECT_EQ(condition_of(routed_.get("<wait xmlns='urn:gate'/>")), "modify bad-request");
}

// STZ-04
TEST_F(IqRouterTest, RefusesBrokenEnvelopes) {
  EXPECT_EQ(condition_of(routed_.get("")), "modify bad-request");
  EXPECT_EQ(condition_of(routed_.get("<ask xmlns='urn:test'/><ask xmlns='urn:test'/>")),
            "modify bad-request");
  EXPECT_EQ(condition_of(routed_.answer(request("ask", "<ask xmlns='urn:test'/>"))),
            "modify bad-request");
  Element anonymous = request("get", "<ask xmlns='urn:test'/>");
  anonymous.unset("id");
  const Element answer = routed_.answer(std::move(anonymous));
  EXPECT_EQ(condition_of(answer), "modify bad-request");
  EXPECT_FALSE(answer.has_attribute("id"));
}

// STZ-08
TEST_F(IqRouterTest, DropsAndCountsWhatIsMisaddressed) {
  EXPECT_EQ(routed_.get("<ask xmlns='urn:test'/>", "other.example.org").name(), "none");
  EXPECT_EQ(routed_.get("<ask xmlns='urn:test'/>", "@").name(), "none");
  Element without_sender = request("get", "<ask xmlns='urn:test'/>");
  without_sender.unset("from");
  EXPECT_EQ(routed_.answer(std::move(without_sender)).name(), "none");
  EXPECT_EQ(routed_.counters.read(XmppCounter::stanzas_dropped_addresses), 3U);
}

// STZ-09
TEST_F(IqRouterTest, StartsRequestsInTheOrderOfTheirArrival) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 50; ++i) {
    wanted.push_back(std::to_string(i));
    wait(wanted.back());
  }
  routed_.settle();
  EXPECT_EQ(gate_.started(), wanted);
}

// STZ-09: one that waits does not hold up the ones behind it.
TEST_F(IqRouterTest, LetsRequestsPassOneThatWaits) {
  wait("first");
  wait("second");
  routed_.settle();
  gate_.open(1);
  routed_.settle();
  routed_.router.route(request("get", "<ask xmlns='urn:test'/>"));
  gate_.open(0);
  routed_.settle();
  EXPECT_EQ(answered(), (std::vector<std::string>{"second", "7", "first"}));
}

// STZ-11
TEST_F(IqRouterTest, FindsNobodyBehindALocalpart) {
  EXPECT_EQ(condition_of(routed_.get("<ask xmlns='urn:test'/>", "bob@bellhop.example.org")),
            "cancel item-not-found");
  EXPECT_EQ(condition_of(routed_.get("<ask xmlns='urn:unknown'/>", "bob@bellhop.example.org/x")),
            "cancel item-not-found");
}

TEST_F(IqRouterTest, LetsARouteAnswerForLocalpartsIfItWantsTo) {
  routed_.router.add({IqType::get, "ask", "urn:everybody", true}, answer_empty);
  EXPECT_EQ(
      routed_.get("<ask xmlns='urn:everybody'/>", "bob@bellhop.example.org").attribute("type"),
      "result");
  EXPECT_EQ(routed_.get("<ask xmlns='urn:everybody'/>").attribute("type"), "result");
}

// STZ-01: also when the handler is cut short.
TEST_F(IqRouterTest, AnswersWhatStillWaitsWhenItStops) {
  wait("first");
  wait("second");
  routed_.settle();
  stop();
  ASSERT_EQ(routed_.sent.size(), 2U);
  for (const Element& answer : routed_.sent) {
    EXPECT_EQ(condition_of(answer), "wait internal-server-error");
  }
  wait("third");
  ASSERT_EQ(routed_.sent.size(), 3U);
  EXPECT_EQ(condition_of(routed_.sent[2]), "wait internal-server-error");
  EXPECT_FALSE(routed_.log.has("task_failed"));
}

Task<Reply> fail_with(Iq, bool is_system_error) {
  if (is_system_error) {
    throw boost::system::system_error(boost::asio::error::no_descriptors);
  }
  throw std::runtime_error("broken");
  co_return Reply(std::optional<Element>());
}

// STZ-01, S5B-10: a fault of ours is told as such and logged.
TEST_F(IqRouterTest, AnswersWhenAHandlerFails) {
  routed_.router.add_task({IqType::set, "fail", "urn:system"},
                          [](Iq iq) { return fail_with(std::move(iq), true); });
  routed_.router.add_task({IqType::set, "fail", "urn:other"},
                          [](Iq iq) { return fail_with(std::move(iq), false); });
  for (const std::string_view payload :
       {"<fail xmlns='urn:system'/>", "<fail xmlns='urn:other'/>"}) {
    routed_.sent.clear();
    routed_.router.route(request("set", payload));
    routed_.settle();
    ASSERT_EQ(routed_.sent.size(), 1U) << payload;
    EXPECT_EQ(condition_of(routed_.sent[0]), "cancel internal-server-error");
  }
  EXPECT_TRUE(routed_.log.has("event=task_failed"));
}

// Bounded: whoever comes when ten thousand wait is told to come again.
TEST_F(IqRouterTest, RefusesRequestsWhenTooManyWait) {
  for (int i = 0; i < 10'000; ++i) wait(std::to_string(i));
  routed_.settle();
  EXPECT_TRUE(routed_.sent.empty());
  wait("one more");
  ASSERT_EQ(routed_.sent.size(), 1U);
  EXPECT_EQ(condition_of(routed_.sent[0]), "wait resource-constraint");
  gate_.open(0);
  routed_.settle();
  routed_.sent.clear();
  wait("room again");
  EXPECT_TRUE(routed_.sent.empty());
}

TEST_F(IqRouterTest, GivesAnyElementOfANamespaceToWhoAsksForAll) {
  routed_.router.add({IqType::get, "", "urn:all"}, [](const Iq& iq) -> Reply {
    return std::optional(Element(iq.payload()->name(), "urn:all"));
  });
  for (const char* name : {"one", "other"}) {
    const Element answer = routed_.get("<" + std::string(name) + " xmlns='urn:all'/>");
    EXPECT_NE(answer.child(name, "urn:all"), nullptr) << name;
  }
  EXPECT_EQ(condition_of(routed_.answer(request("set", "<one xmlns='urn:all'/>"))),
            "modify bad-request");
}

TEST_F(IqRouterTest, LogsRefusalsForWhoeverLooks) {
  (void)routed_.get("<ask xmlns='urn:unknown'/>");
  EXPECT_TRUE(
      routed_.log.has("event=request_refused from=romeo@example.net/Orchard "
                      "xmlns=urn:unknown reason=service-unavailable"))
      << routed_.log.text();
}

TEST(IqRouterDeathTest, HasOneHandlerForEachTypeAndNamespace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto add_twice = [] {
    test::Routed routed;
    routed.router.add({IqType::get, "ask", "urn:test"}, answer_empty);
    routed.router.add({IqType::get, "other", "urn:test"}, answer_empty);
  };
  EXPECT_DEATH(add_twice(), "broken invariant");
}

// STZ-06, STZ-14
TEST_F(IqRouterTest, SendsWhatARefusalSaysBeyondItsRow) {
  routed_.router.add({IqType::set, "ask", "urn:refuse"}, [](const Iq&) -> Reply {
    ErrorExtras extras{.text = "Not this.", .application = Element("why", "urn:why")};
    return Refusal(errors::not_acceptable, std::move(extras));
  });
  const Element answer = routed_.answer(request("set", "<ask xmlns='urn:refuse'/>"));
  const Element* error = answer.child("error", ns::kComponentAccept);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->child("text", ns::kStanzaErrors)->text(), "Not this.");
  EXPECT_NE(error->child("why", "urn:why"), nullptr);
  EXPECT_NE(answer.child("ask", "urn:refuse"), nullptr);
}

// STZ-07: unless what came is a secret.
TEST_F(IqRouterTest, RepeatsNoSecrets) {
  routed_.router.add({IqType::set, "ask", "urn:refuse"}, [](const Iq&) -> Reply {
    return Refusal(errors::conflict, ErrorExtras{.hides_request = true});
  });
  const Element answer = routed_.answer(request("set", "<ask xmlns='urn:refuse'>secret</ask>"));
  EXPECT_EQ(condition_of(answer), "cancel conflict");
  EXPECT_EQ(answer.children().size(), 1U);
}

}  // namespace
}  // namespace bellhop::xmpp

// WatchEvents: how things stand, then every change, numbered.
#include "api/admin/event_api.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using test::AdminWorld;
using test::kOperator;
using test::Watching;

using Events = Watching<v1::WatchEventsResponse>;

const std::string kAlice = "alice@example.org/phone";

class EventApiTest : public ::testing::Test {
 protected:
  std::unique_ptr<Events> watch(const std::vector<v1::EventType>& types = {}) {
    v1::WatchEventsRequest request;
    for (const auto type : types) request.add_types(type);
    return std::make_unique<Events>(
        world_, [this, request](Outlet<v1::WatchEventsResponse>& outlet) {
          return world_.services.events.watch(kOperator, request, outlet);
        });
  }
  // The types of the snapshot, up to its mark.
  static std::multiset<int> snapshot(Events& watching) {
    std::multiset<int> types;
    for (;;) {
      const auto message = watching.next();
      if (!message.has_snapshot()) {
        EXPECT_TRUE(message.has_snapshot_complete());
        return types;
      }
      types.insert(message.snapshot().type());
    }
  }
  void deny(const std::string& subject) {
    v1::SetAccessRuleRequest request;
    request.mutable_access_rule()->set_subject(subject);
    request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
    world_.expect_call<v1::SetAccessRuleResponse>("PolicyService/SetAccessRule", request);
  }

  AdminWorld world_;
};

TEST_F(EventApiTest, BeginsWithHowThingsStand) {
  (void)world_.start(kAlice);
  (void)world_.start(kAlice, 1);
  deny("jid:mallory@example.org");
  const auto watching = watch();
  const auto types = snapshot(*watching);
  EXPECT_EQ(types.count(v1::EVENT_TYPE_NODE), 1U);
  EXPECT_EQ(types.count(v1::EVENT_TYPE_UPSTREAM), 1U);
  EXPECT_EQ(types.count(v1::EVENT_TYPE_SESSION), 2U);
  EXPECT_GE(types.count(v1::EVENT_TYPE_POLICY), 1U);
}

TEST_F(EventApiTest, TellsChangesWithRisingNumbers) {
  const auto watching = watch();
  (void)snapshot(*watching);
  const base::Ulid id = world_.start(kAlice);
  std::uint64_t revision = 0;
  const auto next_summary = [&] {
    const v1::Event event = watching->next().changed();
    EXPECT_GT(event.revision(), revision);
    revision = event.revision();
    EXPECT_GT(event.time().seconds(), 0);
    return event.summary();
  };
  EXPECT_EQ(next_summary(), "a session began");
  deny("jid:alice@example.org");
  std::set<std::string> told;  // the session ends on its own shard, sooner or later
  for (int i = 0; i < 3; ++i) told.insert(next_summary());
  EXPECT_EQ(told, (std::set<std::string>{"a session ended", "an access rule was set",
                                         "uid:0 called PolicyService/SetAccessRule: ok"}));
  EXPECT_EQ(world_.reason_of(id), runtime::EndReason::policy);
}

TEST_F(EventApiTest, TellsOnlyTheTypesThatWereAskedFor) {
  (void)world_.start(kAlice);
  const auto watching = watch({v1::EVENT_TYPE_AUDIT});
  EXPECT_TRUE(snapshot(*watching).empty());
  (void)world_.start(kAlice);
  deny("jid:bob@example.org");
  EXPECT_EQ(watching->next().changed().type(), v1::EVENT_TYPE_AUDIT);
}

TEST_F(EventApiTest, RefusesTypesThatThereAreNot) {
  for (const int type : {0, -1, 1000}) {
    const auto watching = watch({static_cast<v1::EventType>(type)});
    watching->finish();
    ASSERT_FALSE(watching->result);
    EXPECT_EQ(watching->result.error().field(), "types");
  }
}

TEST_F(EventApiTest, AStreamThatComesOrGoesIsAnEvent) {
  const auto watching = watch({v1::EVENT_TYPE_UPSTREAM});
  EXPECT_EQ(snapshot(*watching).size(), 1U);
  using State = xmpp::Stream::Status::State;
  world_.services.events.publish(
      {"bellhop.example.org", "127.0.0.1:1", false, {State::attached, {}, ""}});
  EXPECT_EQ(watching->next().changed().summary(), "bellhop.example.org is attached");
  world_.services.events.publish(
      {"bellhop.example.org", "127.0.0.1:1", false, {State::refused, {}, "conflict"}});
  EXPECT_EQ(watching->next().changed().upstream().last_error(), "conflict");
}

TEST_F(EventApiTest, WhoDoesNotReadIsToldHowMuchWasLost) {
  const auto watching = watch({v1::EVENT_TYPE_UPSTREAM});
  (void)snapshot(*watching);
  for (std::size_t i = 0; i < kOutletMax + 7; ++i) {
    world_.services.events.publish(api::UpstreamStatus{"b", "s", false, {}});
  }
  for (std::size_t i = 0; i < kOutletMax; ++i) EXPECT_TRUE(watching->next().has_changed());
  EXPECT_EQ(watching->next().lost().count(), 7U);
}

TEST(EventHub, TellsEachListenerUntilItIsRemoved) {
  class Count final : public EventListener {
   public:
    void on_event(const v1::Event& event) override { revisions.push_back(event.revision()); }
    std::vector<std::uint64_t> revisions;
  };
  EventHub hub;
  EXPECT_FALSE(hub.is_watched());
  hub.publish({});
  Count count;
  hub.add(count);
  EXPECT_TRUE(hub.is_watched());
  hub.publish({});
  hub.remove(count);
  hub.publish({});
  EXPECT_EQ(count.revisions, std::vector<std::uint64_t>{2});
  EXPECT_EQ(hub.revision(), 3U);
}

}  // namespace
}  // namespace bellhop::admin

// NodeService, UpstreamService and LogService.
#include "api/admin/node_api.hpp"

#include <gtest/gtest.h>

#include "api/admin/tokens.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using runtime::EndReason;
using test::AdminWorld;
using test::kOperator;
using test::kReader;
using test::Watching;

const std::string kAlice = "alice@example.org/phone";

using Drain = Watching<v1::DrainNodeResponse>;

class NodeApiTest : public ::testing::Test {
 protected:
  v1::Node node() {
    return world_.expect_call<v1::GetNodeResponse>("NodeService/GetNode", v1::GetNodeRequest())
        .node();
  }
  bool is_open() {
    auto ask = [this] { return world_.core.parts.control.node().is_open; };
    return world_.run(world_.core.on_control(ask));
  }
  std::unique_ptr<Drain> drain(std::int32_t timeout_ms = 0) {
    v1::DrainNodeRequest request;
    if (timeout_ms != 0) {
      request.mutable_timeout()->set_seconds(timeout_ms / 1000);
      request.mutable_timeout()->set_nanos(timeout_ms % 1000 * 1'000'000);
    }
    return std::make_unique<Drain>(world_, [this, request](Outlet<v1::DrainNodeResponse>& outlet) {
      return world_.services.node.drain(kOperator, request, outlet);
    });
  }
  ApiResult<v1::UndrainNodeResponse> undrain() {
    return world_.call<v1::UndrainNodeResponse>("NodeService/UndrainNode",
                                                v1::UndrainNodeRequest());
  }

  AdminWorld world_;
};

TEST_F(NodeApiTest, TellsHowTheProcessStands) {
  (void)world_.start(kAlice);
  const v1::Node shown = node();
  EXPECT_EQ(shown.version(), BELLHOP_VERSION);
  EXPECT_EQ(shown.state(), v1::NODE_STATE_SERVING);
  EXPECT_EQ(shown.shard_count(), 2U);
  EXPECT_EQ(shown.session_count(), 1U);
  EXPECT_GT(shown.descriptor_count(), 0U);
  EXPECT_GT(shown.resident_bytes(), 0U);
  ASSERT_EQ(shown.listen_addresses_size(), 1);
  EXPECT_TRUE(shown.listen_addresses(0).starts_with("127.0.0.1:"));
  EXPECT_EQ(shown.streamhosts(0), "203.0.113.7:7777");
}

TEST_F(NodeApiTest, ADrainEndsWithTheLastSession) {
  const base::Ulid id = world_.start(kAlice, 1);
  const auto draining = drain();
  const auto first = draining->next();
  EXPECT_EQ(first.session_count(), 1U);
  EXPECT_FALSE(first.is_done());
  EXPECT_EQ(node().state(), v1::NODE_STATE_DRAINING);
  EXPECT_FALSE(is_open());
  world_.end(id);
  auto last = draining->next();
  while (!last.is_done()) last = draining->next();
  EXPECT_EQ(last.session_count(), 0U);
  EXPECT_EQ(last.dropped_session_count(), 0U);
  draining->finish();
  EXPECT_TRUE(draining->result);
  EXPECT_FALSE(is_open()) << "until it is undrained";
  EXPECT_EQ(undrain()->node().state(), v1::NODE_STATE_SERVING);
  EXPECT_TRUE(is_open());
}

TEST_F(NodeApiTest, ADrainEndsWhatIsLeftAfterItsTime) {
  const base::Ulid id = world_.start(kAlice, 1);
  const auto draining = drain(20);
  auto last = draining->next();
  while (!last.is_done()) last = draining->next();
  EXPECT_EQ(last.dropped_session_count(), 1U);
  EXPECT_EQ(world_.reason_of(id), EndReason::shutdown);
}

TEST_F(NodeApiTest, AnUndrainCallsADrainOff) {
  const base::Ulid id = world_.start(kAlice);
  const auto draining = drain(50);
  EXPECT_FALSE(draining->next().is_done());
  ASSERT_TRUE(undrain());  // its time-out passes before it looks again
  draining->finish();
  EXPECT_TRUE(draining->result);
  EXPECT_EQ(world_.reason_of(id), EndReason::none);
  EXPECT_TRUE(is_open());
}

TEST_F(NodeApiTest, ADrainGoesOnWhenItsCallerHasGone) {
  const base::Ulid id = world_.start(kAlice, 1);
  const auto draining = drain(50);
  EXPECT_FALSE(draining->next().is_done());
  draining->outlet.close();
  draining->finish();
  EXPECT_EQ(world_.reason_of(id), EndReason::shutdown);
}

TEST_F(NodeApiTest, ADrainOfNothingIsDoneAtOnce) {
  const auto draining = drain();
  EXPECT_TRUE(draining->next().is_done());
}

TEST_F(NodeApiTest, WhoIsStoppingIsNotDrainedOrUndrained) {
  world_.services.node.note_stopping();
  EXPECT_EQ(node().state(), v1::NODE_STATE_STOPPING);
  const auto draining = drain();
  draining->finish();
  ASSERT_FALSE(draining->result);
  EXPECT_EQ(&draining->result.error().kind(), &errors::failed_precondition);
  const auto undrained = undrain();
  ASSERT_FALSE(undrained);
  EXPECT_EQ(&undrained.error().kind(), &errors::failed_precondition);
  EXPECT_TRUE(is_open()) << "nobody closed it";
}

TEST_F(NodeApiTest, ADrainTakesMillisecondsToMonths) {
  const auto too_long = drain(INT32_MAX);  // 24 days
  EXPECT_TRUE(too_long->next().is_done());
  const auto negative = drain(-1);
  negative->finish();
  ASSERT_FALSE(negative->result);
  EXPECT_EQ(negative->result.error().field(), "timeout");
}

TEST_F(NodeApiTest, AShutdownIsAskedForAndReported) {
  v1::ShutdownNodeRequest request;
  const base::Ulid id = world_.start(kAlice);
  using Shutdown = Watching<v1::ShutdownNodeResponse>;
  Shutdown stopping(world_, [&](Outlet<v1::ShutdownNodeResponse>& outlet) {
    return world_.services.node.shutdown(kOperator, request, outlet);
  });
  EXPECT_EQ(stopping.next().session_count(), 1U);
  EXPECT_TRUE(world_.was_stopped);
  world_.end(id);
  EXPECT_EQ(stopping.next().session_count(), 0U);
  stopping.finish();
  EXPECT_TRUE(stopping.result);
}

TEST_F(NodeApiTest, AShutdownThatCannotBeIsRefused) {
  v1::ShutdownNodeRequest request;
  request.mutable_timeout()->set_seconds(-1);
  Watching<v1::ShutdownNodeResponse> stopping(
      world_, [&](Outlet<v1::ShutdownNodeResponse>& outlet) {
        return world_.services.node.shutdown(kOperator, request, outlet);
      });
  stopping.finish();
  EXPECT_FALSE(stopping.result);
  EXPECT_FALSE(world_.was_stopped);
}

TEST_F(NodeApiTest, ACallerIsToldWhoItIs) {
  const auto reader =
      world_.call<v1::GetCallerResponse>("NodeService/GetCaller", v1::GetCallerRequest(), kReader);
  EXPECT_EQ(reader->identity(), "uid:1000");
  EXPECT_EQ(reader->access(), v1::ACCESS_READ);
  const auto full =
      world_.call<v1::GetCallerResponse>("NodeService/GetCaller", v1::GetCallerRequest());
  EXPECT_EQ(full->access(), v1::ACCESS_FULL);
}

TEST_F(NodeApiTest, ALinkToThePageHasTheRoleOfWhoAskedForIt) {
  const auto link = [&](const Caller& caller) {
    return world_.call<v1::CreatePageLinkResponse>("NodeService/CreatePageLink",
                                                   v1::CreatePageLinkRequest(), caller);
  };
  EXPECT_EQ(&link(kOperator).error().kind(), &errors::failed_precondition);
  world_.services.node.set_page_url("http://127.0.0.1:7780/");
  for (const Caller& caller : {kOperator, kReader}) {
    const std::string url = link(caller)->url();
    const std::string begin = "http://127.0.0.1:7780/#token=";
    ASSERT_TRUE(url.starts_with(begin));
    const auto read = read_page_token(world_.core.page_secret, url.substr(begin.size()));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->role, caller.role);
  }
}

TEST_F(NodeApiTest, UpstreamsAreListedAndReconnected) {
  const auto listed = world_.expect_call<v1::ListUpstreamsResponse>("UpstreamService/ListUpstreams",
                                                                    v1::ListUpstreamsRequest());
  ASSERT_EQ(listed.upstreams_size(), 1);
  EXPECT_EQ(listed.upstreams(0).name(), "upstreams/bellhop.example.org");
  EXPECT_EQ(listed.upstreams(0).server(), "127.0.0.1:1");
  v1::ReconnectUpstreamRequest request;
  const auto reconnect = [&](const std::string& name) {
    request.set_name(name);
    return world_.call<v1::ReconnectUpstreamResponse>("UpstreamService/ReconnectUpstream", request);
  };
  EXPECT_EQ(reconnect("upstreams/bellhop.example.org")->upstream().jid(), "bellhop.example.org");
  EXPECT_EQ(&reconnect("upstreams/other.example.org").error().kind(), &errors::not_found);
  EXPECT_EQ(reconnect("bellhop.example.org").error().field(), "name");
}

class LogLevelTest : public NodeApiTest {
 protected:
  ApiResult<v1::SetLogLevelResponse> set(v1::LogLevel level, std::int64_t ttl_seconds = 0) {
    v1::SetLogLevelRequest request;
    request.set_level(level);
    request.mutable_ttl()->set_seconds(ttl_seconds);
    return world_.call<v1::SetLogLevelResponse>("LogService/SetLogLevel", request);
  }
  v1::GetLogLevelResponse get() {
    return world_.expect_call<v1::GetLogLevelResponse>("LogService/GetLogLevel",
                                                       v1::GetLogLevelRequest());
  }
  bool is_on(base::Severity severity) { return world_.log().log().is_on(severity); }
};

TEST_F(LogLevelTest, HoldsUntilItIsSetAgain) {
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_INFO);
  ASSERT_TRUE(set(v1::LOG_LEVEL_ERROR));
  EXPECT_FALSE(is_on(base::Severity::warn));
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_ERROR);
  EXPECT_EQ(get().configured_level(), v1::LOG_LEVEL_INFO);
  EXPECT_FALSE(get().has_revert_time());
  world_.services.node.revert_log_level();
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_ERROR);
  ASSERT_TRUE(set(v1::LOG_LEVEL_TRACE));
  EXPECT_TRUE(is_on(base::Severity::trace));
}

TEST_F(LogLevelTest, ComesBackAfterItsTimeAndNotBefore) {
  v1::SetLogLevelRequest request;
  request.set_level(v1::LOG_LEVEL_DEBUG);
  request.mutable_ttl()->set_seconds(3600);
  ASSERT_TRUE(world_.call<v1::SetLogLevelResponse>("LogService/SetLogLevel", request));
  EXPECT_TRUE(get().has_revert_time());
  world_.services.node.revert_log_level();
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_DEBUG);
  request.mutable_ttl()->set_seconds(0);
  request.mutable_ttl()->set_nanos(1'000'000);
  ASSERT_TRUE(world_.call<v1::SetLogLevelResponse>("LogService/SetLogLevel", request));
  world_.expect([&] {
    world_.services.node.revert_log_level();
    return !is_on(base::Severity::debug);
  });
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_INFO);
  EXPECT_FALSE(get().has_revert_time());
}

TEST_F(LogLevelTest, AReloadLeavesWhatWasSetAtRunTime) {
  ASSERT_TRUE(set(v1::LOG_LEVEL_DEBUG));
  const auto reloaded = world_.expect_call<v1::ReloadConfigResponse>("ConfigService/ReloadConfig",
                                                                     v1::ReloadConfigRequest());
  EXPECT_EQ(reloaded.problems_size(), 0);
  EXPECT_EQ(get().level(), v1::LOG_LEVEL_DEBUG);
  EXPECT_TRUE(is_on(base::Severity::debug));
}

TEST_F(LogLevelTest, IsOneOfTheLevelsForAWeekAtMost) {
  for (const int level : {0, 6, -1, 99}) {
    EXPECT_EQ(set(static_cast<v1::LogLevel>(level)).error().field(), "level") << level;
  }
  EXPECT_TRUE(set(v1::LOG_LEVEL_INFO, 7 * 86'400));
  EXPECT_EQ(set(v1::LOG_LEVEL_INFO, 7 * 86'400 + 1).error().field(), "ttl");
  EXPECT_EQ(set(v1::LOG_LEVEL_INFO, -1).error().field(), "ttl");
}

}  // namespace
}  // namespace bellhop::admin

// The one door: roles, audit, counters, and methods that fail.
#include "api/admin/dispatcher.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "api/admin/json.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;
using test::AdminWorld;
using test::kOperator;
using test::kReader;

using EndReply = ApiResult<v1::EndSessionResponse>;
using GetReply = ApiResult<v1::GetSessionResponse>;

// Two methods of the contract, one to look and one to change, that do what the test says.
class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    door_.add<v1::GetSessionRequest, v1::GetSessionResponse>(
        "SessionService/GetSession", [this](Caller caller, v1::GetSessionRequest request) {
          return get(std::move(caller), std::move(request));
        });
    door_.add<v1::EndSessionRequest, v1::EndSessionResponse>(
        "SessionService/EndSession", [this](Caller caller, v1::EndSessionRequest request) {
          return end(std::move(caller), std::move(request));
        });
  }
  Dispatcher::Reply look(const Caller& caller, const std::string& name = "x") {
    auto request = std::make_unique<v1::GetSessionRequest>();
    request->set_name(name);
    return world_.run(door_.call(caller, "SessionService/GetSession", std::move(request)));
  }
  Dispatcher::Reply change(const Caller& caller, const std::string& name = "x") {
    auto request = std::make_unique<v1::EndSessionRequest>();
    request->set_name(name);
    return world_.run(door_.call(caller, "SessionService/EndSession", std::move(request)));
  }
  // Lines of the audit log so far; the disk thread has written them then.
  std::vector<v1::Event> audit() {
    auto nothing = [](api::State&) -> base::Result<void> { return {}; };
    EXPECT_TRUE(world_.run(world_.core.on_store(nothing)));
    std::vector<v1::Event> events;
    std::istringstream lines(store::text_of(world_.file("state/audit.jsonl")));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(from_json(line, events.emplace_back())) << line;
    }
    return events;
  }
  std::uint64_t calls(const std::string& result) const {
    const auto row = world_.core.calls.find({"SessionService", result});
    return row == world_.core.calls.end() ? 0 : row->second;
  }

  AdminWorld world_{{.config = "", .has_store = true}};
  Dispatcher door_{world_.core};
  std::vector<std::string> ran_;

 private:
  Task<GetReply> get(Caller caller, v1::GetSessionRequest request) {
    ran_.push_back("get by " + caller.identity);
    if (request.name() == "throw") throw std::runtime_error("a bug");
    if (request.name() == "refuse") co_return ApiError(errors::not_found);
    v1::GetSessionResponse response;
    response.mutable_session()->set_name(request.name());
    co_return response;
  }
  Task<EndReply> end(Caller caller, v1::EndSessionRequest request) {
    ran_.push_back("end by " + caller.identity);
    if (request.name() == "throw") throw std::runtime_error("a bug");
    if (request.name() == "refuse") co_return ApiError(errors::not_found);
    co_return v1::EndSessionResponse();
  }
};

TEST_F(DispatcherTest, RunsTheMethodWithItsCallerAndRequest) {
  const auto reply = look(kReader, "sessions/1");
  ASSERT_TRUE(reply);
  EXPECT_EQ(dynamic_cast<const v1::GetSessionResponse&>(**reply).session().name(), "sessions/1");
  EXPECT_EQ(ran_, std::vector<std::string>{"get by uid:1000"});
  EXPECT_EQ(calls("ok"), 1U);
}

TEST_F(DispatcherTest, WhoMayOnlyLookChangesNothing) {
  const auto reply = change(kReader);
  ASSERT_FALSE(reply);
  EXPECT_EQ(&reply.error().kind(), &errors::permission_denied);
  EXPECT_TRUE(ran_.empty());
  EXPECT_EQ(calls("permission-denied"), 1U);
  EXPECT_TRUE(change(kOperator));
}

TEST_F(DispatcherTest, ChangesAreAuditedAndLooksAreNot) {
  (void)look(kOperator);
  (void)change(kOperator, "sessions/1");
  (void)change(kReader, "sessions/2");
  (void)change(kOperator, "refuse");
  (void)look(kReader, "refuse");
  const auto lines = audit();
  ASSERT_EQ(lines.size(), 3U);
  const std::array results{"ok", "permission-denied", "not-found"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].type(), v1::EVENT_TYPE_AUDIT);
    EXPECT_EQ(lines[i].audit().method(), "SessionService/EndSession");
    EXPECT_EQ(lines[i].audit().result(), results[i]);
    EXPECT_GT(lines[i].time().seconds(), 0);
  }
  EXPECT_EQ(lines[1].audit().identity(), "uid:1000");
  EXPECT_EQ(lines[0].audit().request(), R"({"name":"sessions/1"})");
  EXPECT_TRUE(world_.log().has("event=admin_change"));
}

TEST_F(DispatcherTest, ALongRequestIsCutInTheAuditLogAndTheLineStaysWhole) {
  // The cut falls on each byte of a character of two, three and four.
  for (const char* letter : {"x", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    for (std::size_t shift = 0; shift < 4; ++shift) {
      std::string name(shift, 'x');
      for (int i = 0; i < 600; ++i) name += letter;
      (void)change(kOperator, name);
    }
  }
  const auto lines = audit();
  ASSERT_EQ(lines.size(), 16U);
  for (const v1::Event& line : lines) {
    EXPECT_EQ(line.audit().identity(), "uid:0");
    EXPECT_LE(line.audit().request().size(), 515U);
    EXPECT_GE(line.audit().request().size(), 512U);  // less by half a character at most
    EXPECT_TRUE(line.audit().request().ends_with("..."));
  }
}

TEST_F(DispatcherTest, AnUnknownMethodIsNotFound) {
  for (const char* name : {"", "SessionService", "SessionService/", "SessionService/Nothing",
                           "SessionService.GetSession", "sessionservice/getsession"}) {
    EXPECT_EQ(door_.new_request(name), nullptr) << name;
    const auto reply =
        world_.run(door_.call(kOperator, name, std::make_unique<v1::GetSessionRequest>()));
    ASSERT_FALSE(reply);
    EXPECT_EQ(&reply.error().kind(), &errors::not_found);
  }
  EXPECT_TRUE(world_.core.calls.empty()) << "strangers make no rows";
}

TEST_F(DispatcherTest, AMethodThatThrowsIsUnavailableAndLogged) {
  const auto reply = look(kReader, "throw");
  ASSERT_FALSE(reply);
  EXPECT_EQ(&reply.error().kind(), &errors::unavailable);
  EXPECT_EQ(reply.error().message().find("a bug"), std::string::npos);
  EXPECT_TRUE(world_.log().has("event=admin_call_failed"));
  EXPECT_TRUE(world_.log().has("a bug"));
  EXPECT_EQ(calls("unavailable"), 1U);
  (void)change(kOperator, "throw");
  EXPECT_EQ(audit().front().audit().result(), "unavailable");
}

TEST_F(DispatcherTest, WatchesAreCountedAndHaveAMaximum) {
  world_.core.parts.settings.admin.watches_max = 1;
  const auto watch = [this](Task<ApiResult<void>> body) {
    return world_.run(door_.watch(kReader, "SessionService/WatchSessions",
                                  std::make_unique<v1::WatchSessionsRequest>(), std::move(body)));
  };
  auto inner = [](Core& core) -> Task<ApiResult<void>> {
    EXPECT_EQ(core.watches, 1U);
    co_return ApiResult<void>();
  };
  auto outer = [&](Core& core) -> Task<ApiResult<void>> {
    EXPECT_EQ(core.watches, 1U);
    auto body = inner(core);
    const auto second =
        co_await door_.watch(kReader, "SessionService/WatchSessions",
                             std::make_unique<v1::WatchSessionsRequest>(), std::move(body));
    EXPECT_FALSE(second);
    if (!second) {
      EXPECT_EQ(&second.error().kind(), &errors::too_many_watchers);
    }
    co_return ApiResult<void>();
  };
  EXPECT_TRUE(watch(outer(world_.core)));
  EXPECT_EQ(world_.core.watches, 0U);
  auto failing = [](Core&) -> Task<ApiResult<void>> {
    throw std::runtime_error("a bug");
    co_return ApiResult<void>();
  };
  const auto failed = watch(failing(world_.core));
  ASSERT_FALSE(failed);
  EXPECT_EQ(&failed.error().kind(), &errors::unavailable);
  EXPECT_EQ(world_.core.watches, 0U);
  EXPECT_TRUE(watch(inner(world_.core))) << "there is room again";
}

TEST_F(DispatcherTest, AWatchThatChangesThingsAsksForTheRoleBeforeItBegins) {
  bool has_begun = false;
  auto drain = [&has_begun](Core&) -> Task<ApiResult<void>> {
    has_begun = true;
    co_return ApiResult<void>();
  };
  const auto refused =
      world_.run(door_.watch(kReader, "NodeService/DrainNode",
                             std::make_unique<v1::DrainNodeRequest>(), drain(world_.core)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(&refused.error().kind(), &errors::permission_denied);
  EXPECT_FALSE(has_begun);
  EXPECT_EQ(audit().front().audit().result(), "permission-denied");
}

// What a transport offers is what the contract says: a method that was forgotten shows here.
TEST_F(DispatcherTest, EveryUnaryMethodOfTheContractIsThere) {
  (void)v1::RunChecksRequest::descriptor();  // linked only if somebody calls something of it
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  std::size_t methods = 0;
  for (const char* name :
       {"BandwidthService", "ConfigService", "LogService", "NodeService", "PolicyService",
        "SessionService", "UpstreamService", "EventService", "DiagnosticsService"}) {
    const auto* service = pool->FindServiceByName(std::string("bellhop.admin.v1.") + name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      EXPECT_NE(method->options().GetExtension(v1::access), v1::ACCESS_UNSPECIFIED);
      const auto request = world_.dispatcher.new_request(name + ("/" + method->name()));
      EXPECT_EQ(request != nullptr, !method->server_streaming()) << method->full_name();
      if (request) {
        EXPECT_EQ(request->GetDescriptor(), method->input_type());
        ++methods;
      }
    }
  }
  EXPECT_EQ(methods, 30U);
}

}  // namespace
}  // namespace bellhop::admin

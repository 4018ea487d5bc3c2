// The admin API through a gRPC client, beside streams that really flow.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "bellhop/admin/v1/bandwidth_service.grpc.pb.h"
#include "bellhop/admin/v1/config_service.grpc.pb.h"
#include "bellhop/admin/v1/diagnostics_service.grpc.pb.h"
#include "bellhop/admin/v1/event_service.grpc.pb.h"
#include "bellhop/admin/v1/log_service.grpc.pb.h"
#include "bellhop/admin/v1/node_service.grpc.pb.h"
#include "bellhop/admin/v1/policy_service.grpc.pb.h"
#include "bellhop/admin/v1/session_service.grpc.pb.h"
#include "bellhop/admin/v1/upstream_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/scenario/admin_side.hpp"

namespace bellhop::test {
namespace {

namespace v1 = ::bellhop::admin::v1;

// A stub of each service over one unix socket.
class Client {
 public:
  explicit Client(const std::string& socket)
      : channel_(grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials())),
        sessions(v1::SessionService::NewStub(channel_)),
        bandwidth(v1::BandwidthService::NewStub(channel_)),
        policy(v1::PolicyService::NewStub(channel_)),
        node(v1::NodeService::NewStub(channel_)),
        events(v1::EventService::NewStub(channel_)),
        config(v1::ConfigService::NewStub(channel_)),
        upstreams(v1::UpstreamService::NewStub(channel_)),
        log(v1::LogService::NewStub(channel_)),
        diagnostics(v1::DiagnosticsService::NewStub(channel_)),
        health(grpc::health::v1::Health::NewStub(channel_)) {}

  // Calls and expects success.
  template <typename Response, typename Stub, typename Request, typename Method>
  [[nodiscard]] Response call(Stub& stub, Method method, const Request& request) {
    Response response;
    const grpc::Status status = answer(stub, method, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  template <typename Stub, typename Method, typename Request, typename Response>
  [[nodiscard]] grpc::Status answer(Stub& stub, Method method, const Request& request,
                                    Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    return (stub.*method)(&context, request, &response);
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;

 public:
  std::unique_ptr<v1::SessionService::Stub> sessions;
  std::unique_ptr<v1::BandwidthService::Stub> bandwidth;
  std::unique_ptr<v1::PolicyService::Stub> policy;
  std::unique_ptr<v1::NodeService::Stub> node;
  std::unique_ptr<v1::EventService::Stub> events;
  std::unique_ptr<v1::ConfigService::Stub> config;
  std::unique_ptr<v1::UpstreamService::Stub> upstreams;
  std::unique_ptr<v1::LogService::Stub> log;
  std::unique_ptr<v1::DiagnosticsService::Stub> diagnostics;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
};

v1::ListSessionsResponse list(Client& client, const std::string& filter = "") {
  v1::ListSessionsRequest request;
  request.set_filter(filter);
  return client.call<v1::ListSessionsResponse>(*client.sessions,
                                               &v1::SessionService::Stub::ListSessions, request);
}

// The reason and the field at fault of a refusal (google.rpc.Status).
std::pair<std::string, std::string> reason_of(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest fault;
  for (const auto& detail : details.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
    if (detail.Is<google::rpc::BadRequest>()) detail.UnpackTo(&fault);
  }
  return {info.reason(), fault.field_violations().empty() ? "" : fault.field_violations(0).field()};
}

v1::ExplainAccessResponse explain(Client& client, std::string_view jid) {
  v1::ExplainAccessRequest request;
  request.set_jid(std::string(jid));
  return client.call<v1::ExplainAccessResponse>(*client.policy,
                                                &v1::PolicyService::Stub::ExplainAccess, request);
}

v1::Quota set_daily_quota(Client& client, const std::string& subject, std::uint64_t bytes) {
  v1::SetQuotaRequest request;
  request.mutable_quota()->set_subject(subject);
  request.mutable_quota()->set_daily_bytes(bytes);
  return client
      .call<v1::SetQuotaResponse>(*client.policy, &v1::PolicyService::Stub::SetQuota, request)
      .quota();
}

TEST(AdminApi, ListsWhatRunsWithItsBytes) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  EXPECT_EQ(list(client).sessions_size(), 0);
  Pair pair = chat.open("listed");
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(100'000)));
  ASSERT_TRUE(passes(pair.target, pair.requester, "answer"));
  const auto response = list(client, "requester:requester@example.com AND bytes >= 100006");
  ASSERT_EQ(response.sessions_size(), 1);
  const v1::Session& session = response.sessions(0);
  EXPECT_EQ(session.kind(), "socks5");
  EXPECT_EQ(session.requester(), kRequester);
  EXPECT_EQ(session.target(), kTarget);
  EXPECT_EQ(session.first_to_second_bytes() + session.second_to_first_bytes(), 100'006U);
  EXPECT_EQ(list(client, "domain = \"example.net\"").sessions_size(), 0);
}

TEST(AdminApi, PagesHoldEachSessionOnce) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  std::vector<Pair> pairs;
  for (int i = 0; i < 7; ++i) pairs.push_back(chat.open("page" + std::to_string(i)));
  std::set<std::string> names;
  v1::ListSessionsRequest request;
  request.set_page_size(3);
  int pages = 0;
  do {
    const auto page = client.call<v1::ListSessionsResponse>(
        *client.sessions, &v1::SessionService::Stub::ListSessions, request);
    EXPECT_EQ(page.total_size(), 7U);
    for (const auto& session : page.sessions()) EXPECT_TRUE(names.insert(session.name()).second);
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(names.size(), 7U);
  EXPECT_EQ(pages, 3);
}

TEST(AdminApi, RefusalsNameReasonAndField) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  v1::ListSessionsRequest request;
  request.set_filter("sise > 1");
  v1::ListSessionsResponse response;
  auto status =
      client.answer(*client.sessions, &v1::SessionService::Stub::ListSessions, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_of(status), std::pair(std::string("bad-filter"), std::string("filter")));
  request.set_filter("");
  request.set_page_token("forged");
  status =
      client.answer(*client.sessions, &v1::SessionService::Stub::ListSessions, request, response);
  EXPECT_EQ(reason_of(status).first, "bad-page-token");
  v1::GetSessionRequest absent;
  absent.set_name("sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV");
  v1::GetSessionResponse none;
  status = client.answer(*client.sessions, &v1::SessionService::Stub::GetSession, absent, none);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(AdminApi, AnEndedSessionHasItsSocketsClosed) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("ended");
  ASSERT_TRUE(passes(pair.requester, pair.target, "so far"));
  v1::EndSessionRequest request;
  request.set_name(list(client).sessions(0).name());
  const auto response = client.call<v1::EndSessionResponse>(
      *client.sessions, &v1::SessionService::Stub::EndSession, request);
  EXPECT_EQ(response.session().end_reason(), "ended");
  EXPECT_EQ(response.session().state(), v1::SESSION_STATE_ENDED);
  EXPECT_EQ(pair.requester.receive_all(), "");
  EXPECT_EQ(pair.target.receive_all(), "");
  EXPECT_EQ(field(chat.bellhop.line("session_ended"), "reason"), "ended");
  EXPECT_EQ(field(chat.bellhop.line("admin_change"), "method"), "SessionService/EndSession");
}

TEST(AdminApi, ManyAreEndedOnlyIfTheirNumberIsAsExpected) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair one = chat.open("one");
  Pair two = chat.open("two");
  v1::EndSessionsRequest request;
  v1::EndSessionsResponse response;
  request.set_filter("kind = socks5");
  request.set_expected_count(3);
  auto status =
      client.answer(*client.sessions, &v1::SessionService::Stub::EndSessions, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(passes(one.requester, one.target, "goes on"));
  request.set_expected_count(2);
  status =
      client.answer(*client.sessions, &v1::SessionService::Stub::EndSessions, request, response);
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(response.session_count(), 2U);
  EXPECT_EQ(one.requester.receive_all(), "");
  EXPECT_EQ(two.target.receive_all(), "");
}

TEST(AdminApi, AReaderOfTheReadOnlySocketMayLookAndNotTouch) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "read.sock");
  Pair pair = chat.open("looked at");
  v1::EndSessionRequest request;
  request.set_name(list(client).sessions(0).name());
  v1::EndSessionResponse response;
  const auto status =
      client.answer(*client.sessions, &v1::SessionService::Stub::EndSession, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(passes(pair.requester, pair.target, "untouched"));
  struct stat file {};
  ASSERT_EQ(::stat((folder / "read.sock").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660U);
}

TEST(AdminApi, AnExceededQuotaEndsRefusesAndIsExplained) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("quota");
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(5000)));
  EXPECT_TRUE(explain(client, kRequester).is_allowed());
  (void)set_daily_quota(client, "jid:requester@example.com", 4000);
  EXPECT_EQ(field(chat.bellhop.line("session_ended"), "reason"), "quota");
  EXPECT_EQ(pair.target.receive_all(), "");
  Pair refused = chat.connect_pair("refused");
  EXPECT_EQ(chat.activate("refused"), "wait/resource-constraint");
  const auto why = explain(client, kRequester);
  EXPECT_FALSE(why.is_allowed());
  EXPECT_EQ(why.reason(), "bytes-of-jid");
  EXPECT_NE(why.summary().find("5000 of 4000 bytes used today"), std::string::npos);
}

TEST(AdminApi, ADeniedUserLosesRunningSessionsUntilTheRuleIsRemoved) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("denied");
  v1::SetAccessRuleRequest request;
  request.mutable_access_rule()->set_subject("domain:example.com");
  request.mutable_access_rule()->set_action(v1::RULE_ACTION_DENY);
  request.set_validate_only(true);
  const auto set = [&] {
    return client.call<v1::SetAccessRuleResponse>(*client.policy,
                                                  &v1::PolicyService::Stub::SetAccessRule, request);
  };
  EXPECT_EQ(set().ended_session_count(), 1U);
  EXPECT_TRUE(passes(pair.requester, pair.target, "only tried"));
  request.set_validate_only(false);
  EXPECT_EQ(set().ended_session_count(), 1U);
  EXPECT_EQ(pair.target.receive_all(), "");
  Pair refused = chat.connect_pair("refused");
  EXPECT_EQ(chat.activate("refused"), "auth/forbidden");
  v1::DeleteAccessRuleRequest remove;
  remove.set_name("accessRules/domain:example.com");
  (void)client.call<v1::DeleteAccessRuleResponse>(
      *client.policy, &v1::PolicyService::Stub::DeleteAccessRule, remove);
  Pair again = chat.open("again");
  EXPECT_TRUE(passes(again.requester, again.target, "welcome back"));
}

TEST(AdminApi, ALimitHoldsForARunningSessionAndIsLifted) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("limited");
  v1::UpdateSessionRequest request;
  request.mutable_session()->set_name(list(client).sessions(0).name());
  request.mutable_session()->set_limit_bytes_per_second(100'000);
  const auto update = [&] {
    return client.call<v1::UpdateSessionResponse>(
        *client.sessions, &v1::SessionService::Stub::UpdateSession, request);
  };
  EXPECT_EQ(update().session().limit_bytes_per_second(), 100'000U);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(30'000)));
  EXPECT_GE(std::chrono::steady_clock::now() - began,
            200ms);  // 5,000 at once, the rest at its rate
  request.mutable_session()->set_limit_bytes_per_second(0);
  EXPECT_EQ(update().session().limit_bytes_per_second(), 0U);
  EXPECT_TRUE(passes(pair.requester, pair.target, pattern(1'000'000)));
}

TEST(AdminApi, TheSumOverSessionsIsTheTotal) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair over = chat.open("over");
  ASSERT_TRUE(passes(over.requester, over.target, pattern(3000)));
  over.requester.close();
  over.target.close();
  (void)chat.bellhop.line("session_ended");
  Pair one = chat.open("one");
  Pair two = chat.open("two");
  ASSERT_TRUE(passes(one.requester, one.target, pattern(20'000)));
  ASSERT_TRUE(passes(two.target, two.requester, pattern(400)));
  v1::GetBandwidthRequest request;
  request.set_group_by(v1::GROUP_BY_JID);
  const auto now = client.call<v1::GetBandwidthResponse>(
      *client.bandwidth, &v1::BandwidthService::Stub::GetBandwidth, request);
  EXPECT_EQ(now.total().total_bytes(), 23'400U);
  EXPECT_EQ(now.total().session_count(), 2U);
  ASSERT_EQ(now.groups_size(), 1);
  EXPECT_EQ(now.groups(0).key(), "requester@example.com");
  EXPECT_EQ(now.groups(0).total_bytes(), 23'400U);
  std::uint64_t running = 0;
  const auto listed = list(client);
  for (const auto& session : listed.sessions()) {
    running += session.first_to_second_bytes() + session.second_to_first_bytes();
  }
  EXPECT_EQ(running, 20'400U);
  EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_relayed_bytes_total"), 23'400U);
}

TEST(AdminApi, RulesAndUsageSurviveARestart) {
  const Folder folder;
  {
    Conversation chat(with_admin(folder));
    Client client(folder / "admin.sock");
    Pair pair = chat.open("before");
    ASSERT_TRUE(passes(pair.requester, pair.target, pattern(700)));
    (void)set_daily_quota(client, "domain:example.com", 1'000'000);
  }
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  const auto quotas = client.call<v1::ListQuotasResponse>(
      *client.policy, &v1::PolicyService::Stub::ListQuotas, v1::ListQuotasRequest());
  bool is_found = false;
  for (const auto& quota : quotas.quotas()) {
    if (quota.subject() != "domain:example.com") continue;
    is_found = true;
    EXPECT_EQ(quota.daily_bytes(), 1'000'000U);
    EXPECT_EQ(quota.origin().source(), "runtime");
    EXPECT_EQ(quota.usage().daily_bytes(), 700U);
  }
  EXPECT_TRUE(is_found);
  std::ostringstream records;
  records << std::ifstream(folder / "state/accounting.jsonl").rdbuf();
  EXPECT_NE(records.str().find("\"final\":true"), std::string::npos) << records.str();
}

TEST(AdminApi, AWatchBeginsWithASnapshotAndTellsChanges) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("watched");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::WatchSessionsRequest request;
  request.mutable_interval()->set_nanos(200'000'000);
  auto reader = client.sessions->WatchSessions(&context, request);
  v1::WatchSessionsResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.snapshot().requester(), kRequester);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.has_snapshot_complete());
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(1234)));
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.changed().first_to_second_bytes() + message.changed().second_to_first_bytes(),
            1234U);
  pair.requester.close();
  pair.target.close();
  while (message.changed().state() != v1::SESSION_STATE_ENDED) ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.changed().end_reason(), "completed");
  context.TryCancel();
}

TEST(AdminApi, ADrainedNodeRefusesReportsAndServesAgain) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("drained");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  auto reader = client.node->DrainNode(&context, v1::DrainNodeRequest());
  v1::DrainNodeResponse progress;
  ASSERT_TRUE(reader->Read(&progress));
  EXPECT_EQ(progress.session_count(), 1U);
  EXPECT_FALSE(progress.is_done());
  Pair refused = chat.connect_pair("refused");
  EXPECT_EQ(chat.activate("refused"), "cancel/not-allowed");
  EXPECT_TRUE(passes(pair.requester, pair.target, "goes on"));
  pair.requester.close();
  pair.target.close();
  while (!progress.is_done()) ASSERT_TRUE(reader->Read(&progress));
  EXPECT_TRUE(reader->Finish().ok());
  (void)client.call<v1::UndrainNodeResponse>(*client.node, &v1::NodeService::Stub::UndrainNode,
                                             v1::UndrainNodeRequest());
  Pair again = chat.open("again");
  EXPECT_TRUE(passes(again.requester, again.target, "open"));
}

TEST(AdminApi, AConfigurationIsCheckedAndShownWithoutItsSecrets) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  v1::CheckConfigRequest request;
  request.set_text("[proxy]\nidle_timeuot = \"1s\"\n");
  const auto checked = client.call<v1::CheckConfigResponse>(
      *client.config, &v1::ConfigService::Stub::CheckConfig, request);
  ASSERT_FALSE(checked.problems().empty());
  EXPECT_NE(checked.problems(0).text().find("idle_timeout"), std::string::npos);  // did you mean
  EXPECT_EQ(checked.problems(0).line(), 2U);
  const auto shown = client.call<v1::GetConfigResponse>(
      *client.config, &v1::ConfigService::Stub::GetConfig, v1::GetConfigRequest());
  EXPECT_GT(shown.options_size(), 50);
  std::map<std::string, std::string> values;
  for (const auto& option : shown.options()) values[option.name()] = option.value();
  EXPECT_EQ(values["component[0].secret"], "(secret)");
  EXPECT_EQ(values["component[0].jid"], "\"" + std::string(kProxy) + "\"");
}

TEST(AdminApi, AReloadWithoutAFileChangesNothingAndSaysWhy) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  const auto response = client.call<v1::ReloadConfigResponse>(
      *client.config, &v1::ConfigService::Stub::ReloadConfig, v1::ReloadConfigRequest());
  EXPECT_FALSE(response.problems().empty());
  EXPECT_TRUE(response.live_changes().empty());
  (void)chat.bellhop.line("config_refused");
}

TEST(AdminApi, EventsTellHowThingsStandAndWhatChanges) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  (void)chat.bellhop.line("component_attached");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::WatchEventsRequest request;
  request.add_types(v1::EVENT_TYPE_UPSTREAM);
  request.add_types(v1::EVENT_TYPE_POLICY);
  request.add_types(v1::EVENT_TYPE_AUDIT);
  auto reader = client.events->WatchEvents(&context, request);
  v1::WatchEventsResponse message;
  bool is_attached = false;
  while (reader->Read(&message) && !message.has_snapshot_complete()) {
    is_attached |= message.snapshot().upstream().state() == v1::UPSTREAM_STATE_ATTACHED;
  }
  EXPECT_TRUE(is_attached);
  (void)set_daily_quota(client, "jid:*", 1'000'000'000);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.changed().quota().daily_bytes(), 1'000'000'000U);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.changed().audit().method(), "PolicyService/SetQuota");
  EXPECT_EQ(message.changed().audit().identity(), "uid:" + std::to_string(::getuid()));
  context.TryCancel();
}

TEST(AdminApi, HealthIsToldForEachPart) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  (void)chat.bellhop.line("component_attached");
  using Response = grpc::health::v1::HealthCheckResponse;
  const auto check = [&client](const char* part, Response& response) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(part);
    return client.answer(*client.health, &grpc::health::v1::Health::Stub::Check, request, response);
  };
  for (const char* part : {"", "bellhop.xmpp", "bellhop.socks5", "bellhop.storage"}) {
    Response response;
    EXPECT_TRUE(check(part, response).ok()) << part;
    EXPECT_EQ(response.status(), Response::SERVING) << part;
  }
  Response response;
  EXPECT_EQ(check("bellhop.none", response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(AdminApi, ChecksSayWhatIsSeen) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  (void)chat.bellhop.line("component_attached");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::RunChecksRequest request;
  for (const char* id : {"upstream.attached", "ports.bound", "address.public", "storage.works"}) {
    request.add_ids(id);
  }
  auto reader = client.diagnostics->RunChecks(&context, request);
  std::map<std::string, v1::CheckStatus> results;
  v1::RunChecksResponse message;
  while (reader->Read(&message)) {
    EXPECT_FALSE(message.summary().empty());
    EXPECT_EQ(message.fix().empty(), message.status() == v1::CHECK_STATUS_PASSED);
    results[message.id()] = message.status();
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(results["upstream.attached"], v1::CHECK_STATUS_PASSED);
  EXPECT_EQ(results["ports.bound"], v1::CHECK_STATUS_PASSED);
  EXPECT_EQ(results["address.public"], v1::CHECK_STATUS_WARNING);
  EXPECT_EQ(results["storage.works"], v1::CHECK_STATUS_PASSED);
}

TEST(AdminApi, TheLogLevelComesBackAfterItsTime) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  v1::SetLogLevelRequest request;
  request.set_level(v1::LOG_LEVEL_ERROR);
  request.mutable_ttl()->set_nanos(1'000'000);
  const auto before = client.call<v1::GetLogLevelResponse>(
      *client.log, &v1::LogService::Stub::GetLogLevel, v1::GetLogLevelRequest());
  const auto set = client.call<v1::SetLogLevelResponse>(
      *client.log, &v1::LogService::Stub::SetLogLevel, request);
  EXPECT_EQ(set.level(), v1::LOG_LEVEL_ERROR);
  EXPECT_TRUE(eventually([&] {
    return client
               .call<v1::GetLogLevelResponse>(*client.log, &v1::LogService::Stub::GetLogLevel,
                                              v1::GetLogLevelRequest())
               .level() == before.configured_level();
  }));
}

TEST(AdminApi, AStreamReconnectsWhenAskedTo) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  (void)chat.bellhop.line("component_attached");
  v1::ReconnectUpstreamRequest request;
  request.set_name("upstreams/nobody.example");
  v1::ReconnectUpstreamResponse response;
  const auto status = client.answer(
      *client.upstreams, &v1::UpstreamService::Stub::ReconnectUpstream, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_name("upstreams/" + std::string(kProxy));
  (void)client.call<v1::ReconnectUpstreamResponse>(
      *client.upstreams, &v1::UpstreamService::Stub::ReconnectUpstream, request);
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "reconnect");
}

TEST(AdminApi, HistoryAndTopTalkersHaveWhatWasMoved) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("past");
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(50'000)));
  v1::QueryHistoryRequest request;
  request.set_group_by(v1::GROUP_BY_DOMAIN);
  const auto past = client.call<v1::QueryHistoryResponse>(
      *client.bandwidth, &v1::BandwidthService::Stub::QueryHistory, request);
  std::uint64_t bytes = 0;
  ASSERT_EQ(past.series_size(), 1);
  EXPECT_EQ(past.series(0).key(), "example.com");
  for (const auto& point : past.series(0).points()) bytes += point.bytes();
  EXPECT_EQ(bytes, 50'000U);
  const auto talkers = client.call<v1::ListTopTalkersResponse>(
      *client.bandwidth, &v1::BandwidthService::Stub::ListTopTalkers, v1::ListTopTalkersRequest());
  ASSERT_EQ(talkers.talkers_size(), 1);
  EXPECT_EQ(talkers.talkers(0).key(), "requester@example.com");
  EXPECT_EQ(talkers.talkers(0).bytes(), 50'000U);
  EXPECT_EQ(talkers.total_bytes(), 50'000U);
}

TEST(AdminApi, ShutdownStopsTheProcess) {
  const Folder folder;
  Conversation chat(with_admin(folder));
  Client client(folder / "admin.sock");
  Pair pair = chat.open("cut short");
  grpc::ClientContext context;
  v1::ShutdownNodeRequest request;
  request.mutable_timeout()->set_nanos(1'000'000);
  auto reader = client.node->ShutdownNode(&context, request);
  v1::ShutdownNodeResponse progress;
  while (reader->Read(&progress)) continue;
  EXPECT_EQ(pair.target.receive_all(), "");
  chat.bellhop.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("session_ended"), "reason"), "shutdown");
}

}  // namespace
}  // namespace bellhop::test

#include "api/admin/grpc_server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <stdexcept>
#include <thread>

#include "api/admin/grpc_glue.hpp"
#include "api/admin/health.hpp"
#include "bellhop/admin/v1/bandwidth_service.grpc.pb.h"
#include "bellhop/admin/v1/config_service.grpc.pb.h"
#include "bellhop/admin/v1/diagnostics_service.grpc.pb.h"
#include "bellhop/admin/v1/event_service.grpc.pb.h"
#include "bellhop/admin/v1/file_service.grpc.pb.h"
#include "bellhop/admin/v1/log_service.grpc.pb.h"
#include "bellhop/admin/v1/node_service.grpc.pb.h"
#include "bellhop/admin/v1/policy_service.grpc.pb.h"
#include "bellhop/admin/v1/session_service.grpc.pb.h"
#include "bellhop/admin/v1/turn_service.grpc.pb.h"
#include "bellhop/admin/v1/upstream_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace bellhop::admin {
namespace {

using Context = grpc::CallbackServerContext;
using Unary = grpc::ServerUnaryReactor;
using Acceptor = std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>;
template <typename Response>
using Stream = grpc::ServerWriteReactor<Response>;

constexpr std::size_t kMemoryMax = std::size_t{64} * 1024 * 1024;  // what gRPC may use
constexpr int kThreadsMax = 64;
constexpr int kMessageBytesMax = 4 * 1024 * 1024;
constexpr int kStreamsPerConnectionMax = 100;
constexpr int kMetadataBytesMax = 16 * 1024;
constexpr int kKeepaliveMs = 60'000;
constexpr unsigned kCertificateSeconds = 1;  // how often the files are looked at
constexpr std::chrono::seconds kShutdown{1};

// One class per service: generated code asks for a function per method; each hands over by name.
class Sessions final : public v1::SessionService::CallbackService {
 public:
  Sessions(GrpcGlue& glue, SessionApi& api) : glue_(glue), api_(api) {}
  Unary* ListSessions(Context* c, const v1::ListSessionsRequest* q,
                      v1::ListSessionsResponse* r) override {
    return glue_.unary(c, "SessionService/ListSessions", q, r);
  }
  Unary* GetSession(Context* c, const v1::GetSessionRequest* q,
                    v1::GetSessionResponse* r) override {
    return glue_.unary(c, "SessionService/GetSession", q, r);
  }
  Stream<v1::WatchSessionsResponse>* WatchSessions(Context* c,
                                                   const v1::WatchSessionsRequest* q) override {
    return glue_.watch<v1::WatchSessionsResponse>(
        c, "SessionService/WatchSessions", q,
        [this](Caller caller, v1::WatchSessionsRequest request,
               Outlet<v1::WatchSessionsResponse>& outlet) {
          return api_.watch(std::move(caller), std::move(request), outlet);
        });
  }
  Unary* UpdateSession(Context* c, const v1::UpdateSessionRequest* q,
                       v1::UpdateSessionResponse* r) override {
    return glue_.unary(c, "SessionService/UpdateSession", q, r);
  }
  Unary* EndSession(Context* c, const v1::EndSessionRequest* q,
                    v1::EndSessionResponse* r) override {
    return glue_.unary(c, "SessionService/EndSession", q, r);
  }
  Unary* EndSessions(Context* c, const v1::EndSessionsRequest* q,
                     v1::EndSessionsResponse* r) override {
    return glue_.unary(c, "SessionService/EndSessions", q, r);
  }

 private:
  GrpcGlue& glue_;
  SessionApi& api_;
};

class Bandwidth final : public v1::BandwidthService::CallbackService {
 public:
  Bandwidth(GrpcGlue& glue, BandwidthApi& api) : glue_(glue), api_(api) {}
  Unary* GetBandwidth(Context* c, const v1::GetBandwidthRequest* q,
                      v1::GetBandwidthResponse* r) override {
    return glue_.unary(c, "BandwidthService/GetBandwidth", q, r);
  }
  Stream<v1::WatchBandwidthResponse>* WatchBandwidth(Context* c,
                                                     const v1::WatchBandwidthRequest* q) override {
    return glue_.watch<v1::WatchBandwidthResponse>(
        c, "BandwidthService/WatchBandwidth", q,
        [this](Caller caller, v1::WatchBandwidthRequest request,
               Outlet<v1::WatchBandwidthResponse>& outlet) {
          return api_.watch(std::move(caller), std::move(request), outlet);
        });
  }
  Unary* QueryHistory(Context* c, const v1::QueryHistoryRequest* q,
                      v1::QueryHistoryResponse* r) override {
    return glue_.unary(c, "BandwidthService/QueryHistory", q, r);
  }
  Unary* ListTopTalkers(Context* c, const v1::ListTopTalkersRequest* q,
                        v1::ListTopTalkersResponse* r) override {
    return glue_.unary(c, "BandwidthService/ListTopTalkers", q, r);
  }

 private:
  GrpcGlue& glue_;
  BandwidthApi& api_;
};

class PolicyRpc final : public v1::PolicyService::CallbackService {
 public:
  explicit PolicyRpc(GrpcGlue& glue) : glue_(glue) {}
  Unary* ListAccessRules(Context* c, const v1::ListAccessRulesRequest* q,
                         v1::ListAccessRulesResponse* r) override {
    return glue_.unary(c, "PolicyService/ListAccessRules", q, r);
  }
  Unary* SetAccessRule(Context* c, const v1::SetAccessRuleRequest* q,
                       v1::SetAccessRuleResponse* r) override {
    return glue_.unary(c, "PolicyService/SetAccessRule", q, r);
  }
  Unary* DeleteAccessRule(Context* c, const v1::DeleteAccessRuleRequest* q,
                          v1::DeleteAccessRuleResponse* r) override {
    return glue_.unary(c, "PolicyService/DeleteAccessRule", q, r);
  }
  Unary* ListQuotas(Context* c, const v1::ListQuotasRequest* q,
                    v1::ListQuotasResponse* r) override {
    return glue_.unary(c, "PolicyService/ListQuotas", q, r);
  }
  Unary* SetQuota(Context* c, const v1::SetQuotaRequest* q, v1::SetQuotaResponse* r) override {
    return glue_.unary(c, "PolicyService/SetQuota", q, r);
  }
  Unary* DeleteQuota(Context* c, const v1::DeleteQuotaRequest* q,
                     v1::DeleteQuotaResponse* r) override {
    return glue_.unary(c, "PolicyService/DeleteQuota", q, r);
  }
  Unary* GetUsage(Context* c, const v1::GetUsageRequest* q, v1::GetUsageResponse* r) override {
    return glue_.unary(c, "PolicyService/GetUsage", q, r);
  }
  Unary* ListRateLimits(Context* c, const v1::ListRateLimitsRequest* q,
                        v1::ListRateLimitsResponse* r) override {
    return glue_.unary(c, "PolicyService/ListRateLimits", q, r);
  }
  Unary* SetRateLimit(Context* c, const v1::SetRateLimitRequest* q,
                      v1::SetRateLimitResponse* r) override {
    return glue_.unary(c, "PolicyService/SetRateLimit", q, r);
  }
  Unary* DeleteRateLimit(Context* c, const v1::DeleteRateLimitRequest* q,
                         v1::DeleteRateLimitResponse* r) override {
    return glue_.unary(c, "PolicyService/DeleteRateLimit", q, r);
  }
  Unary* ExplainAccess(Context* c, const v1::ExplainAccessRequest* q,
                       v1::ExplainAccessResponse* r) override {
    return glue_.unary(c, "PolicyService/ExplainAccess", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class Files final : public v1::FileService::CallbackService {
 public:
  explicit Files(GrpcGlue& glue) : glue_(glue) {}
  Unary* ListFiles(Context* c, const v1::ListFilesRequest* q, v1::ListFilesResponse* r) override {
    return glue_.unary(c, "FileService/ListFiles", q, r);
  }
  Unary* GetFile(Context* c, const v1::GetFileRequest* q, v1::GetFileResponse* r) override {
    return glue_.unary(c, "FileService/GetFile", q, r);
  }
  Unary* LookUpLink(Context* c, const v1::LookUpLinkRequest* q,
                    v1::LookUpLinkResponse* r) override {
    return glue_.unary(c, "FileService/LookUpLink", q, r);
  }
  Unary* GetFileLink(Context* c, const v1::GetFileLinkRequest* q,
                     v1::GetFileLinkResponse* r) override {
    return glue_.unary(c, "FileService/GetFileLink", q, r);
  }
  Unary* UpdateFile(Context* c, const v1::UpdateFileRequest* q,
                    v1::UpdateFileResponse* r) override {
    return glue_.unary(c, "FileService/UpdateFile", q, r);
  }
  Unary* DeleteFile(Context* c, const v1::DeleteFileRequest* q,
                    v1::DeleteFileResponse* r) override {
    return glue_.unary(c, "FileService/DeleteFile", q, r);
  }
  Unary* DeleteFiles(Context* c, const v1::DeleteFilesRequest* q,
                     v1::DeleteFilesResponse* r) override {
    return glue_.unary(c, "FileService/DeleteFiles", q, r);
  }
  Unary* GetStorage(Context* c, const v1::GetStorageRequest* q,
                    v1::GetStorageResponse* r) override {
    return glue_.unary(c, "FileService/GetStorage", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class TurnRpc final : public v1::TurnService::CallbackService {
 public:
  explicit TurnRpc(GrpcGlue& glue) : glue_(glue) {}
  Unary* GetTurn(Context* c, const v1::GetTurnRequest* q, v1::GetTurnResponse* r) override {
    return glue_.unary(c, "TurnService/GetTurn", q, r);
  }
  Unary* CreateTurnCredentials(Context* c, const v1::CreateTurnCredentialsRequest* q,
                               v1::CreateTurnCredentialsResponse* r) override {
    return glue_.unary(c, "TurnService/CreateTurnCredentials", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class Upstreams final : public v1::UpstreamService::CallbackService {
 public:
  explicit Upstreams(GrpcGlue& glue) : glue_(glue) {}
  Unary* ListUpstreams(Context* c, const v1::ListUpstreamsRequest* q,
                       v1::ListUpstreamsResponse* r) override {
    return glue_.unary(c, "UpstreamService/ListUpstreams", q, r);
  }
  Unary* ReconnectUpstream(Context* c, const v1::ReconnectUpstreamRequest* q,
                           v1::ReconnectUpstreamResponse* r) override {
    return glue_.unary(c, "UpstreamService/ReconnectUpstream", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class ConfigRpc final : public v1::ConfigService::CallbackService {
 public:
  explicit ConfigRpc(GrpcGlue& glue) : glue_(glue) {}
  Unary* GetConfig(Context* c, const v1::GetConfigRequest* q, v1::GetConfigResponse* r) override {
    return glue_.unary(c, "ConfigService/GetConfig", q, r);
  }
  Unary* CheckConfig(Context* c, const v1::CheckConfigRequest* q,
                     v1::CheckConfigResponse* r) override {
    return glue_.unary(c, "ConfigService/CheckConfig", q, r);
  }
  Unary* ReloadConfig(Context* c, const v1::ReloadConfigRequest* q,
                      v1::ReloadConfigResponse* r) override {
    return glue_.unary(c, "ConfigService/ReloadConfig", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class LogRpc final : public v1::LogService::CallbackService {
 public:
  explicit LogRpc(GrpcGlue& glue) : glue_(glue) {}
  Unary* GetLogLevel(Context* c, const v1::GetLogLevelRequest* q,
                     v1::GetLogLevelResponse* r) override {
    return glue_.unary(c, "LogService/GetLogLevel", q, r);
  }
  Unary* SetLogLevel(Context* c, const v1::SetLogLevelRequest* q,
                     v1::SetLogLevelResponse* r) override {
    return glue_.unary(c, "LogService/SetLogLevel", q, r);
  }

 private:
  GrpcGlue& glue_;
};

class Nodes final : public v1::NodeService::CallbackService {
 public:
  Nodes(GrpcGlue& glue, NodeApi& api) : glue_(glue), api_(api) {}
  Unary* GetNode(Context* c, const v1::GetNodeRequest* q, v1::GetNodeResponse* r) override {
    return glue_.unary(c, "NodeService/GetNode", q, r);
  }
  Stream<v1::DrainNodeResponse>* DrainNode(Context* c, const v1::DrainNodeRequest* q) override {
    return glue_.watch<v1::DrainNodeResponse>(
        c, "NodeService/DrainNode", q,
        [this](Caller caller, v1::DrainNodeRequest request, Outlet<v1::DrainNodeResponse>& outlet) {
          return api_.drain(std::move(caller), std::move(request), outlet);
        });
  }
  Unary* UndrainNode(Context* c, const v1::UndrainNodeRequest* q,
                     v1::UndrainNodeResponse* r) override {
    return glue_.unary(c, "NodeService/UndrainNode", q, r);
  }
  Stream<v1::ShutdownNodeResponse>* ShutdownNode(Context* c,
                                                 const v1::ShutdownNodeRequest* q) override {
    return glue_.watch<v1::ShutdownNodeResponse>(
        c, "NodeService/ShutdownNode", q,
        [this](Caller caller, v1::ShutdownNodeRequest request,
               Outlet<v1::ShutdownNodeResponse>& outlet) {
          return api_.shutdown(std::move(caller), std::move(request), outlet);
        });
  }
  Unary* GetCaller(Context* c, const v1::GetCallerRequest* q, v1::GetCallerResponse* r) override {
    return glue_.unary(c, "NodeService/GetCaller", q, r);
  }
  Unary* CreatePageLink(Context* c, const v1::CreatePageLinkRequest* q,
                        v1::CreatePageLinkResponse* r) override {
    return glue_.unary(c, "NodeService/CreatePageLink", q, r);
  }

 private:
  GrpcGlue& glue_;
  NodeApi& api_;
};

class Events final : public v1::EventService::CallbackService {
 public:
  Events(GrpcGlue& glue, EventApi& api) : glue_(glue), api_(api) {}
  Stream<v1::WatchEventsResponse>* WatchEvents(Context* c,
                                               const v1::WatchEventsRequest* q) override {
    return glue_.watch<v1::WatchEventsResponse>(
        c, "EventService/WatchEvents", q,
        [this](Caller caller, v1::WatchEventsRequest request,
               Outlet<v1::WatchEventsResponse>& outlet) {
          return api_.watch(std::move(caller), std::move(request), outlet);
        });
  }

 private:
  GrpcGlue& glue_;
  EventApi& api_;
};

class Diagnostics final : public v1::DiagnosticsService::CallbackService {
 public:
  Diagnostics(GrpcGlue& glue, DiagnosticsApi& api) : glue_(glue), api_(api) {}
  Stream<v1::RunChecksResponse>* RunChecks(Context* c, const v1::RunChecksRequest* q) override {
    return glue_.watch<v1::RunChecksResponse>(
        c, "DiagnosticsService/RunChecks", q,
        [this](Caller caller, v1::RunChecksRequest request, Outlet<v1::RunChecksResponse>& outlet) {
          return api_.run(std::move(caller), std::move(request), outlet);
        });
  }

 private:
  GrpcGlue& glue_;
  DiagnosticsApi& api_;
};

// grpc.health.v1 with a name for each part; compiled in, because gRPC's own one cannot be described
// by reflection.
class Health final : public grpc::health::v1::Health::CallbackService {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  explicit Health(GrpcGlue& glue) : glue_(glue) {}

  Unary* Check(Context* context, const Request* request, Response* response) override {
    Unary* reactor = context->DefaultReactor();
    if (!glue_.caller(*context)) {
      reactor->Finish(to_status(ApiError(errors::permission_denied)));
      return reactor;
    }
    runtime::asio::post(glue_.core().parts.admin.executor(),
                        [this, reactor, response, part = request->service()]() mutable {
                          if (glue_.calls().spawn(check(reactor, response, std::move(part))))
                            return;
                          reactor->Finish(to_status(ApiError(errors::unavailable)));
                        });
    return reactor;
  }

  Stream<Response>* Watch(Context* context, const Request* request) override {
    auto* reactor = new WatchReactor<Response>(glue_.core().parts.admin.executor());
    const bool is_known = glue_.caller(*context).has_value();
    runtime::asio::post(glue_.core().parts.admin.executor(),
                        [this, reactor, is_known, part = request->service()]() mutable {
                          if (is_known && glue_.calls().spawn(watch(reactor, std::move(part)))) {
                            return;
                          }
                          reactor->end(to_status(ApiError(errors::permission_denied)));
                        });
    return reactor;
  }

 private:
  static Response::ServingStatus to_proto(std::optional<bool> is_serving) {
    if (!is_serving) return Response::SERVICE_UNKNOWN;
    return *is_serving ? Response::SERVING : Response::NOT_SERVING;
  }

  runtime::Task<> check(Unary* reactor, Response* response, std::string part) {
    const auto health = co_await health_of(glue_.core(), std::move(part));
    if (!health) {
      reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such part"));
      co_return;
    }
    response->set_status(to_proto(health));
    reactor->Finish(grpc::Status::OK);
  }

  runtime::Task<> watch(WatchReactor<Response>* reactor, std::string part) {
    std::optional<Response::ServingStatus> last;
    bool is_read = true;
    while (is_read) {
      const auto health = co_await health_of(glue_.core(), part);
      const auto status = to_proto(health);
      if (status != last) {
        last = status;
        Response response;
        response.set_status(status);
        reactor->outlet().push(std::move(response));
      }
      is_read = co_await reactor->outlet().wait_for_beat(std::chrono::seconds(1));
    }
    reactor->end(grpc::Status::OK);
  }

  GrpcGlue& glue_;
};

std::shared_ptr<grpc::ServerCredentials> tls_credentials(const config::AdminSettings& settings) {
  namespace tls = grpc::experimental;
  auto files = std::make_shared<tls::FileWatcherCertificateProvider>(
      settings.tls_key, settings.tls_certificate, settings.tls_client_ca, kCertificateSeconds);
  tls::TlsServerCredentialsOptions options(files);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

Acceptor add_acceptor(grpc::ServerBuilder& builder,
                      std::shared_ptr<grpc::ServerCredentials> credentials) {
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  return builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD,
                                                              std::move(credentials));
}

void set_bounds(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("bellhop-admin");
  quota.Resize(kMemoryMax);
  quota.SetMaxThreads(kThreadsMax);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
}

}  // namespace

struct GrpcServer::Parts {
  Parts(Core& core, Dispatcher& dispatcher, Services& services, const Callers& callers)
      : glue(core, dispatcher, callers),
        sessions(glue, services.sessions),
        bandwidth(glue, services.bandwidth),
        policy(glue),
        files(glue),
        turn(glue),
        upstreams(glue),
        config(glue),
        log(glue),
        nodes(glue, services.node),
        events(glue, services.events),
        diagnostics(glue, services.diagnostics),
        health(glue) {}

  GrpcGlue glue;
  Sessions sessions;
  Bandwidth bandwidth;
  PolicyRpc policy;
  Files files;
  TurnRpc turn;
  Upstreams upstreams;
  ConfigRpc config;
  LogRpc log;
  Nodes nodes;
  Events events;
  Diagnostics diagnostics;
  Health health;
  Acceptor plain;
  Acceptor tls;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(Core& core, Dispatcher& dispatcher, Services& services,
                       const Callers& callers)
    : parts_(std::make_unique<Parts>(core, dispatcher, services, callers)) {
  grpc::EnableDefaultHealthCheckService(false);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  set_bounds(builder);
  Parts& p = *parts_;
  const std::array<grpc::Service*, 12> all{&p.sessions,  &p.files,  &p.bandwidth,   &p.policy,
                                           &p.upstreams, &p.config, &p.log,         &p.nodes,
                                           &p.events,    &p.health, &p.diagnostics, &p.turn};
  for (grpc::Service* service : all) builder.RegisterService(service);
  p.plain = add_acceptor(builder, grpc::InsecureServerCredentials());
  if (!core.parts.settings.admin.listen.empty()) {
    p.tls = add_acceptor(builder, tls_credentials(core.parts.settings.admin));
  }
  p.server = builder.BuildAndStart();
  if (!p.server) throw std::runtime_error("the gRPC server cannot start");
}

GrpcServer::~GrpcServer() = default;

void GrpcServer::serve(base::UniqueFd socket, bool is_tls) {
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = -1;
  connection.fd = socket.release();
  (is_tls ? parts_->tls : parts_->plain)->HandleNewConnection(&connection);
}

runtime::Task<> GrpcServer::stop() {
  // Shutdown() blocks until every call has ended, and calls end on this thread.
  runtime::Event stopped(parts_->glue.core().parts.admin.executor());
  std::thread shutting_down([this, &stopped] {
    parts_->server->Shutdown(std::chrono::system_clock::now() + kShutdown);
    parts_->server->Wait();
    runtime::asio::post(parts_->glue.core().parts.admin.executor(), [&stopped] { stopped.set(); });
  });
  co_await stopped.wait();
  shutting_down.join();
  co_await parts_->glue.calls().join();
}

}  // namespace bellhop::admin

#include "api/admin/grpc_glue.hpp"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bellhop::admin {

grpc::Status to_status(const ApiError& error) {
  // The numbers are the protocol's in both enumerations.
  const auto code = static_cast<grpc::StatusCode>(error.kind().grpc_code);
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(error.message());
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(error.kind().name));
  info.set_domain("bellhop");
  status.add_details()->PackFrom(info);
  if (!error.field().empty()) {
    google::rpc::BadRequest fault;
    auto& violation = *fault.add_field_violations();
    violation.set_field(error.field());
    violation.set_description(error.message());
    status.add_details()->PackFrom(fault);
  }
  return grpc::Status(code, error.message(), status.SerializeAsString());
}

std::optional<Caller> GrpcGlue::caller(const grpc::CallbackServerContext& context) const {
  auto connection = callers_.find(context.peer());
  if (!connection) return std::nullopt;
  if (!connection->is_tls) return connection->caller;
  std::vector<std::string> names;
  const auto certificate = context.auth_context();
  for (const char* property : {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    for (const auto& value : certificate->FindPropertyValues(property)) {
      names.emplace_back(value.data(), value.size());
    }
  }
  return caller_of_certificate(names, roles_);
}

grpc::ServerUnaryReactor* GrpcGlue::unary(grpc::CallbackServerContext* context, const char* name,
                                          const google::protobuf::Message* request,
                                          google::protobuf::Message* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto who = caller(*context);
  if (!who) {
    reactor->Finish(to_status(ApiError(errors::permission_denied, "this certificate has no role")));
    return reactor;
  }
  Dispatcher::MessagePtr copy(request->New());
  copy->CopyFrom(*request);
  runtime::asio::post(
      core_.parts.admin.executor(), [this, reactor, response, who = std::move(*who),
                                     name = std::string(name), copy = std::move(copy)]() mutable {
        auto task = run(reactor, std::move(who), std::move(name), std::move(copy), response);
        if (calls_.spawn(std::move(task))) return;
        reactor->Finish(to_status(ApiError(errors::unavailable)));
      });
  return reactor;
}

runtime::Task<> GrpcGlue::run(grpc::ServerUnaryReactor* reactor, Caller caller, std::string name,
                              Dispatcher::MessagePtr request, google::protobuf::Message* response) {
  auto reply = co_await dispatcher_.call(std::move(caller), std::move(name), std::move(request));
  if (!reply) {
    reactor->Finish(to_status(reply.error()));
    co_return;
  }
  response->GetReflection()->Swap(response, reply->get());
  reactor->Finish(grpc::Status::OK);
}

}  // namespace bellhop::admin

// From gRPC's callbacks to coroutines of the admin thread and back. Only grpc_*.cpp includes this.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "api/admin/callers.hpp"
#include "api/admin/dispatcher.hpp"
#include "api/admin/outlet.hpp"
#include "component/runtime/task_group.hpp"

namespace bellhop::admin {

/// `google.rpc.Status` in the trailer: ErrorInfo always, BadRequest with the field if there is one.
[[nodiscard]] grpc::Status to_status(const ApiError& error);

/// What every service needs to run its methods. Outlives the server.
class GrpcGlue {
 public:
  GrpcGlue(Core& core, Dispatcher& dispatcher, const Callers& callers)
      : core_(core),
        dispatcher_(dispatcher),
        callers_(callers),
        roles_(core.parts.settings.admin),
        calls_(core.parts.admin.executor(), core.parts.log, kCallsMax) {}

  /// Runs `name` on the admin thread; any thread.
  grpc::ServerUnaryReactor* unary(grpc::CallbackServerContext* context, const char* name,
                                  const google::protobuf::Message* request,
                                  google::protobuf::Message* response);

  /// Runs `serve(Caller, Request, Outlet<Response>&)` on the admin thread; any thread.
  template <typename Response, typename Request, typename Serve>
  grpc::ServerWriteReactor<Response>* watch(grpc::CallbackServerContext* context, const char* name,
                                            const Request* request, Serve serve);

  /// Who calls; empty: nobody who may.
  [[nodiscard]] std::optional<Caller> caller(const grpc::CallbackServerContext& context) const;
  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Dispatcher& dispatcher() { return dispatcher_; }
  [[nodiscard]] runtime::TaskGroup& calls() { return calls_; }

  /// Calls and watches at one time; more are refused as unavailable.
  static constexpr std::size_t kCallsMax = 20'000;

 private:
  [[nodiscard]] runtime::Task<> run(grpc::ServerUnaryReactor* reactor, Caller caller,
                                    std::string name, Dispatcher::MessagePtr request,
                                    google::protobuf::Message* response);

  Core& core_;
  Dispatcher& dispatcher_;
  const Callers& callers_;
  const config::AdminSettings roles_;  // a copy: read by gRPC's threads, and no reload changes it
  runtime::TaskGroup calls_;
};

/// One server stream. Lives until gRPC is done with it; all but gRPC's callbacks runs on the admin
/// thread.
template <typename Response>
class WatchReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit WatchReactor(runtime::Executor executor)
      : executor_(executor), outlet_(executor, [this] { write_next(); }) {}

  [[nodiscard]] Outlet<Response>& outlet() { return outlet_; }

  /// The watch is over; what waits is sent first.
  void end(grpc::Status status) {
    status_ = std::move(status);
    write_next();
  }

  // From gRPC's threads.
  void OnWriteDone(bool ok) override {
    post([this, ok] {
      is_writing_ = false;
      if (!ok) outlet_.close();
      write_next();
    });
  }
  void OnCancel() override {
    post([this] {
      outlet_.close();
      write_next();
    });
  }
  void OnDone() override {
    // Behind everything else that was posted for it.
    post([this] { delete this; });
  }

 private:
  template <typename Function>
  void post(Function function) {
    runtime::asio::post(executor_, std::move(function));
  }

  void write_next() {
    if (is_writing_ || is_finished_) return;
    if (auto message = outlet_.take()) {
      current_ = std::move(*message);
      is_writing_ = true;
      this->StartWrite(&current_);
    } else if (status_) {
      is_finished_ = true;
      this->Finish(*status_);
    }
  }

  runtime::Executor executor_;
  Outlet<Response> outlet_;
  Response current_;
  std::optional<grpc::Status> status_;
  bool is_writing_ = false;
  bool is_finished_ = false;
};

template <typename Response, typename Request, typename Serve>
grpc::ServerWriteReactor<Response>* GrpcGlue::watch(grpc::CallbackServerContext* context,
                                                    const char* name, const Request* request,
                                                    Serve serve) {
  auto* reactor = new WatchReactor<Response>(core_.parts.admin.executor());
  auto who = caller(*context);
  auto run = [](GrpcGlue& self, WatchReactor<Response>* out, std::optional<Caller> from,
                std::string method, Request wanted, Serve body) -> runtime::Task<> {
    if (!from) {
      out->end(to_status(ApiError(errors::permission_denied, "this certificate has no role")));
      co_return;
    }
    Dispatcher::MessagePtr copy = std::make_unique<Request>(wanted);
    auto task = body(*from, std::move(wanted), out->outlet());
    const auto result =
        co_await self.dispatcher_.watch(*from, std::move(method), std::move(copy), std::move(task));
    out->end(result ? grpc::Status::OK : to_status(result.error()));
  };
  runtime::asio::post(
      core_.parts.admin.executor(), [this, reactor, who = std::move(who), name = std::string(name),
                                     wanted = *request, serve, run]() mutable {
        auto task = run(*this, reactor, std::move(who), std::move(name), std::move(wanted), serve);
        if (calls_.spawn(std::move(task))) return;
        reactor->end(to_status(ApiError(errors::unavailable)));
      });
  return reactor;
}

}  // namespace bellhop::admin

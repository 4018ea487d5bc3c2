// The gRPC server: its services, its credentials, its bounds. No gRPC type leaves grpc_*.cpp.
#pragma once

#include <memory>

#include "api/admin/callers.hpp"
#include "api/admin/dispatcher.hpp"
#include "api/admin/services.hpp"
#include "component/base/unique_fd.hpp"

namespace bellhop::admin {

/// Made on the main thread before the admin thread runs; everything else on the admin thread.
class GrpcServer {
 public:
  /// Starts it. Throws std::runtime_error with one line. All references outlive it.
  GrpcServer(Core& core, Dispatcher& dispatcher, Services& services, const Callers& callers);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  /// Serves a connection that was accepted elsewhere.
  void serve(base::UniqueFd socket, bool is_tls);

  /// Lets calls end for a second, then cuts them short. The admin thread, which goes on meanwhile.
  [[nodiscard]] runtime::Task<> stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bellhop::admin

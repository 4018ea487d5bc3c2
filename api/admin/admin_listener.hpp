// Accepts admin connections on unix sockets and TCP, and hands each to gRPC with a name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/admin/callers.hpp"
#include "component/base/log.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/listener.hpp"
#include "component/runtime/pipe_pool.hpp"
#include "component/runtime/poller.hpp"
#include "component/runtime/task_group.hpp"
#include "component/runtime/types.hpp"
#include "config/settings.hpp"

namespace bellhop::admin {

/// gRPC 1.51 tells nobody who is at the other end of a unix socket, and bounds no number of
/// connections. So connections are accepted here, counted, asked for their credentials by the
/// kernel, and joined by a pump to one end of a socket pair; that end carries an unguessable
/// abstract name, by which the method called finds its Connection. TLS passes through untouched.
/// The admin thread.
class AdminListener {
 public:
  /// Takes the far end of the pair: `is_tls` chooses the credentials it is served with.
  using Serve = std::function<void(base::UniqueFd, bool is_tls)>;

  AdminListener(runtime::Executor executor, base::Log& log, const config::AdminSettings& settings,
                Callers& callers, Serve serve);
  ~AdminListener();
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  /// Binds and starts to accept. What cannot be bound is logged as `admin_unavailable` and left
  /// out: users' transfers matter more than the admin side.
  void start();
  /// No new connection; those that are open go on.
  void stop_accepting();
  /// Closes everything.
  [[nodiscard]] runtime::Task<> stop();

  /// Connections turned away because there were admin.connections_max.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct UnixSocket;
  struct Joint;

  void listen_unix(const std::string& path, config::AdminRole role);
  void listen_tcp(const config::HostPort& address, bool is_tls, config::AdminRole role);
  [[nodiscard]] runtime::Task<> accept_unix(UnixSocket& socket);
  void join(base::UniqueFd client, Connection connection);
  [[nodiscard]] runtime::Task<> pump(std::unique_ptr<Joint> joint);
  void report_unavailable(const std::string& address, const std::string& reason);

  runtime::Executor executor_;
  base::Log& log_;
  const config::AdminSettings& settings_;
  Callers& callers_;
  Serve serve_;
  runtime::Poller poller_;
  runtime::PipePool pipes_;
  std::vector<std::unique_ptr<UnixSocket>> unix_sockets_;
  std::vector<std::unique_ptr<runtime::Listener>> tcp_listeners_;
  std::vector<Joint*> joints_;
  std::uint64_t refused_ = 0;
  runtime::TaskGroup accepting_;
  runtime::TaskGroup joined_;
  runtime::TaskGroup polling_;
};

}  // namespace bellhop::admin

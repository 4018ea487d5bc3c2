// The whole of Bellhop put together: shards, tables, listeners, components; start and orderly stop.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <memory>
#include <vector>

#include "api/admin/admin.hpp"
#include "api/control.hpp"
#include "component/base/counters.hpp"
#include "component/base/log.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/task_group.hpp"
#include "component/xmpp/component.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_handler.hpp"
#include "proxy/files/file_service.hpp"
#include "proxy/socks5/socks5_server.hpp"
#include "proxy/webdav/dav_service.hpp"
#include "relay/turn/turn_server.hpp"

namespace bellhop::api {

/// Built by main from checked settings; run() blocks until SIGTERM or SIGINT and the drain that
/// follows. Scenario tests build it in their own process.
class Daemon {
 public:
  /// Binds the listeners. Throws std::runtime_error with a sentence for the operator. `log` must
  /// outlive it. `options` say where the settings came from, for the admin API.
  Daemon(config::Settings settings, base::Log& log, admin::Admin::Options options = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Serves on this thread and on those of the other shards.
  void run();

  /// From any thread: what SIGTERM does. The second call cuts the drain short.
  void request_stop();

  [[nodiscard]] const base::CounterRegistry& counters() const { return registry_; }
  /// Sessions that are not the daemon's own join here, each on its shard; before run().
  [[nodiscard]] runtime::ShardSet& shards() { return shards_; }
  /// Where the proxy listens, in order of `proxy.listen`.
  [[nodiscard]] const std::vector<base::IpEndpoint>& bound() const { return socks5_.bound(); }
  /// STUN and TURN; null: no component offers them.
  [[nodiscard]] turn::TurnServer* turn() { return turn_.get(); }
  /// Where the web page is; empty: nowhere. Once run() is under way.
  [[nodiscard]] std::string page_url() const { return admin_->page_url(); }

 private:
  struct ComponentParts;
  struct FileParts;
  struct NodeParts;

  runtime::Task<> serve();
  runtime::Task<> watch_signals();
  runtime::Task<> stop();
  void log_counters();
  [[nodiscard]] Control::Parts control_parts();
  void watch_streams();
  void tell_of_turn(turn::TurnServer::Change change);

  config::Settings settings_;  // in force; the control shard
  base::Log& log_;
  base::TimePoint started_;
  std::size_t proxy_shards_;  // the first ones; then those of TURN, then those that serve files
  runtime::ShardSet shards_;
  base::ShardedCounters<xmpp::XmppCounter> xmpp_counters_;
  proxy::ProxyCounters proxy_counters_;
  base::CounterRegistry registry_;
  proxy::PendingConnections pending_;
  bytestream::BytestreamTable table_;
  bytestream::PairingWaits waits_;
  policy::Admission admission_;
  bytestream::Relay relay_;
  socks5::Socks5Server socks5_;
  bytestream::ProxyService proxy_;
  std::unique_ptr<files::FileService> files_;  // null: no component offers uploads
  std::unique_ptr<webdav::DavService> dav_;    // likewise
  std::unique_ptr<turn::TurnServer> turn_;     // null: no component offers it
  std::unique_ptr<NodeParts> nodes_;           // likewise
  std::vector<std::unique_ptr<ComponentParts>> components_;
  std::optional<base::Duration> stop_timeout_;  // of an operator's order; empty: the configured one
  std::unique_ptr<Control> control_;
  std::unique_ptr<admin::Admin> admin_;
  boost::asio::basic_signal_set<runtime::Executor> signals_;
  runtime::Event stop_requested_;
  runtime::TaskGroup streams_;
  runtime::TaskGroup pushes_;
  runtime::TaskGroup tasks_;
};

}  // namespace bellhop::api

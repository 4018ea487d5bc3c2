// The whole of Bellhop put together: shards, tables, listeners, components; start and orderly stop.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <memory>
#include <vector>

#include "component/base/counters.hpp"
#include "component/base/log.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/task_group.hpp"
#include "component/xmpp/component.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_handler.hpp"
#include "proxy/socks5/socks5_server.hpp"

namespace bellhop::api {

/// Built by main from checked settings; run() blocks until SIGTERM or SIGINT and the drain that
/// follows. Scenario tests build it in their own process.
class Daemon {
 public:
  /// Binds the listeners. Throws std::runtime_error with a sentence for the operator.
  /// `settings` and `log` must outlive it.
  Daemon(const config::Settings& settings, base::Log& log);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Serves on this thread and on those of the other shards.
  void run();

  /// From any thread: what SIGTERM does. The second call cuts the drain short.
  void request_stop();

  [[nodiscard]] const base::CounterRegistry& counters() const { return registry_; }
  /// Where the proxy listens, in order of `proxy.listen`.
  [[nodiscard]] const std::vector<base::IpEndpoint>& bound() const { return socks5_.bound(); }

 private:
  struct ComponentParts;

  runtime::Task<> serve();
  runtime::Task<> watch_signals();
  runtime::Task<> stop();
  void log_counters();

  const config::Settings& settings_;
  base::Log& log_;
  base::TimePoint started_;
  runtime::ShardSet shards_;
  base::ShardedCounters<xmpp::XmppCounter> xmpp_counters_;
  proxy::ProxyCounters proxy_counters_;
  base::CounterRegistry registry_;
  proxy::PendingConnections pending_;
  bytestream::BytestreamTable table_;
  bytestream::PairingWaits waits_;
  bytestream::Relay relay_;
  socks5::Socks5Server socks5_;
  bytestream::ProxyService proxy_;
  std::vector<std::unique_ptr<ComponentParts>> components_;
  boost::asio::basic_signal_set<runtime::Executor> signals_;
  runtime::Event stop_requested_;
  runtime::TaskGroup streams_;
  runtime::TaskGroup tasks_;
};

}  // namespace bellhop::api

// The listening side of the stream proxy: accepts, does the SOCKS5 handshake, parks.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "component/base/flood_memory.hpp"
#include "component/base/log.hpp"
#include "component/runtime/listener.hpp"
#include "component/runtime/task_group.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_table.hpp"
#include "proxy/bytestream/pairing_waits.hpp"
#include "proxy/bytestream/relay.hpp"
#include "proxy/counters.hpp"
#include "proxy/pending_connections.hpp"
#include "proxy/socks5/socks5_session.hpp"

namespace bellhop::socks5 {

/// All listeners and handshakes. Control shard.
class Socks5Server {
 public:
  /// Binds every listener at once; throws std::runtime_error for one that cannot be bound.
  /// References must outlive the server.
  Socks5Server(runtime::Executor executor, base::Log& log, proxy::ProxyCounters& counters,
               const config::ProxySettings& settings, proxy::PendingConnections& pending,
               bytestream::BytestreamTable& table, bytestream::PairingWaits& waits,
               const bytestream::Relay& relay);

  [[nodiscard]] const std::vector<base::IpEndpoint>& bound() const { return bound_; }

  /// Starts accepting.
  void start();
  /// Stops accepting; closes all that is not activated.
  [[nodiscard]] runtime::Task<> stop();

 private:
  void on_accept(base::UniqueFd socket, const base::IpEndpoint& peer);
  void sweep(base::TimePoint now);
  void report_expired(const std::vector<bytestream::BytestreamTable::Expired>& expired);

  runtime::Executor executor_;
  base::Log& log_;
  proxy::ProxyCounters& counters_;
  const config::ProxySettings& settings_;
  proxy::PendingConnections& pending_;
  bytestream::BytestreamTable& table_;
  const bytestream::Relay& relay_;
  Handshaking handshaking_;
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  std::vector<base::IpEndpoint> bound_;
  runtime::Poller poller_;
  std::unordered_map<const Socks5Session*, std::unique_ptr<Socks5Session>> sessions_;
  runtime::TaskGroup loops_;
  base::FloodMemory memory_;
};

}  // namespace bellhop::socks5

// Accepts clients of HTTP, spreads them over shards, and ends those that are silent or too many.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/base/flood_memory.hpp"
#include "component/base/ip_network.hpp"
#include "component/runtime/listener.hpp"
#include "component/runtime/server_certificate.hpp"
#include "component/runtime/task_group.hpp"
#include "proxy/http/exchange.hpp"

namespace bellhop::http {

/// Made by whoever knows what is served. References outlive the server.
struct ServerOptions {
  std::vector<config::HostPort> plain_listen;
  std::vector<config::HostPort> tls_listen;
  std::string tls_certificate;  ///< read again when the file changes
  std::string tls_key;
  std::vector<base::IpNetwork> trusted_proxies;
  std::uint32_t connections_max = 0;
  std::uint32_t connections_per_address_max = 0;
  std::uint32_t requests_per_address_max = 0;  ///< per second; 0: no limit
  base::Duration header_timeout{};
  base::Duration idle_timeout{};
  base::Duration certificate_interval = std::chrono::seconds(10);  ///< between two looks at it
  std::vector<runtime::Shard*> shards;  ///< that serve; the first one accepts
};

/// What happened on one shard, for counters of whoever owns them; called there.
enum class ServerEvent : std::uint8_t { accepted, refused, timed_out, opened, closed, answered };

/// Every wait of a connection has a deadline that only progress puts off: one sweep for all, as a
/// timer each would cost more. Handlers are chosen by the first segment of the path.
class HttpServer {
 public:
  using OnEvent = std::function<void(std::size_t shard, ServerEvent event)>;

  /// Binds at once. Throws std::runtime_error with one line, also for certificates that cannot be
  /// used.
  HttpServer(ServerOptions options, base::Log& log, OnEvent on_event);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// `prefix` is one segment; "" is for everything that no other has. Before start(); `handler`
  /// outlives the server.
  void add(std::string prefix, Handler& handler) { handlers_.emplace(std::move(prefix), &handler); }
  /// On the control shard, before or while the shards run.
  void start();
  /// Takes no new connections, ends those that are idle, and waits so long for requests under way.
  [[nodiscard]] runtime::Task<> stop(base::Duration timeout);

  [[nodiscard]] const std::vector<base::IpEndpoint>& plain_bound() const { return plain_bound_; }
  [[nodiscard]] const std::vector<base::IpEndpoint>& tls_bound() const { return tls_bound_; }

 private:
  class Connection;
  struct Worker;
  struct Accepted {
    base::UniqueFd socket;
    base::IpEndpoint peer;
    std::shared_ptr<runtime::asio::ssl::context> tls;  // null: plain
  };

  void bind(const std::vector<config::HostPort>& addresses, bool is_tls);
  void accept(base::UniqueFd socket, const base::IpEndpoint& peer, bool is_tls);
  [[nodiscard]] bool admit(const base::IpAddress& from);
  void give_back(const base::IpAddress& from);
  void open(Worker& worker, Accepted accepted);
  [[nodiscard]] runtime::Task<> serve(Worker& worker, std::unique_ptr<Connection> connection);
  void sweep(Worker& worker, base::TimePoint now);
  [[nodiscard]] Handler* handler_for(const RequestTarget& target) const;

  ServerOptions options_;
  base::Log& log_;
  OnEvent on_event_;
  std::unordered_map<std::string, Handler*> handlers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  std::vector<bool> is_tls_;  // of each listener
  std::vector<base::IpEndpoint> plain_bound_;
  std::vector<base::IpEndpoint> tls_bound_;
  std::unordered_map<base::IpAddress, std::uint32_t> addresses_;  // connections; the first shard's
  std::uint32_t connections_ = 0;                                 // likewise
  base::FloodMemory memory_;                                      // likewise
  std::size_t turn_ = 0;
  std::optional<runtime::ServerCertificate> certificate_;  // the first shard's
};

}  // namespace bellhop::http

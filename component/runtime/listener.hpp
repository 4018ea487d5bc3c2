// Accepts TCP connections, with back-off when the machine runs out of descriptors.
#pragma once

#include <functional>
#include <string>

#include "component/base/ip_address.hpp"
#include "component/base/log.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/types.hpp"
#include "config/settings.hpp"

namespace bellhop::runtime {

/// One listening socket on one shard.
class Listener {
 public:
  /// Called for each connection, on the listener's shard; it is non-blocking with TCP_NODELAY set.
  using OnAccept = std::function<void(base::UniqueFd, const base::IpEndpoint&)>;

  /// Binds at once. `address.host` is an IP literal; port 0 takes a free one. An IPv6 listener does
  /// not take IPv4. Throws std::runtime_error with a sentence for the operator.
  Listener(Executor executor, base::Log& log, const config::HostPort& address);

  [[nodiscard]] const base::IpEndpoint& bound() const { return bound_; }
  /// Until close().
  [[nodiscard]] Task<> accept_all(OnAccept on_accept);
  void close();

 private:
  [[nodiscard]] error_code accept_waiting(const OnAccept& on_accept);

  base::Log& log_;
  TcpAcceptor acceptor_;
  base::IpEndpoint bound_;
};

/// An Asio endpoint as a value without Asio.
[[nodiscard]] base::IpEndpoint to_endpoint(const Tcp::endpoint& endpoint);

}  // namespace bellhop::runtime

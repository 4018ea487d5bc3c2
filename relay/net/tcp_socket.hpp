// TCP sockets that share one relayed address and port: who listens there, and who connects from it.
#pragma once

#include <optional>
#include <variant>

#include "component/base/ip_address.hpp"
#include "component/base/unique_fd.hpp"

namespace bellhop::net {

/// A listening socket, non-blocking and of one family, or errno. A port that another listening
/// socket of this machine has is EADDRINUSE; from then on connect_tcp() may leave from it.
[[nodiscard]] std::variant<base::UniqueFd, int> listen_tcp(const base::IpEndpoint& local);

/// A connection on its way, or errno. It leaves from `local`, where a socket of listen_tcp()
/// listens (RFC 6062 §5.2). It is writable once it is decided; then error_of() says how.
[[nodiscard]] std::variant<base::UniqueFd, int> connect_tcp(const base::IpEndpoint& local,
                                                            const base::IpEndpoint& to);

/// 0: the connection stands; else errno. Asking takes it off the socket.
[[nodiscard]] int error_of(int fd);

/// A connection that came in, non-blocking.
struct AcceptedPeer {
  base::UniqueFd socket;
  base::IpEndpoint from;
};

/// The next one that waits; nothing: there is none, or the machine gives no descriptor for it.
[[nodiscard]] std::optional<AcceptedPeer> accept_tcp(int listener);

}  // namespace bellhop::net

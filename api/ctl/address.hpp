// Where the daemon is asked: a unix socket, or a host and port.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::ctl {

/// Where bellhopd's unit puts its socket.
inline constexpr std::string_view kDefaultAddress = "unix:/run/bellhop/admin.sock";

/// unix(7): sun_path holds 108 bytes, one of them the zero at the end.
inline constexpr std::size_t kSocketPathBytesMax = 107;

/// A place to connect to. Either `path` is set, or `host` and `port`.
struct Address {
  std::string path;  ///< of the unix socket
  std::string host;  ///< name or IP address, IPv6 without brackets
  std::string port;

  [[nodiscard]] bool is_unix() const { return !path.empty(); }
  /// Whether what is sent there stays on this machine: 127.0.0.0/8, ::1, localhost, a socket.
  [[nodiscard]] bool is_loopback() const;
  /// As gRPC names it.
  [[nodiscard]] std::string grpc_target() const;
  /// For people.
  [[nodiscard]] std::string text() const;
};

/// `unix:PATH`, `HOST:PORT` or `[IPV6]:PORT`; else errors::bad_argument with a sentence.
[[nodiscard]] base::Result<Address> parse_address(std::string_view text);

/// Why nothing can be reached there, as far as this machine can tell.
enum class Obstacle : unsigned char {
  none,            ///< a connection is accepted, so the trouble is another
  socket_missing,  ///< no such file
  socket_denied,   ///< the file's permissions
  refused,         ///< the file or port is there and nobody listens
  unknown,         ///< not a unix socket, or an uncommon error
};

/// Tries to connect to the unix socket, at once. Obstacle::unknown for hosts.
[[nodiscard]] Obstacle probe(const Address& address);

}  // namespace bellhop::ctl

// An outgoing byte stream: TCP, or TLS over TCP.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// How to check the other side's certificate.
struct TlsOptions {
  std::string name;     ///< sent as SNI and required in the certificate
  std::string ca_file;  ///< PEM; empty: the system's store
};

/// One connection of one shard. Waits have no deadline of their own: whoever calls sets one.
class Connection {
 public:
  /// TLS when `tls` is given. Throws boost::system::system_error for a CA file that cannot be read.
  Connection(Executor executor, const std::optional<TlsOptions>& tls);

  /// Resolves, tries every address in turn, and completes the TLS handshake.
  [[nodiscard]] Task<error_code> connect(std::string host, std::uint16_t port);
  /// At least one byte, or an error (asio::error::eof at the end).
  [[nodiscard]] Task<std::tuple<error_code, std::size_t>> read_some(asio::mutable_buffer buffer);
  /// `bytes` must live until it has ended.
  [[nodiscard]] Task<error_code> write_all(std::string_view bytes);
  /// Ends every wait at once. Harmless when closed already.
  void close();

 private:
  using TlsStream = asio::ssl::stream<TcpSocket>;

  [[nodiscard]] TcpSocket& socket();

  std::optional<TlsOptions> options_;
  asio::ssl::context context_;
  TlsStream stream_;  // without TLS only its lower layer is used
};

}  // namespace bellhop::runtime

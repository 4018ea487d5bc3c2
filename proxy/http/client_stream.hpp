// The connection of a client of HTTP: TCP, or TLS over it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "component/runtime/types.hpp"

namespace bellhop::http {

/// One accepted connection on one shard. Waits have no deadline of their own: whoever owns it calls
/// close() when one has passed, which ends each of them at once.
class ClientStream {
 public:
  /// `tls` is null for plain HTTP, else handshake() comes first; it outlives the stream.
  ClientStream(runtime::TcpSocket socket, runtime::asio::ssl::context* tls);

  [[nodiscard]] runtime::Task<bool> handshake();
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  /// At least one byte; 0: the client has ended its side or is gone.
  [[nodiscard]] runtime::Task<std::size_t> read_some(std::span<char> buffer);
  /// The same for bodies: the bytes are in `shared`, which is written to only after the last wait,
  /// so that all connections of a shard may have one; of TLS in a buffer of its own. Valid until
  /// the next call. Empty: the end.
  [[nodiscard]] runtime::Task<std::span<const char>> read_bulk(std::span<char> shared,
                                                               std::size_t bytes_max);
  /// False: the client is gone. `bytes` live until it has ended.
  [[nodiscard]] runtime::Task<bool> write(std::string_view bytes, bool is_more_to_come = false);
  /// Sends from a file, without copying where there is no TLS. How many bytes went out: at least
  /// one, at most `count`; 0: the client is gone, or the file is shorter than that.
  [[nodiscard]] runtime::Task<std::size_t> send_file(int fd, std::uint64_t offset,
                                                     std::size_t count);
  /// Tells the client that no more comes and takes what it still sends, within a bound, so that it
  /// reads the last answer before the connection is reset.
  [[nodiscard]] runtime::Task<> linger(std::span<char> shared);
  void close();

 private:
  using TlsStream = runtime::asio::ssl::stream<runtime::TcpSocket&>;

  [[nodiscard]] runtime::Task<std::span<const char>> receive(std::span<char> into);

  runtime::TcpSocket socket_;
  std::unique_ptr<TlsStream> tls_;
  std::vector<char> buffer_;  // of TLS bodies, while there is one
};

}  // namespace bellhop::http

// The client's data connection over TLS: what the relay has is a plain socket.
#pragma once

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <vector>

#include "component/base/unique_fd.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::turn {

using TlsStream = runtime::asio::ssl::stream<runtime::TcpSocket&>;

/// Copies between a TLS client and one end of a socket pair, whose other end is the relay's, which
/// limits, counts and ends as it does with plain clients. One buffer for each direction, so a side
/// that takes nothing stops the other.
///
/// The client's end, with close_notify or without, is passed on, and what the peer still sends
/// reaches it. The peer's end becomes close_notify, which in TLS before 1.3 ends both directions
/// (RFC 5246 §7.2.1): what the client has not sent by then may be lost, and the connection closes
/// as soon as it answers, or after kLinger.
class TlsBridge {
 public:
  static constexpr std::chrono::seconds kLinger{5};

  /// `tls` outlives it. `relay` is this side's end of the pair, non-blocking.
  TlsBridge(TlsStream& tls, base::UniqueFd relay);

  /// First sends `early` to the relay. Until both directions have ended.
  [[nodiscard]] runtime::Task<> run(std::vector<std::uint8_t> early);
  /// Ends every wait.
  void close();

 private:
  using Socket =
      runtime::asio::basic_stream_socket<runtime::asio::local::stream_protocol, runtime::Executor>;
  using Buffer = std::array<std::uint8_t, 16 * 1024>;  // RFC 8446 §5.1: a record

  [[nodiscard]] runtime::Task<> to_relay(std::vector<std::uint8_t> early);
  [[nodiscard]] runtime::Task<> to_client();
  [[nodiscard]] runtime::Task<> say_goodbye();

  TlsStream& tls_;
  Socket relay_;
  Buffer from_client_;
  Buffer from_relay_;
};

}  // namespace bellhop::turn

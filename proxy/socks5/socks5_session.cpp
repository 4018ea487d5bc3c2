#include "proxy/socks5/socks5_session.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <span>

#include "proxy/errors.hpp"
#include "proxy/socks5/socks5_codec.hpp"

namespace bellhop::socks5 {
namespace {

using bytestream::BytestreamTable;
using bytestream::ParkedConnection;
using runtime::Task;
using runtime::TcpSocket;

// One send(2) of a few bytes on a fresh connection is one TCP segment; a socket that cannot take
// them now has a peer that never reads.
bool send_at_once(TcpSocket& socket, Bytes bytes) {
  const ssize_t n =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n == static_cast<ssize_t>(bytes.size());
}

// Closing a socket with unread input sends a reset, which can overtake the refusal.
void discard_input(TcpSocket& socket) {
  std::array<std::byte, 1024> sink;
  (void)::recv(socket.native_handle(), sink.data(), sink.size(), MSG_DONTWAIT);
}

bool is_gone(const ParkedConnection& connection) {
  char byte;
  const ssize_t n = ::recv(connection.socket.value(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

class Session {
 public:
  Session(Handshaking& context, TcpSocket socket, base::IpEndpoint peer,
          proxy::PendingConnections::Ticket ticket)
      : context_(context),
        socket_(std::move(socket)),
        peer_(peer),
        ticket_(std::move(ticket)),
        handshake_([this] { close(); }) {
    context_.pending.begin(handshake_, peer_.address, base::Clock::now());
  }

  Task<> run() {
    const bool is_greeted = co_await greet();
    if (!is_greeted) co_return;
    const auto request = co_await receive_request();
    if (request) grant(*request);
  }

 private:
  Task<bool> greet() {
    std::size_t have = 0;
    for (;;) {
      const Bytes input(buffer_.data(), have);
      const auto greeting = decode_greeting(input);
      if (!greeting) {
        const bool wants_answer = greeting.error().is(proxy::errors::socks_methods);
        refuse(greeting.error(), wants_answer ? Bytes(kNoMethod) : Bytes());
        co_return false;
      }
      if (*greeting) break;
      const bool has_more = co_await read(have, greeting_bytes_missing(input));
      if (!has_more) co_return false;
    }
    co_return send_at_once(socket_, kNoAuthentication);
  }

  Task<std::optional<Request>> receive_request() {
    std::size_t have = 0;
    for (;;) {
      const Bytes input(buffer_.data(), have);
      auto request = decode_request(input);
      if (!request) {
        refuse_request(request.error(), input);
        co_return std::nullopt;
      }
      if (*request) {
        request_bytes_ = have;
        co_return *request;
      }
      const bool has_more = co_await read(have, request_bytes_missing(input));
      if (!has_more) co_return std::nullopt;
    }
  }

  // Reads at most `wanted` bytes behind the `have` there are.
  Task<bool> read(std::size_t& have, std::size_t wanted) {
    auto [ec, n] = co_await socket_.async_read_some(
        boost::asio::buffer(buffer_.data() + have, wanted), runtime::kTuple);
    have += n;
    if (!ec) co_return true;
    if (!handshake_.reason.is(base::kNoError)) note_refusal(handshake_.reason);
    co_return false;
  }

  // No co_await from here to park(): see the header.
  void grant(const Request& request) {
    if (auto admitted = context_.table.admit(request.dst_addr, is_gone); !admitted) {
      refuse_request(admitted.error(), Bytes(buffer_.data(), request_bytes_));
      return;
    }
    if (!send_at_once(socket_, encode_granted(request))) return;
    runtime::error_code ec;
    base::UniqueFd fd(socket_.release(ec));
    if (ec) return;
    ParkedConnection connection{std::move(fd), peer_, std::move(ticket_)};
    const auto parked =
        context_.table.park(request.dst_addr, std::move(connection), base::Clock::now());
    if (parked == BytestreamTable::Parked::paired) context_.waits.notify(request.dst_addr);
    if (!context_.log.is_on(base::Severity::debug)) return;
    context_.log.write(base::Severity::debug, "connection_parked",
                       {{"bytestream", request.dst_addr.short_text()},
                        {"peer", context_.log.shown_address(peer_.text())},
                        {"paired", parked == BytestreamTable::Parked::paired}});
  }

  void refuse_request(const base::Error& error, Bytes request) {
    const auto code = reply_to(error);
    if (!code) return refuse(error, {});
    const auto reply = encode_refused(*code, request);
    refuse(error, reply);
  }

  void refuse(const base::Error& error, Bytes reply) {
    note_refusal(error);
    if (!reply.empty()) {
      (void)send_at_once(socket_, reply);
      discard_input(socket_);
    }
    close();
  }

  void note_refusal(const base::Error& error) {
    context_.counters.count_refusal(error.kind());
    context_.log.write_limited(base::Severity::info, "connection_refused",
                               {{"peer", context_.log.shown_address(peer_.text())},
                                {"reason", error.kind().name},
                                {"detail", error.detail()}});
  }

  void close() {
    runtime::error_code ignored;
    socket_.close(ignored);
  }

  Handshaking& context_;
  TcpSocket socket_;
  base::IpEndpoint peer_;
  proxy::PendingConnections::Ticket ticket_;
  proxy::PendingConnections::Handshake handshake_;
  std::array<std::byte, kRequestBytesMax> buffer_;
  std::size_t request_bytes_ = 0;
};

}  // namespace

Task<> serve_handshake(Handshaking& context, TcpSocket socket, base::IpEndpoint peer,
                       proxy::PendingConnections::Ticket ticket) {
  Session session(context, std::move(socket), peer, std::move(ticket));
  co_await session.run();
}

}  // namespace bellhop::socks5

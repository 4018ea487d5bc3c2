#include "proxy/socks5/socks5_session.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "proxy/errors.hpp"

namespace bellhop::socks5 {
namespace {

using bytestream::BytestreamTable;
using bytestream::ParkedConnection;

// One send(2) of a few bytes on a fresh connection is one TCP segment; a socket that cannot take
// them now has a peer that never reads.
bool send_at_once(const base::UniqueFd& socket, Bytes bytes) {
  const ssize_t n = ::send(socket.value(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n == static_cast<ssize_t>(bytes.size());
}

// Closing a socket with unread input sends a reset, which can overtake the refusal.
void discard_input(const base::UniqueFd& socket) {
  std::array<std::byte, 1024> sink;
  (void)::recv(socket.value(), sink.data(), sink.size(), MSG_DONTWAIT);
}

bool is_gone(const ParkedConnection& connection) {
  char byte;
  const ssize_t n = ::recv(connection.socket.value(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace

Socks5Session::Socks5Session(Handshaking& context, runtime::Poller& poller, base::UniqueFd socket,
                             base::IpEndpoint peer, proxy::PendingConnections::Ticket ticket,
                             OnDone on_done)
    : context_(context),
      poller_(poller),
      socket_(std::move(socket)),
      peer_(peer),
      ticket_(std::move(ticket)),
      on_done_(std::move(on_done)),
      deadline_([this] { on_overdue(); }) {}

Socks5Session::~Socks5Session() {
  socket_.reset();
  poller_.forget(*this);
}

bool Socks5Session::start() {
  context_.pending.begin(deadline_, peer_.address, base::Clock::now());
  return poller_.add(socket_.value(), *this);
}

void Socks5Session::on_ready(std::uint32_t) {
  while (socket_) {
    const ssize_t n = ::recv(socket_.value(), buffer_.data() + have_, missing(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {  // the client has left
      socket_.reset();
      break;
    }
    have_ += static_cast<std::size_t>(n);
    is_greeted_ ? take_request() : take_greeting();
  }
  finish();
}

// Destroys this.
void Socks5Session::finish() {
  const OnDone done = std::move(on_done_);  // outlives the session
  done(*this);
}

// Never 0 while the session goes on: what is complete has been taken.
std::size_t Socks5Session::missing() const {
  return is_greeted_ ? request_bytes_missing(input()) : greeting_bytes_missing(input());
}

void Socks5Session::take_greeting() {
  const auto greeting = decode_greeting(input());
  if (!greeting) {
    const bool wants_answer = greeting.error().is(proxy::errors::socks_methods);
    return refuse(greeting.error(), wants_answer ? Bytes(kNoMethod) : Bytes());
  }
  if (!*greeting) return;
  if (!send_at_once(socket_, kNoAuthentication)) return socket_.reset();
  is_greeted_ = true;
  have_ = 0;
}

void Socks5Session::take_request() {
  const auto request = decode_request(input());
  if (!request) return refuse_request(request.error());
  if (*request) grant(**request);
}

void Socks5Session::grant(const Request& request) {
  if (auto admitted = context_.table.admit(request.dst_addr, is_gone); !admitted) {
    return refuse_request(admitted.error());
  }
  poller_.remove(socket_.value(), *this);
  if (!send_at_once(socket_, encode_granted(request))) return socket_.reset();
  ParkedConnection connection{std::move(socket_), peer_, std::move(ticket_)};
  const auto parked =
      context_.table.park(request.dst_addr, std::move(connection), base::Clock::now());
  if (parked == BytestreamTable::Parked::paired) context_.waits.notify(request.dst_addr);
  if (!context_.log.is_on(base::Severity::debug)) return;
  context_.log.write(base::Severity::debug, "connection_parked",
                     {{"bytestream", request.dst_addr.short_text()},
                      {"peer", context_.log.shown_address(peer_.text())},
                      {"paired", parked == BytestreamTable::Parked::paired}});
}

void Socks5Session::refuse_request(const base::Error& error) {
  const auto code = reply_to(error);
  if (!code) return refuse(error, {});
  refuse(error, encode_refused(*code, input()));
}

void Socks5Session::refuse(const base::Error& error, Bytes reply) {
  note_refusal(error);
  if (!reply.empty()) {
    (void)send_at_once(socket_, reply);
    discard_input(socket_);
  }
  socket_.reset();
}

void Socks5Session::note_refusal(const base::Error& error) {
  context_.counters.count_refusal(error.kind());
  context_.log.write_limited(base::Severity::info, "connection_refused",
                             {{"peer", context_.log.shown_address(peer_.text())},
                              {"reason", error.kind().name},
                              {"detail", error.detail()}});
}

// Called by PendingConnections: too old, evicted, or we are stopping.
void Socks5Session::on_overdue() {
  note_refusal(deadline_.reason);
  socket_.reset();
  finish();
}

}  // namespace bellhop::socks5

// One client connection from accept to its place in the table.
#pragma once

#include <array>
#include <functional>

#include "component/base/log.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/poller.hpp"
#include "proxy/bytestream/bytestream_table.hpp"
#include "proxy/bytestream/pairing_waits.hpp"
#include "proxy/counters.hpp"
#include "proxy/pending_connections.hpp"
#include "proxy/socks5/socks5_codec.hpp"

namespace bellhop::socks5 {

/// What a handshake needs; all of it outlives every handshake.
struct Handshaking {
  base::Log& log;
  proxy::ProxyCounters& counters;
  proxy::PendingConnections& pending;
  bytestream::BytestreamTable& table;
  bytestream::PairingWaits& waits;
};

/// Takes the connection through RFC 1928:
///  1. greeting: read no byte beyond it, answer 05 00
///  2. request: read no byte beyond it; what the client sends early stays in the kernel
///  3. admission by the table, the reply as one segment, parked: no activation can come between
/// Any refusal is answered where RFC 1928 has an answer, and the connection closed. The deadline is
/// kept by `pending`. Fed by readiness and not a coroutine: ten thousand silent connections are ten
/// thousand of these, of half a kilobyte, and nothing else.
class Socks5Session final : public runtime::Poller::Watch {
 public:
  /// Called once, last of all; may destroy the session.
  using OnDone = std::function<void(Socks5Session&)>;

  Socks5Session(Handshaking& context, runtime::Poller& poller, base::UniqueFd socket,
                base::IpEndpoint peer, proxy::PendingConnections::Ticket ticket, OnDone on_done);
  ~Socks5Session() override;
  Socks5Session(const Socks5Session&) = delete;
  Socks5Session& operator=(const Socks5Session&) = delete;

  /// Waits for the client from now on. False: the kernel refused; on_done is not called.
  [[nodiscard]] bool start();

 private:
  void on_ready(std::uint32_t events) override;
  void on_turn() override {}

  [[nodiscard]] Bytes input() const { return {buffer_.data(), have_}; }
  [[nodiscard]] std::size_t missing() const;
  void take_greeting();
  void take_request();
  void grant(const Request& request);
  void refuse_request(const base::Error& error);
  void refuse(const base::Error& error, Bytes reply);
  void note_refusal(const base::Error& error);
  void on_overdue();
  void finish();

  Handshaking& context_;
  runtime::Poller& poller_;
  base::UniqueFd socket_;  // none: over
  base::IpEndpoint peer_;
  proxy::PendingConnections::Ticket ticket_;
  OnDone on_done_;
  proxy::PendingConnections::Handshake deadline_;
  std::array<std::byte, kRequestBytesMax> buffer_;
  std::size_t have_ = 0;
  bool is_greeted_ = false;
};

}  // namespace bellhop::socks5

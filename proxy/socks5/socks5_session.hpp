// One client connection from accept to its place in the table.
#pragma once

#include "component/base/log.hpp"
#include "component/runtime/types.hpp"
#include "proxy/bytestream/bytestream_table.hpp"
#include "proxy/bytestream/pairing_waits.hpp"
#include "proxy/counters.hpp"
#include "proxy/pending_connections.hpp"

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
///  3. admission by the table, the reply as one segment, parked: all without a wait in between, so
///     no activation can come between reply and table
/// Any refusal is answered where RFC 1928 has an answer, and the connection closed. The deadline is
/// that of `pending`, which closes the socket.
[[nodiscard]] runtime::Task<> serve_handshake(Handshaking& context, runtime::TcpSocket socket,
                                              base::IpEndpoint peer,
                                              proxy::PendingConnections::Ticket ticket);

}  // namespace bellhop::socks5

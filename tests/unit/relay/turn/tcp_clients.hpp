// Clients and peers of TCP allocations, step by step or as far as a test needs them.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <utility>

#include "relay/net/socket_address.hpp"
#include "relay/net/udp_socket.hpp"
#include "tests/unit/relay/turn/served_tcp_relay.hpp"

namespace bellhop::turn::test {

using bellhop::test::Acceptor;
using bellhop::test::Missed;
using bellhop::test::Peer;

/// On 127.0.0.1.
inline base::IpEndpoint place_of(const Acceptor& acceptor) {
  return bellhop::test::endpoint_of("127.0.0.1", acceptor.port());
}

/// A peer that connects to `to`, from 127.0.0.1.
inline Peer call(const base::IpEndpoint& to) {
  base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::SocketAddress address(to);
  if (::connect(fd.value(), address.raw(), address.size) != 0) throw Missed("cannot connect");
  return Peer(std::move(fd));
}

inline base::IpEndpoint remote_of(int fd) {
  net::SocketAddress address;
  address.size = sizeof address.v6;
  if (::getpeername(fd, address.raw(), &address.size) != 0) throw Missed("not connected");
  return address.endpoint();
}

/// The relayed address of a new TCP allocation.
inline base::IpEndpoint allocate_tcp(TurnClient& client) {
  const TurnMessage answer = client.allocate({TurnAttribute::transport(6)});
  if (answer.code() != 0) throw Missed("no allocation: " + std::to_string(answer.code()));
  return answer.address(stun::AttributeType::xor_relayed_address);
}

inline TurnRequest connect_request(const base::IpEndpoint& peer) {
  TurnRequest request;
  request.method = stun::Method::connect;
  request.attributes.push_back(TurnAttribute::peer(peer));
  return request;
}
inline TurnMessage connect(TurnClient& client, const base::IpEndpoint& peer) {
  return client.ask(connect_request(peer));
}

inline TurnRequest bind_request(std::optional<std::uint32_t> id) {
  TurnRequest request;
  request.method = stun::Method::connection_bind;
  if (id) {
    request.attributes.push_back(TurnAttribute::number(stun::AttributeType::connection_id, *id));
  }
  return request;
}
inline int bind_to(TurnClient& client, std::optional<std::uint32_t> id) {
  return client.ask(bind_request(id)).code();
}

inline std::uint32_t id_of(const TurnMessage& message) {
  const auto id = message.number(stun::AttributeType::connection_id);
  if (!id) throw Missed("no CONNECTION-ID");
  return *id;
}

/// A client whose data connection reaches a peer.
struct Talk {
  TurnClient control;
  TurnClient data;
  Peer peer;
};

/// By Connect.
inline Talk talk(const ServedTcpRelay& turn, TurnTransport transport = TurnTransport::tcp) {
  const Acceptor acceptor;
  TurnClient control = turn.client();
  (void)allocate_tcp(control);
  const std::uint32_t id = id_of(connect(control, place_of(acceptor)));
  Peer peer(acceptor.accept());
  TurnClient data = turn.client(transport);
  if (const int code = bind_to(data, id)) throw Missed("not bound: " + std::to_string(code));
  return {std::move(control), std::move(data), std::move(peer)};
}

inline void send(TurnClient& data, std::string_view bytes) {
  data.socket().send(stun::to_bytes(bytes));
}
inline std::string receive(TurnClient& data, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const auto some = data.socket().receive_some();
    if (some.empty()) throw Missed("the connection has ended");
    bytes.append(some.begin(), some.end());
  }
  return bytes;
}
/// All bytes until the end.
inline std::string receive_all(TurnClient& data) {
  std::string bytes;
  for (;;) {
    const auto some = data.socket().receive_some();
    if (some.empty()) return bytes;
    bytes.append(some.begin(), some.end());
  }
}

/// Bytes that show when one is lost, doubled or moved.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace bellhop::turn::test

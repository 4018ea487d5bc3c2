#include "relay/turn/tcp_peers.hpp"

#include <algorithm>

#include "component/base/error.hpp"

namespace bellhop::turn {

bool TcpPeers::has(const base::IpEndpoint& peer) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const Connection& c) {
    return c.peer.port == peer.port && c.peer.address == peer.address;
  });
}

void TcpPeers::add(ConnectionId id, const base::IpEndpoint& peer, State state,
                   base::TimePoint deadline) {
  BELLHOP_ASSERT(!is_full());
  connections_.push_back({id, peer, state, deadline});
}

void TcpPeers::begin(ConnectionId id, const base::IpEndpoint& peer, base::TimePoint now) {
  add(id, peer, State::under_way, now + kConnectTimeout);
}

void TcpPeers::accept(ConnectionId id, const base::IpEndpoint& peer, base::TimePoint now) {
  add(id, peer, State::pending, now + kBindTimeout);
}

bool TcpPeers::advance(ConnectionId id, State from, State to, base::TimePoint deadline) {
  for (Connection& connection : connections_) {
    if (connection.id != id) continue;
    if (connection.state != from) return false;
    connection.state = to;
    connection.deadline = deadline;
    return true;
  }
  return false;
}

bool TcpPeers::connect(ConnectionId id, base::TimePoint now) {
  return advance(id, State::under_way, State::pending, now + kBindTimeout);
}

bool TcpPeers::bind(ConnectionId id, base::TimePoint now) {
  return advance(id, State::pending, State::bound, now + kHandOverTimeout);
}

bool TcpPeers::start(ConnectionId id) {
  return advance(id, State::bound, State::relaying, base::TimePoint::max());
}

void TcpPeers::remove(ConnectionId id) {
  std::erase_if(connections_, [id](const Connection& connection) { return connection.id == id; });
}

std::vector<ConnectionId> TcpPeers::overdue(base::TimePoint now) const {
  std::vector<ConnectionId> ids;
  for (const Connection& connection : connections_) {
    if (connection.deadline <= now) ids.push_back(connection.id);
  }
  return ids;
}

}  // namespace bellhop::turn

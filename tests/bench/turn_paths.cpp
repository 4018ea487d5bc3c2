#include "tests/bench/turn_paths.hpp"

#include <algorithm>
#include <stdexcept>

namespace bellhop::bench {
namespace {

// As much as Linux grants without privilege where an administrator has raised it for media.
constexpr int peer_buffer_bytes = 4 * 1024 * 1024;
constexpr int client_buffer_bytes = 1024 * 1024;

std::vector<UniqueFd> open_peers(std::size_t count) {
  std::vector<UniqueFd> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(udp_socket(loopback_address(peer_host), peer_buffer_bytes));
  }
  return peers;
}

PathSocket keep(Allocation& allocation) {
  return {.fd = std::move(allocation.fd),
          .channel = first_channel,
          .nonce = std::move(allocation.nonce)};
}

/// The peers' sockets behind the clients', and the flows of both directions. Allocation i has the
/// peer i mod count; `addresses` is where that peer reaches it.
Paths join(std::vector<PathSocket> clients, std::vector<UniqueFd> peers,
           const std::vector<sockaddr_in>& addresses) {
  Paths paths;
  paths.allocations = clients.size();
  paths.sockets = std::move(clients);
  const std::size_t first_peer = paths.sockets.size();
  for (std::size_t i = 0; i < paths.allocations; ++i) {
    paths.flows.push_back({.from_socket = i, .to_socket = first_peer + i % peers.size(), .to = {}});
  }
  for (std::size_t peer = 0; peer < peers.size(); ++peer) {
    for (std::size_t i = peer; i < paths.allocations; i += peers.size()) {
      paths.flows.push_back({.from_socket = first_peer + peer, .to_socket = i, .to = addresses[i]});
    }
  }
  for (UniqueFd& peer : peers)
    paths.sockets.push_back({.fd = std::move(peer), .channel = 0, .nonce = {}});
  return paths;
}

}  // namespace

Paths make_relay_paths(TurnClient& client, const PathPlan& plan) {
  std::vector<UniqueFd> peers = open_peers(std::min(plan.peers, plan.allocations));
  SourceSequence sources;
  std::vector<PathSocket> clients;
  std::vector<sockaddr_in> relayed;
  for (std::size_t i = 0; i < plan.allocations; ++i) {
    Allocation allocation = client.allocate(sources.next(), client_buffer_bytes);
    client.bind_channel(allocation, first_channel, local_address(peers[i % peers.size()].get()));
    relayed.push_back(allocation.relayed);
    clients.push_back(keep(allocation));
  }
  return join(std::move(clients), std::move(peers), relayed);
}

Paths make_hairpin_paths(TurnClient& client, const PathPlan& plan) {
  SourceSequence sources;
  Paths paths;
  std::vector<Flow> backward;
  for (std::size_t i = 0; i + 1 < plan.allocations; i += 2) {
    Allocation left = client.allocate(sources.next(), client_buffer_bytes);
    Allocation right = client.allocate(sources.next(), client_buffer_bytes);
    client.bind_channel(left, first_channel, right.relayed);
    client.bind_channel(right, first_channel, left.relayed);
    paths.sockets.push_back(keep(left));
    paths.sockets.push_back(keep(right));
    paths.flows.push_back({.from_socket = i, .to_socket = i + 1, .to = {}});
    backward.push_back({.from_socket = i + 1, .to_socket = i, .to = {}});
  }
  paths.flows.insert(paths.flows.end(), backward.begin(), backward.end());
  paths.allocations = paths.sockets.size();
  return paths;
}

Paths make_direct_paths(const PathPlan& plan) {
  std::vector<UniqueFd> peers = open_peers(std::min(plan.peers, plan.allocations));
  SourceSequence sources;
  std::vector<PathSocket> clients;
  std::vector<sockaddr_in> addresses;
  for (std::size_t i = 0; i < plan.allocations; ++i) {
    addresses.push_back(sources.next());
    const sockaddr_in peer = local_address(peers[i % peers.size()].get());
    clients.push_back(
        {.fd = udp_socket(addresses.back(), peer, client_buffer_bytes), .channel = 0, .nonce = {}});
  }
  return join(std::move(clients), std::move(peers), addresses);
}

void give_back(TurnClient& client, Paths& paths) {
  for (PathSocket& socket : paths.sockets) {
    if (socket.channel == 0) continue;
    Allocation allocation;
    allocation.fd = std::move(socket.fd);
    allocation.nonce = std::move(socket.nonce);
    try {
      client.refresh(allocation, 0);
    } catch (const std::runtime_error&) {
      return;  // nothing is measured any more; the server ends them in time
    }
  }
}

}  // namespace bellhop::bench

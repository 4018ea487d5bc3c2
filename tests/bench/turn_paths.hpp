// The sockets and flows of the TURN load program: clients with their allocations on one side, peers
// on the other.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/net.hpp"
#include "tests/bench/turn_client.hpp"

namespace bellhop::bench {

/// One socket of ours. With a channel, what it sends and receives is channel data, and it holds an
/// allocation, whose nonce this is.
struct PathSocket {
  UniqueFd fd;
  std::uint16_t channel = 0;
  std::string nonce;
};

/// Packets in one direction. Sockets are indices; `to` is set where the sending one is not
/// connected.
struct Flow {
  std::size_t from_socket = 0;
  std::size_t to_socket = 0;
  sockaddr_in to{};
};

/// What packets travel between. The first half of the flows goes one way, the second half, in the
/// same order of allocations but grouped by the socket that sends, the other.
struct Paths {
  std::vector<PathSocket> sockets;
  std::vector<Flow> flows;
  std::size_t allocations = 0;
};

/// How many allocations, and how many sockets the peers of all of them share.
struct PathPlan {
  std::size_t allocations = 1;
  std::size_t peers = 1;
};

/// Every allocation talks to a peer through a channel.
[[nodiscard]] Paths make_relay_paths(TurnClient& client, const PathPlan& plan);
/// Allocations in pairs, each the peer of the other: both relayed addresses are the server's.
[[nodiscard]] Paths make_hairpin_paths(TurnClient& client, const PathPlan& plan);
/// As many flows as make_relay_paths() makes, without a server between them.
[[nodiscard]] Paths make_direct_paths(const PathPlan& plan);

/// Where peers are: 127.0.0.0 + that. Not 127.0.0.1, whose ports others use.
inline constexpr std::uint32_t peer_host = 0x00'02'00'01;

/// Ends the allocations, as far as the server still knows them.
void give_back(TurnClient& client, Paths& paths);

}  // namespace bellhop::bench

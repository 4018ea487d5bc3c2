// How the relay for calls stands, as values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "relay/nodes/channel_service.hpp"
#include "relay/turn/turn_server.hpp"

namespace bellhop::api {

/// STUN, TURN and relay channels together.
struct TurnStatus {
  /// A relayed address.
  struct Relay {
    base::IpAddress shown;  ///< as clients and peers see it
    base::IpAddress local;
    std::uint32_t free_ports = 0;
  };

  bool is_open = false;  ///< new allocations and channels are made
  std::vector<base::IpEndpoint> listen;
  std::vector<base::IpEndpoint> tls_listen;
  std::vector<turn::ExternalService> services;  ///< as clients are told, what is best first
  std::vector<Relay> relays;                    ///< IPv4 first
  std::uint32_t ports = 0;                      ///< of each, free or not
  std::uint32_t allocations = 0;
  std::uint32_t allocations_max = 0;
  std::uint32_t channels = 0;
  std::uint64_t connections = 0;
  std::uint64_t packets = 0;  ///< since the start, as all below
  std::uint64_t packets_dropped = 0;
  std::uint64_t packets_dropped_by_kernel = 0;
  /// Requests refused to who had proven who he is: by a rule, a quota, or for want of room; peers
  /// that are not allowed are among them.
  std::uint64_t refusals = 0;
};

/// Control shard. `channels` may be null.
[[nodiscard]] TurnStatus read_turn_status(turn::TurnServer& turn,
                                          const nodes::ChannelService* channels,
                                          const config::Settings& settings);

/// `turn:turn.example.org:3478?transport=udp` (RFC 7065); STUN's without a transport (RFC 7064).
[[nodiscard]] std::string to_uri(const turn::ExternalService& service);

}  // namespace bellhop::api

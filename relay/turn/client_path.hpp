// How a client is reached: one datagram after another, or a stream.
#pragma once

#include <cstring>

#include "relay/net/egress.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/turn_rules.hpp"

namespace bellhop::turn {

class TurnSession;

/// A ConnectionBind that has proven who sent it (RFC 6062 §5.4).
struct BindWish {
  ConnectionId connection;
  Verified verified;
  stun::TransactionId id;
  bool has_fingerprint;
};

/// A TCP or TLS client. One shard.
class StreamClient {
 public:
  /// Queues a message, with padding if it is ChannelData (TURN-C04); what does not fit into the
  /// queue is dropped whole. `payload` bytes of it are counted, as queued.
  virtual void send(stun::Bytes head, stun::Bytes body, std::size_t payload,
                    net::SendCount& count) = 0;
  /// Asks the shard of the connection, and becomes its client's side if that agrees. What comes
  /// behind the request waits until then.
  virtual void begin_bind(BindWish wish) = 0;
  /// Its allocation; null: none yet.
  TurnSession* session = nullptr;
  /// An Allocate request of it is being decided.
  bool is_asking = false;

 protected:
  ~StreamClient() = default;
};

/// A five-tuple (RFC 8656 §2) and the way back.
struct ClientPath {
  Transport transport = Transport::udp;
  base::IpEndpoint client;
  base::IpEndpoint server;
  net::Route route;                ///< of datagrams
  StreamClient* stream = nullptr;  ///< of streams; outlives whatever keeps the path
};

/// The five-tuple of a UDP client as a key.
struct ClientKey {
  std::array<std::uint8_t, 36> bytes{};

  explicit ClientKey(const ClientPath& path) {
    std::memcpy(bytes.data(), path.client.address.bytes().data(), 16);
    std::memcpy(&bytes[16], path.server.address.bytes().data(), 16);
    std::memcpy(&bytes[32], &path.client.port, 2);
    std::memcpy(&bytes[34], &path.server.port, 2);
  }
  friend bool operator==(const ClientKey&, const ClientKey&) = default;
};

/// Mixes all of it; clients choose their addresses only as far as they own them.
struct ClientKeyHash {
  using is_avalanching = void;
  std::size_t operator()(const ClientKey& key) const noexcept {
    std::uint64_t words[5]{};
    std::memcpy(words, key.bytes.data(), key.bytes.size());
    std::uint64_t hash = 0x9E3779B97F4A7C15ULL;
    for (const std::uint64_t word : words) {
      hash = (hash ^ word) * 0xD6E8FEB86659FD93ULL;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

}  // namespace bellhop::turn

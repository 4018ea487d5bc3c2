// The connections between one TCP allocation and its peers (RFC 6062 §5). No I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"

namespace bellhop::turn {

/// CONNECTION-ID (RFC 6062 §6.2.1): drawn at random, of no other connection that lives.
using ConnectionId = std::uint32_t;

/// RFC 6062 §5.2: how long a peer has to answer a Connect, at least.
inline constexpr std::chrono::seconds kConnectTimeout{30};
/// RFC 6062 §5.2, §5.3: how long a connection waits for its ConnectionBind.
inline constexpr std::chrono::seconds kBindTimeout{30};
/// How long a client has to take the success of its ConnectionBind.
inline constexpr std::chrono::seconds kHandOverTimeout{30};
/// Of one allocation (TURN-T10).
inline constexpr std::size_t kTcpConnectionsMax = 32;

/// Which there are, how far each is, and until when it may stay so. Searches are linear: an
/// allocation has kTcpConnectionsMax at most.
class TcpPeers {
 public:
  enum class State : std::uint8_t {
    under_way,  ///< a Connect that the peer has not answered
    pending,    ///< it stands, and no ConnectionBind has come
    bound,      ///< one has, and is being answered
    relaying,   ///< the client's data connection is there
  };
  struct Connection {
    ConnectionId id;
    base::IpEndpoint peer;
    State state;
    base::TimePoint deadline;  ///< of this state; none of `relaying`
  };

  explicit TcpPeers(std::size_t connections_max = kTcpConnectionsMax)
      : connections_max_(connections_max) {}

  /// Whether one with that peer is under way or stands, whoever began it (446).
  [[nodiscard]] bool has(const base::IpEndpoint& peer) const;
  [[nodiscard]] bool is_full() const { return connections_.size() >= connections_max_; }

  /// A Connect that begins. The id is new, and there is room.
  void begin(ConnectionId id, const base::IpEndpoint& peer, base::TimePoint now);
  /// A peer that came by itself, likewise.
  void accept(ConnectionId id, const base::IpEndpoint& peer, base::TimePoint now);
  /// The peer has answered. False: none of that id is under way.
  [[nodiscard]] bool connect(ConnectionId id, base::TimePoint now);
  /// A ConnectionBind. False: none of that id is pending (TURN-T07), and nothing has changed.
  [[nodiscard]] bool bind(ConnectionId id, base::TimePoint now);
  /// The client's data connection has come. False: none of that id is bound.
  [[nodiscard]] bool start(ConnectionId id);
  void remove(ConnectionId id);

  /// Those whose deadline has passed.
  [[nodiscard]] std::vector<ConnectionId> overdue(base::TimePoint now) const;
  [[nodiscard]] const std::vector<Connection>& all() const { return connections_; }

 private:
  void add(ConnectionId id, const base::IpEndpoint& peer, State state, base::TimePoint deadline);
  [[nodiscard]] bool advance(ConnectionId id, State from, State to, base::TimePoint deadline);

  std::size_t connections_max_;
  std::vector<Connection> connections_;
};

}  // namespace bellhop::turn

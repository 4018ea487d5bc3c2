// What a request of TURN may have, checked in the order of RFC 8656; no I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

#include "relay/peer_policy.hpp"
#include "relay/stun/message.hpp"
#include "relay/turn/allocation.hpp"
#include "relay/turn/port_pool.hpp"
#include "relay/turn/tcp_peers.hpp"

namespace bellhop::turn {

/// How a client reaches us; part of its five-tuple (TURN-A22).
enum class Transport : std::uint8_t { udp, tcp, tls };

/// IPv4 and IPv6, in that order.
template <typename Value>
struct PerFamily {
  Value v4{};
  Value v6{};
  [[nodiscard]] Value& of(const base::IpAddress& address) { return address.is_v4() ? v4 : v6; }
  [[nodiscard]] const Value& of(const base::IpAddress& address) const {
    return address.is_v4() ? v4 : v6;
  }
};

/// An Allocate request that can be granted as far as its text goes.
struct AllocateRequest {
  PerFamily<bool> families;      ///< which relayed addresses
  bool is_dual = false;          ///< the second one may be missing (TURN-A16)
  bool is_tcp = false;           ///< RFC 6062
  bool wants_even_port = false;  ///< EVEN-PORT
  bool reserves_next = false;    ///< with its R bit
  std::optional<ReservationToken> token;
  std::chrono::seconds lifetime{};  ///< granted (TURN-A17)
};

/// A datagram for a peer.
struct SendIndication {
  base::IpEndpoint peer;
  stun::Bytes data;
  bool dont_fragment;
};

/// What is the same for all allocations. Immutable; any thread.
class TurnRules {
 public:
  struct Options {
    PerFamily<bool> families;  ///< that there are relayed addresses of
    bool has_tcp_relay = false;
    std::chrono::seconds lifetime{600};       ///< RFC 8656 §3.2
    std::chrono::seconds lifetime_max{3600};  ///< RFC 8656 §7.2
  };
  template <typename Value>
  using Decision = std::variant<Value, stun::ErrorCode>;

  /// `policy` outlives the rules.
  TurnRules(const Options& options, const relay::PeerPolicy& policy)
      : options_(options), policy_(policy) {}

  /// RFC 8656 §7.2 from the transport on (TURN-A14); authentication and the five-tuple come before.
  [[nodiscard]] Decision<AllocateRequest> allocate(const stun::Message& request,
                                                   Transport transport) const;
  /// RFC 8656 §8.2: how long it is to live on; zero: it ends (TURN-R01). `has` are its families;
  /// one that the request names ends alone, if it lives on in the other.
  struct Refresh {
    std::chrono::seconds lifetime;
    std::optional<stun::AddressFamily> family;
  };
  [[nodiscard]] Decision<Refresh> refresh(const stun::Message& request,
                                          const PerFamily<bool>& has) const;
  /// RFC 8656 §10.2; nothing: done.
  [[nodiscard]] std::optional<stun::ErrorCode> create_permission(const stun::Message& request,
                                                                 const PerFamily<bool>& has,
                                                                 Allocation& allocation,
                                                                 base::TimePoint now) const;
  /// RFC 8656 §12.2; the number of the channel that is bound now.
  [[nodiscard]] Decision<std::uint16_t> channel_bind(const stun::Message& request,
                                                     const PerFamily<bool>& has,
                                                     Allocation& allocation,
                                                     base::TimePoint now) const;
  /// RFC 8656 §11.2; nothing: it is dropped (TURN-D01).
  [[nodiscard]] std::optional<SendIndication> send(const stun::Message& indication,
                                                   const PerFamily<bool>& has,
                                                   const Allocation& allocation,
                                                   base::TimePoint now) const;
  /// RFC 6062 §5.2 for a TCP allocation: whom to connect to (TURN-T03). Whether there is room comes
  /// after.
  [[nodiscard]] Decision<base::IpEndpoint> connect(const stun::Message& request,
                                                   const PerFamily<bool>& has,
                                                   const TcpPeers& peers) const;
  /// RFC 6062 §5.4 as far as the request tells (TURN-T07).
  [[nodiscard]] static Decision<ConnectionId> connection_bind(const stun::Message& request,
                                                              Transport transport);
  [[nodiscard]] bool has_tcp_relay() const { return options_.has_tcp_relay; }
  /// A peer that a request names (RFC 6062 §5.2 too): 443 or 403; nothing: it may be reached.
  [[nodiscard]] std::optional<stun::ErrorCode> refuse_peer(const base::IpAddress& peer,
                                                           const PerFamily<bool>& has) const;

 private:
  [[nodiscard]] std::chrono::seconds lifetime_of(const stun::Message& request) const;
  [[nodiscard]] std::optional<stun::ErrorCode> read_families(const stun::Message& request,
                                                             AllocateRequest& wanted) const;

  Options options_;
  const relay::PeerPolicy& policy_;
};

}  // namespace bellhop::turn

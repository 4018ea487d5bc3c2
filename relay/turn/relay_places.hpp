// The relayed addresses of this Bellhop, and which of their ports belong to allocations right now.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "component/base/ip_address.hpp"
#include "relay/turn/turn_rules.hpp"

namespace bellhop::turn {

/// Any thread. A port is one byte that only the shard of its allocation writes, so that a peer
/// which is another allocation is recognised (TURN-D09) wherever that one lives.
class RelayPlaces {
 public:
  struct Address {
    base::IpAddress local;  ///< bound to
    base::IpAddress shown;  ///< as clients and peers see it; the same without NAT
  };

  explicit RelayPlaces(const PerFamily<std::optional<Address>>& addresses)
      : addresses_(addresses), ports_(new Ports) {}

  [[nodiscard]] PerFamily<bool> families() const {
    return {addresses_.v4.has_value(), addresses_.v6.has_value()};
  }
  [[nodiscard]] const Address& of(const base::IpAddress& family) const {
    return *addresses_.of(family);
  }
  [[nodiscard]] const std::optional<Address>& v4() const { return addresses_.v4; }
  [[nodiscard]] const std::optional<Address>& v6() const { return addresses_.v6; }

  /// Whether `address` is a relayed one as clients see it.
  [[nodiscard]] bool is_shown(const base::IpAddress& address) const {
    const auto& place = addresses_.of(address);
    return place && place->shown == address;
  }
  /// What an allocation relays; a port is of one kind only, and the same number of the other
  /// protocol may be anybody's.
  enum class Kind : std::uint8_t { none, datagrams, connections };

  /// A peer that sends from a relayed address of ours, as clients see it.
  [[nodiscard]] base::IpEndpoint as_shown(const base::IpEndpoint& from,
                                          Kind kind = Kind::datagrams) const {
    const auto& place = addresses_.of(from.address);
    const bool is_ours = place && place->local == from.address && is_live(from, kind);
    return is_ours ? base::IpEndpoint{place->shown, from.port} : from;
  }

  /// Whether the port of a relayed address belongs to an allocation of that kind.
  [[nodiscard]] bool is_live(const base::IpEndpoint& relayed, Kind kind = Kind::datagrams) const {
    return port(relayed).load(std::memory_order_relaxed) == static_cast<std::uint8_t>(kind);
  }
  void set_live(const base::IpEndpoint& relayed, Kind kind) {
    port(relayed).store(static_cast<std::uint8_t>(kind), std::memory_order_relaxed);
  }

 private:
  using Port = std::atomic<std::uint8_t>;
  struct Ports {
    std::array<Port, 65536> v4{};
    std::array<Port, 65536> v6{};
  };

  [[nodiscard]] Port& port(const base::IpEndpoint& relayed) const {
    return (relayed.address.is_v4() ? ports_->v4 : ports_->v6)[relayed.port];
  }

  PerFamily<std::optional<Address>> addresses_;
  std::unique_ptr<Ports> ports_;
};

}  // namespace bellhop::turn

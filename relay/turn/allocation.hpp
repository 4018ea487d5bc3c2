// One allocation (RFC 8656 §6): permissions, channels, lifetime. No I/O, no clock of its own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "relay/net/egress.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::turn {

/// RFC 8656 §9: how long a permission lasts.
inline constexpr std::chrono::seconds kPermissionLifetime{300};
/// RFC 8656 §12: how long a channel binding lasts.
inline constexpr std::chrono::seconds kChannelLifetime{600};
/// RFC 8656 §12 ends at 0x4FFF; clients in use go up to 0x7FFE as RFC 5766 had it (ROOM-20).
inline constexpr std::uint16_t kChannelMin = 0x4000;
inline constexpr std::uint16_t kChannelMax = 0x7FFE;

/// A channel and what is sent through it.
struct Channel {
  std::uint16_t number;
  base::IpEndpoint peer;
  base::TimePoint expires;
  net::Route route;  ///< to the peer; filled in by whoever owns the socket
};

/// The permissions and channels of one allocation. What has expired counts for nothing and makes
/// room when room is needed. Searches are linear: an allocation has a handful.
class Allocation {
 public:
  struct Limits {
    std::size_t permissions_max;
    std::size_t channels_max;
  };
  enum class Bound : std::uint8_t {
    done,
    conflict,  ///< the number has another peer, or the peer another number (TURN-C01)
    full,
  };

  explicit Allocation(const Limits& limits) : limits_(limits) {}

  /// Installs or refreshes (TURN-P01); all or none. False: there is no room (TURN-P04).
  [[nodiscard]] bool permit(std::span<const base::IpAddress> peers, base::TimePoint now);
  [[nodiscard]] bool is_permitted(const base::IpAddress& peer, base::TimePoint now) const;

  /// Binds or refreshes, and permits (TURN-C02).
  [[nodiscard]] Bound bind(std::uint16_t number, const base::IpEndpoint& peer, base::TimePoint now);
  /// Null: there is none, or it has expired. Valid until the next bind().
  [[nodiscard]] Channel* find_channel(std::uint16_t number, base::TimePoint now);
  [[nodiscard]] Channel* find_channel(const base::IpEndpoint& peer, base::TimePoint now);

  /// Ends permissions and channels of that family.
  void forget_family(stun::AddressFamily family);

  [[nodiscard]] std::size_t permissions(base::TimePoint now) const;
  [[nodiscard]] std::size_t channels(base::TimePoint now) const;

 private:
  struct Permission {
    base::IpAddress peer;
    base::TimePoint expires;
  };

  [[nodiscard]] Permission* find(const base::IpAddress& peer);

  Limits limits_;
  std::vector<Permission> permissions_;
  std::vector<Channel> channels_;
};

}  // namespace bellhop::turn

// Who gets an allocation, and which ports: the one place where all shards meet. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "component/policy/admission.hpp"
#include "component/xmpp/jid.hpp"
#include "relay/turn/connection_quota.hpp"
#include "relay/turn/credentials.hpp"
#include "relay/turn/port_pool.hpp"
#include "relay/turn/turn_rules.hpp"

namespace bellhop::turn {

/// An Allocate request that has proven who sent it.
struct AllocationWish {
  std::uint64_t ticket;  ///< the shard's own; comes back with the answer
  Identity who;
  AllocateRequest request;
};

/// What an allocation may have; to be given back as it is when the allocation is over.
struct AllocationGrant {
  PerFamily<std::uint16_t> ports;  ///< 0: none of this family
  std::optional<ReservationToken> reservation;
  /// Why one half of a dual allocation is missing (TURN-A16).
  std::optional<std::pair<stun::AddressFamily, stun::ErrorCode>> missing;
  runtime::SessionLimits limits;
  ConnectionQuota connections;  ///< of the user; of TCP allocations only
};

/// What became of a wish.
struct AllocationAnswer {
  std::uint64_t ticket;
  std::variant<AllocationGrant, stun::ErrorCode> decision;
};

/// Control shard.
class AllocationDesk {
 public:
  struct Options {
    PerFamily<bool> families;
    std::uint16_t port_min;
    std::uint16_t port_max;
    std::uint32_t allocations_max;
    std::uint32_t per_user_max;
    std::uint32_t connections_per_user_max;  ///< of TCP allocations
    bool has_alternate;  ///< somewhere to send clients while closed (TURN-A14: 300)
    /// JIDs of the components: what they allocate themselves, for checks of our own, no rule has to
    /// allow. It counts against caps like any other.
    std::vector<std::string> own = {};
  };

  /// `admission` outlives the desk.
  AllocationDesk(const Options& options, policy::Admission& admission);

  [[nodiscard]] AllocationAnswer decide(const AllocationWish& wish, base::TimePoint now,
                                        SystemTime wall);
  /// Once for each grant.
  void take_back(const std::string& user, const PerFamily<std::uint16_t>& ports);
  /// Frees what was reserved and not called for.
  void expire(base::TimePoint now);
  void set_open(bool is_open) { is_open_ = is_open; }
  void set_limits(std::uint32_t allocations_max, std::uint32_t per_user_max);

  /// Of one relayed address; others may take ports for what is no allocation, and give them back.
  [[nodiscard]] PortPool& ports(const base::IpAddress& family) { return pools_.of(family); }
  [[nodiscard]] std::uint32_t allocations() const { return allocations_; }
  /// By bare JID.
  [[nodiscard]] std::uint32_t allocations_of(const std::string& user) const {
    const auto own = by_user_.find(user);
    return own == by_user_.end() ? 0 : own->second.allocations;
  }

 private:
  struct Account {
    std::optional<xmpp::Jid> user;  // set with the first allocation
    std::uint32_t allocations = 0;
    ConnectionQuota connections;
  };

  [[nodiscard]] bool is_own(const Identity& who) const;
  [[nodiscard]] std::optional<stun::ErrorCode> refuse(const Identity& who, const xmpp::Jid& user,
                                                      SystemTime wall) const;
  [[nodiscard]] std::optional<stun::ErrorCode> take_ports(const AllocateRequest& request,
                                                          AllocationGrant& grant,
                                                          base::TimePoint now);
  void give_back(const PerFamily<std::uint16_t>& ports);

  Options options_;
  policy::Admission& admission_;
  PerFamily<PortPool> pools_;
  std::unordered_map<std::string, Account> by_user_;
  std::uint32_t allocations_ = 0;
  bool is_open_ = true;
};

}  // namespace bellhop::turn

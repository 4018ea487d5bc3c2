// Whom Bellhop may send to on behalf of others: never into the operator's network (TURN-D07).
#pragma once

#include <cstdint>
#include <vector>

#include "component/base/ip_address.hpp"
#include "component/base/ip_network.hpp"

namespace bellhop::relay {

/// Immutable; any thread. Judged by what an address means: one that embeds an IPv4 address (mapped,
/// compatible, translated, NAT64, ISATAP; 6to4 and Teredo are refused outright) is judged by that
/// address, too. In this order:
///   1. allowed, if one of the operator's exceptions holds the address, whatever it embeds;
///   2. what it embeds is judged by these same rules, and must be allowed;
///   3. relayed, if an allocation may be there; an address that embeds such a one is forbidden;
///   4. forbidden, if it is own, denied, or not globally reachable (IpAddress::is_global()), of
///      which NAT64's well-known prefix is an exception, as it is no more than its IPv4 address.
class PeerPolicy {
 public:
  struct Options {
    std::vector<base::IpNetwork> allowed;  ///< exceptions of the operator; they win
    std::vector<base::IpNetwork> denied;   ///< beside the special-purpose ranges
    /// Addresses of this machine and of what it talks to; refused unless allowed or relayed.
    std::vector<base::IpAddress> own;
    /// Where allocations are, as clients see them: a peer there may be another allocation.
    std::vector<base::IpAddress> relayed;
  };
  enum class Verdict : std::uint8_t {
    allowed,
    relayed,    ///< only ports that are allocated right now (TURN-D09)
    forbidden,  ///< 403, or dropped
  };

  explicit PeerPolicy(Options options);

  /// Some dozen comparisons, no allocation.
  [[nodiscard]] Verdict judge(const base::IpAddress& peer) const;

 private:
  [[nodiscard]] Verdict judge_plain(const base::IpAddress& address, bool is_reachable) const;

  Options options_;  // lists of addresses sorted
};

}  // namespace bellhop::relay

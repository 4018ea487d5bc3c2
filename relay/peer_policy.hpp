// Whom Bellhop may send to on behalf of others: never into the operator's network (TURN-D07).
#pragma once

#include <cstdint>
#include <vector>

#include "component/base/ip_address.hpp"
#include "component/base/ip_network.hpp"

namespace bellhop::relay {

/// Immutable; any thread. Judged by what an address means: one that embeds an IPv4 address (mapped,
/// compatible, translated, NAT64, ISATAP; 6to4 and Teredo are refused outright) is judged by that
/// address, too.
class PeerPolicy {
 public:
  struct Options {
    std::vector<base::IpNetwork> allowed;  ///< exceptions of the operator; they win
    std::vector<base::IpNetwork> denied;   ///< beside the special-purpose ranges
    /// Addresses of this machine and of what it talks to; refused unless allowed.
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

  [[nodiscard]] Verdict judge(const base::IpAddress& peer) const;

 private:
  Options options_;
};

}  // namespace bellhop::relay

#include "relay/peer_policy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace bellhop::relay {
namespace {

using base::IpAddress;
using base::IpNetwork;

// RFC 6052 §2.1: NAT64's well-known prefix, 64:ff9b::/96.
constexpr std::array<std::uint8_t, 12> kNat64{0x00, 0x64, 0xff, 0x9b};
// RFC 2765 §2.1: addresses of the stateless translator, ::ffff:0:0:0/96.
constexpr std::array<std::uint8_t, 12> kTranslated{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
// RFC 4291 §2.5.5.1: compatible addresses, ::/96.
constexpr std::array<std::uint8_t, 12> kCompatible{};
// RFC 8215: translation within a network, 64:ff9b:1::/48. Where the IPv4 address stands depends on
// the network's prefix, so it is not looked for: the range is refused as a whole.
// RFC 5214 §6.1: interface identifiers of ISATAP, with the bits for "universal" and "group" as may
// be.
constexpr std::array<std::uint8_t, 4> kIsatap{0x00, 0x00, 0x5e, 0xfe};
constexpr std::uint8_t kIsatapFreeBits = 0x03;

bool begins_with(const IpAddress& address, const std::array<std::uint8_t, 12>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes().begin());
}

bool is_isatap(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return (bytes[8] & ~kIsatapFreeBits) == kIsatap[0] &&
         std::equal(kIsatap.begin() + 1, kIsatap.end(), bytes.begin() + 9);
}

// The IPv4 address in the last four bytes of an IPv6 address of a kind that has one there.
std::optional<IpAddress> embedded_in(const IpAddress& address) {
  if (address.is_v4()) return std::nullopt;  // the mapped form is the address itself
  const bool has_one = begins_with(address, kNat64) || begins_with(address, kTranslated) ||
                       begins_with(address, kCompatible) || is_isatap(address);
  if (!has_one) return std::nullopt;
  return IpAddress::from_v4(address.v4());
}

bool is_in(const std::vector<IpNetwork>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const IpNetwork& n) { return n.contains(address); });
}

bool is_in(const std::vector<IpAddress>& sorted, const IpAddress& address) {
  return std::ranges::binary_search(sorted, address);
}

}  // namespace

PeerPolicy::PeerPolicy(Options options) : options_(std::move(options)) {
  std::ranges::sort(options_.own);
  std::ranges::sort(options_.relayed);
}

PeerPolicy::Verdict PeerPolicy::judge(const base::IpAddress& peer) const {
  // 1. The operator knows better than any rule below.
  if (is_in(options_.allowed, peer)) return Verdict::allowed;
  // 2. RFC 8656 §21: an address must not reach under another name what it may not under its own.
  const auto embedded = embedded_in(peer);
  if (embedded) {
    const bool is_allowed = is_in(options_.allowed, *embedded) ||
                            judge_plain(*embedded, embedded->is_global()) == Verdict::allowed;
    if (!is_allowed) return Verdict::forbidden;
  }
  return judge_plain(peer, peer.is_global() || begins_with(peer, kNat64));
}

PeerPolicy::Verdict PeerPolicy::judge_plain(const base::IpAddress& address,
                                            bool is_reachable) const {
  // 3. TURN-D09: before own addresses, of which it is one.
  if (is_in(options_.relayed, address)) return Verdict::relayed;
  // 4. TURN-D07 and, as 6to4 and Teredo are not global, TURN-D08.
  const bool is_refused =
      !is_reachable || is_in(options_.own, address) || is_in(options_.denied, address);
  return is_refused ? Verdict::forbidden : Verdict::allowed;
}

}  // namespace bellhop::relay

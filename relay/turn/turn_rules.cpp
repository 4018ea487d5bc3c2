#include "relay/turn/turn_rules.hpp"

#include <algorithm>
#include <array>

namespace bellhop::turn {
namespace {

using relay::PeerPolicy;
using stun::AddressFamily;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Message;

constexpr std::uint8_t kProtocolTcp = 6;  // IANA protocol numbers
constexpr std::uint8_t kProtocolUdp = 17;
constexpr std::uint8_t kReserveBit = 0x80;  // RFC 8656 §18.5

// Peers that one CreatePermission may name; more are no room.
constexpr std::size_t kPeersMax = 64;

// Family, then three bytes that are ignored (RFC 8656 §18.6); nothing: malformed or unknown.
std::optional<AddressFamily> read_family(stun::Bytes value) {
  if (value.size() != 4) return std::nullopt;
  const auto family = static_cast<AddressFamily>(value[0]);
  if (family != AddressFamily::ipv4 && family != AddressFamily::ipv6) return std::nullopt;
  return family;
}

bool has_family(const PerFamily<bool>& has, AddressFamily family) {
  return family == AddressFamily::ipv4 ? has.v4 : has.v6;
}

std::optional<ErrorCode> read_transport(const Message& request, Transport transport,
                                        bool has_tcp_relay, AllocateRequest& wanted) {
  const auto value = request.find(AttributeType::requested_transport);
  if (!value || value->size() != 4) return ErrorCode::bad_request;
  const std::uint8_t protocol = (*value)[0];
  if (protocol == kProtocolUdp) return std::nullopt;
  if (protocol != kProtocolTcp || !has_tcp_relay) return ErrorCode::unsupported_transport;
  // RFC 6062 §5.1: over TCP or TLS only, and without what UDP alone has.
  const bool is_malformed =
      transport == Transport::udp || request.has(AttributeType::dont_fragment) ||
      request.has(AttributeType::even_port) || request.has(AttributeType::reservation_token);
  if (is_malformed) return ErrorCode::bad_request;
  wanted.is_tcp = true;
  return std::nullopt;
}

std::optional<ErrorCode> read_port_wishes(const Message& request, AllocateRequest& wanted) {
  if (const auto value = request.find(AttributeType::even_port)) {
    if (value->size() != 1) return ErrorCode::bad_request;
    wanted.wants_even_port = true;
    wanted.reserves_next = ((*value)[0] & kReserveBit) != 0;
  }
  if (const auto value = request.find(AttributeType::reservation_token)) {
    wanted.token.emplace();
    const bool is_exclusive = !wanted.wants_even_port &&
                              !request.has(AttributeType::requested_address_family) &&
                              !request.has(AttributeType::additional_address_family);
    if (value->size() != wanted.token->size() || !is_exclusive) return ErrorCode::bad_request;
    std::copy(value->begin(), value->end(), wanted.token->begin());
  }
  return std::nullopt;
}

}  // namespace

std::chrono::seconds TurnRules::lifetime_of(const Message& request) const {
  // TURN-A17: what is longer than the maximum is the maximum, what is shorter than the default is
  // the default.
  const auto asked = request.find_u32(AttributeType::lifetime);
  if (!asked) return options_.lifetime;
  const std::chrono::seconds wanted{*asked};
  return std::max(options_.lifetime, std::min(wanted, options_.lifetime_max));
}

std::optional<ErrorCode> TurnRules::read_families(const Message& request,
                                                  AllocateRequest& wanted) const {
  const auto requested = request.find(AttributeType::requested_address_family);
  const auto additional = request.find(AttributeType::additional_address_family);
  // RFC 8656 §7.2, 6.
  if (requested && additional) return ErrorCode::bad_request;
  // RFC 8656 §7.2, 7.
  AddressFamily family = AddressFamily::ipv4;
  if (requested) {
    if (requested->size() != 4) return ErrorCode::bad_request;
    const auto read = read_family(*requested);
    if (!read) return ErrorCode::address_family_not_supported;
    family = *read;
  }
  if (!additional) {
    if (!has_family(options_.families, family)) return ErrorCode::address_family_not_supported;
    (family == AddressFamily::ipv4 ? wanted.families.v4 : wanted.families.v6) = true;
    return std::nullopt;
  }
  // RFC 8656 §7.2, 8.
  if (wanted.reserves_next) return ErrorCode::bad_request;
  // RFC 8656 §7.2, 9.
  if (read_family(*additional) != AddressFamily::ipv6) return ErrorCode::bad_request;
  wanted.is_dual = true;
  wanted.families = options_.families;
  if (!wanted.families.v4 && !wanted.families.v6) return ErrorCode::address_family_not_supported;
  return std::nullopt;
}

TurnRules::Decision<AllocateRequest> TurnRules::allocate(const Message& request,
                                                         Transport transport) const {
  AllocateRequest wanted;
  // RFC 8656 §7.2, 3. DONT-FRAGMENT (4) is supported.
  if (const auto refused = read_transport(request, transport, options_.has_tcp_relay, wanted)) {
    return *refused;
  }
  // RFC 8656 §7.2, 5; whether the token is good shows when its port is taken.
  if (const auto refused = read_port_wishes(request, wanted)) return *refused;
  if (const auto refused = read_families(request, wanted)) return *refused;
  wanted.lifetime = lifetime_of(request);
  return wanted;
}

TurnRules::Decision<TurnRules::Refresh> TurnRules::refresh(const Message& request,
                                                           const PerFamily<bool>& has) const {
  Refresh refresh{};
  if (const auto value = request.find(AttributeType::requested_address_family)) {
    const auto family = read_family(*value);
    if (!family) return ErrorCode::bad_request;
    if (!has_family(has, *family)) return ErrorCode::peer_address_family_mismatch;
    refresh.family = family;
  }
  const auto asked = request.find_u32(AttributeType::lifetime);
  if (asked && *asked == 0) return refresh;
  refresh.lifetime = lifetime_of(request);
  refresh.family.reset();  // both halves live on alike
  return refresh;
}

std::optional<ErrorCode> TurnRules::refuse_peer(const base::IpAddress& peer,
                                                const PerFamily<bool>& has) const {
  if (!has.of(peer)) return ErrorCode::peer_address_family_mismatch;
  if (policy_.judge(peer) == PeerPolicy::Verdict::forbidden) return ErrorCode::forbidden;
  return std::nullopt;
}

std::optional<ErrorCode> TurnRules::create_permission(const Message& request,
                                                      const PerFamily<bool>& has,
                                                      Allocation& allocation,
                                                      base::TimePoint now) const {
  std::array<base::IpAddress, kPeersMax> peers;
  std::size_t count = 0;
  std::optional<ErrorCode> refused;
  request.for_each(AttributeType::xor_peer_address, [&](stun::Bytes value) {
    const auto peer = request.read_xor_address(value);
    if (!peer) {
      refused = ErrorCode::bad_request;
    } else if (count == kPeersMax) {
      refused = ErrorCode::insufficient_capacity;
    } else if (!refused) {
      refused = refuse_peer(peer->address, has);
      peers[count++] = peer->address;
    }
    return refused != ErrorCode::bad_request;  // which weighs more than the others
  });
  if (refused) return refused;
  if (count == 0) return ErrorCode::bad_request;
  if (!allocation.permit({peers.data(), count}, now)) return ErrorCode::insufficient_capacity;
  return std::nullopt;
}

TurnRules::Decision<std::uint16_t> TurnRules::channel_bind(const Message& request,
                                                           const PerFamily<bool>& has,
                                                           Allocation& allocation,
                                                           base::TimePoint now) const {
  // RFC 8656 §18.1: the number, then two bytes that are ignored.
  const auto value = request.find_u32(AttributeType::channel_number);
  const auto peer = request.find_xor_address(AttributeType::xor_peer_address);
  if (!value || !peer) return ErrorCode::bad_request;
  const auto number = static_cast<std::uint16_t>(*value >> 16);
  if (number < kChannelMin || number > kChannelMax) return ErrorCode::bad_request;
  if (const auto refused = refuse_peer(peer->address, has)) return *refused;
  switch (allocation.bind(number, *peer, now)) {
    case Allocation::Bound::conflict:
      return ErrorCode::bad_request;
    case Allocation::Bound::full:
      return ErrorCode::insufficient_capacity;
    case Allocation::Bound::done:
      break;
  }
  return number;
}

// RFC 6062 §5.2, in its order; 437 comes before, and 508, 486 and 447 after.
TurnRules::Decision<base::IpEndpoint> TurnRules::connect(const Message& request,
                                                         const PerFamily<bool>& has,
                                                         const TcpPeers& peers) const {
  const auto peer = request.find_xor_address(AttributeType::xor_peer_address);
  if (peer && peers.has(*peer)) return ErrorCode::connection_already_exists;
  if (!peer || peer->port == 0) return ErrorCode::bad_request;
  if (const auto refused = refuse_peer(peer->address, has)) return *refused;
  return *peer;
}

TurnRules::Decision<ConnectionId> TurnRules::connection_bind(const Message& request,
                                                             Transport transport) {
  const auto id = request.find_u32(AttributeType::connection_id);
  if (transport == Transport::udp || !id) return ErrorCode::bad_request;
  return *id;
}

std::optional<SendIndication> TurnRules::send(const Message& indication, const PerFamily<bool>& has,
                                              const Allocation& allocation,
                                              base::TimePoint now) const {
  const auto peer = indication.find_xor_address(AttributeType::xor_peer_address);
  const auto data = indication.find(AttributeType::data);
  if (!peer || !data || !indication.unknown().empty()) return std::nullopt;
  if (!allocation.is_permitted(peer->address, now)) return std::nullopt;
  if (refuse_peer(peer->address, has)) return std::nullopt;
  return SendIndication{*peer, *data, indication.has(AttributeType::dont_fragment)};
}

}  // namespace bellhop::turn

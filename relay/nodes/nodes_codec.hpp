// Jingle relay nodes on the wire (XEP-0278): services, channels, TURN credentials. No state, no
// I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/stanza_error.hpp"

namespace bellhop::nodes {

/// An entry of a list of services (XEP-0278 §6.2).
struct NodeService {
  enum class Kind : std::uint8_t { relay, tracker, stun, turn };

  Kind kind;
  std::string address;     ///< of relays and trackers a JID, else a host
  std::uint16_t port = 0;  ///< of stun only
};

/// What a channel is to whoever asked for it (XEP-0278 §6.1).
struct ChannelOffer {
  std::string id;                   ///< cannot be guessed
  std::string host;                 ///< a name or an IP literal that the Internet reaches (JRN-10)
  std::uint16_t localport;          ///< the requester sends here; RTCP one above (JRN-04)
  std::uint16_t remoteport;         ///< the requester offers this to the other side; likewise
  std::chrono::seconds expire{60};  ///< without a packet
  std::uint32_t maxkbps = 0;        ///< 0: no limit
};

/// Credentials for a TURN server (XEP-0278 §6.3).
struct TurnGrant {
  std::string uri;
  std::string username;
  std::string password;
  std::chrono::seconds ttl{};
};

/// Reads `<services/>`, `<channel/>` or `<turn/>` of a request, which say nothing but a protocol.
/// Errors: xmpp::errors::feature_not_implemented for one that is not udp (JRN-08).
[[nodiscard]] base::Result<void> check_protocol(const xmpp::Element& request);

/// `<services/>`, each for the public: entries of rosters are not listed (JRN-02).
[[nodiscard]] xmpp::Element services_element(std::span<const NodeService> services);
/// `<channel/>` (JRN-03).
[[nodiscard]] xmpp::Element channel_element(const ChannelOffer& offer);
/// `<turn/>` (JRN-07).
[[nodiscard]] xmpp::Element turn_element(const TurnGrant& grant);

/// `turn:host:port?transport=udp`, with brackets around an IPv6 address (RFC 7065 §3.1).
[[nodiscard]] std::string turn_uri(std::string_view host, std::uint16_t port);

}  // namespace bellhop::nodes

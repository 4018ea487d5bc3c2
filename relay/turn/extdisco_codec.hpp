// External services on the wire (XEP-0215), in the namespaces :1 and :2, which differ in nothing
// else: requests, lists, credentials, pushes. No state, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "relay/turn/credentials.hpp"

namespace bellhop::turn {

/// A type in a request: those of the registry are far shorter.
inline constexpr std::size_t kServiceTypeBytesMax = 64;
/// A host in a request (RFC 1035 §2.3.4).
inline constexpr std::size_t kServiceHostBytesMax = 253;

/// Which namespace a client speaks; the answer is in the same one (EXD-07).
enum class ExtdiscoVersion : std::uint8_t { one, two };

[[nodiscard]] std::string_view xmlns_of(ExtdiscoVersion version);

/// One way to reach the server.
struct ExternalService {
  enum class Type : std::uint8_t { stun, stuns, turn, turns };
  enum class Transport : std::uint8_t { udp, tcp };

  Type type;
  std::string host;  ///< a name or an IP literal without brackets
  std::uint16_t port;
  Transport transport;

  /// Whether a client needs credentials for it.
  [[nodiscard]] bool is_restricted() const { return type == Type::turn || type == Type::turns; }
  friend bool operator==(const ExternalService&, const ExternalService&) = default;
};

[[nodiscard]] std::string_view to_string(ExternalService::Type type);
[[nodiscard]] std::string_view to_string(ExternalService::Transport transport);

/// In the order in which clients that take the first of a kind are best served (EXD-06): by type,
/// then UDP before TCP. Those of one kind stay as they were.
void sort_for_clients(std::vector<ExternalService>& services);

/// What a client asked to be told of.
struct ServicesRequest {
  ExtdiscoVersion version = ExtdiscoVersion::two;
  std::string type;  ///< as sent, known or not; empty: every type
  friend bool operator==(const ServicesRequest&, const ServicesRequest&) = default;

  [[nodiscard]] bool matches(const ExternalService& service) const {
    return type.empty() || type == to_string(service.type);
  }
};

/// Which service a client wants credentials for.
struct CredentialsRequest {
  ExtdiscoVersion version = ExtdiscoVersion::two;
  std::string type;
  std::string host;
  std::optional<std::uint16_t> port;

  /// Hosts are compared as names: without case, and addresses by their canonical text.
  [[nodiscard]] bool matches(const ExternalService& service) const;
};

/// Reads `<services/>` (EXD-01). Errors: xmpp::errors::bad_request for another element or a type
/// that is too long.
[[nodiscard]] xmpp::Decision<ServicesRequest> parse_services_request(const xmpp::Element& services);

/// Reads `<credentials/>` (EXD-04). Errors: xmpp::errors::bad_request with a text for the sender,
/// unless there is exactly one `<service/>` with a host, a type and a port that is one, if any.
[[nodiscard]] xmpp::Decision<CredentialsRequest> parse_credentials_request(
    const xmpp::Element& credentials);

/// What a push says of its services (XEP-0215 §3.2).
enum class PushAction : std::uint8_t {
  none,  ///< an answer, not a push
  add,
  modify,
  remove,  ///< `delete` on the wire; tells no credentials
};

/// `<services/>` with those of `services` that match, as an answer or a push; the type is echoed.
/// Every service that needs credentials has these (EXD-02).
[[nodiscard]] xmpp::Element services_element(const ServicesRequest& request,
                                             std::span<const ExternalService> services,
                                             const IssuedCredentials& credentials,
                                             PushAction action = PushAction::none);

/// `<credentials/>` with those of `services` that match. Errors: xmpp::errors::item_not_found if
/// none does.
[[nodiscard]] base::Result<xmpp::Element> credentials_element(
    const CredentialsRequest& request, std::span<const ExternalService> services,
    const IssuedCredentials& credentials);

}  // namespace bellhop::turn

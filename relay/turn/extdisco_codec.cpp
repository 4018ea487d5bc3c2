#include "relay/turn/extdisco_codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <tuple>
#include <utility>

#include "component/xmpp/date_time.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "config/host_text.hpp"

namespace bellhop::turn {
namespace {

using xmpp::Decision;
using xmpp::Element;
using xmpp::Refusal;

constexpr std::array<std::string_view, 4> kTypes{"stun", "stuns", "turn", "turns"};
constexpr std::array<std::string_view, 2> kTransports{"udp", "tcp"};
constexpr std::array<std::string_view, 4> kActions{"", "add", "modify", "delete"};

Refusal refuse(const char* detail, std::string text) {
  return {base::Error(xmpp::errors::bad_request, detail),
          xmpp::ErrorExtras{.text = std::move(text)}};
}

// The version by the namespace; nothing: it is another element.
std::optional<ExtdiscoVersion> version_of(const Element& element, std::string_view name) {
  for (const auto version : {ExtdiscoVersion::two, ExtdiscoVersion::one}) {
    if (element.is(name, xmlns_of(version))) return version;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || parsed != end || port == 0) return std::nullopt;
  return port;
}

// The only <service/> there is; null: none, or several.
const Element* only_service(const Element& credentials) {
  const Element* found = nullptr;
  for (const Element& child : credentials.children()) {
    if (!child.is("service", credentials.xmlns())) continue;
    if (found != nullptr) return nullptr;
    found = &child;
  }
  return found;
}

std::string expiry_text(SystemTime expires) {
  // EXD-02: the same second as in the user name.
  return xmpp::format_date_time(std::chrono::floor<std::chrono::seconds>(expires));
}

Element service_element(std::string_view xmlns, const ExternalService& service,
                        const IssuedCredentials& credentials, PushAction action) {
  Element element("service", xmlns);
  if (action != PushAction::none) element.set("action", kActions[static_cast<std::size_t>(action)]);
  element.set("type", to_string(service.type))
      .set("host", service.host)
      .set("port", std::to_string(service.port))
      .set("transport", to_string(service.transport));
  if (!service.is_restricted() || action == PushAction::remove) return element;
  element.set("restricted", "1")
      .set("username", credentials.username)
      .set("password", credentials.password)
      .set("expires", expiry_text(credentials.expires));
  return element;
}

}  // namespace

std::string_view xmlns_of(ExtdiscoVersion version) {
  return version == ExtdiscoVersion::one ? xmpp::ns::kExtdiscoOld : xmpp::ns::kExtdisco;
}

std::string_view to_string(ExternalService::Type type) {
  return kTypes[static_cast<std::size_t>(type)];
}

std::string_view to_string(ExternalService::Transport transport) {
  return kTransports[static_cast<std::size_t>(transport)];
}

void sort_for_clients(std::vector<ExternalService>& services) {
  std::ranges::stable_sort(services, {}, [](const ExternalService& service) {
    return std::tuple(service.type, service.transport);
  });
}

bool CredentialsRequest::matches(const ExternalService& service) const {
  return type == to_string(service.type) && (!port || *port == service.port) &&
         config::canonical_host(host) == config::canonical_host(service.host);
}

Decision<ServicesRequest> parse_services_request(const Element& services) {
  const auto version = version_of(services, "services");
  if (!version) return refuse("not a request for services", "");
  const std::string_view type = services.attribute("type");
  if (type.size() > kServiceTypeBytesMax) return refuse("type too long", "The type is too long.");
  return ServicesRequest{*version, std::string(type)};
}

Decision<CredentialsRequest> parse_credentials_request(const Element& credentials) {
  const auto version = version_of(credentials, "credentials");
  if (!version) return refuse("not a request for credentials", "");
  const Element* service = only_service(credentials);
  if (service == nullptr) return refuse("not one service", "Name exactly one service.");
  const std::string_view type = service->attribute("type");
  const std::string_view host = service->attribute("host");
  if (type.empty() || host.empty()) {
    return refuse("no host or type", "The service must have a host and a type.");
  }
  if (type.size() > kServiceTypeBytesMax || host.size() > kServiceHostBytesMax) {
    return refuse("host or type too long", "The host or the type is too long.");
  }
  CredentialsRequest request{*version, std::string(type), std::string(host), std::nullopt};
  if (service->has_attribute("port")) {
    request.port = read_port(service->attribute("port"));
    if (!request.port) return refuse("bad port", "The port must be from 1 to 65535.");
  }
  return request;
}

Element services_element(const ServicesRequest& request, std::span<const ExternalService> services,
                         const IssuedCredentials& credentials, PushAction action) {
  const std::string_view xmlns = xmlns_of(request.version);
  Element element("services", xmlns);
  if (!request.type.empty()) element.set("type", request.type);
  for (const ExternalService& service : services) {
    if (request.matches(service)) {
      element.add(service_element(xmlns, service, credentials, action));
    }
  }
  return element;
}

base::Result<Element> credentials_element(const CredentialsRequest& request,
                                          std::span<const ExternalService> services,
                                          const IssuedCredentials& credentials) {
  const std::string_view xmlns = xmlns_of(request.version);
  Element element("credentials", xmlns);
  for (const ExternalService& service : services) {
    if (!request.matches(service)) continue;
    element.add(service_element(xmlns, service, credentials, PushAction::none));
  }
  if (element.children().empty()) return base::Error(xmpp::errors::item_not_found, "no service");
  return element;
}

}  // namespace bellhop::turn

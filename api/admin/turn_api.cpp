#include "api/admin/turn_api.hpp"

#include <algorithm>

#include "api/admin/convert.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

constexpr base::Duration kTtlMin = 1min;
constexpr base::Duration kTtlMax = std::chrono::hours(24 * 30);

ApiError no_turn() {
  return ApiError(errors::failed_precondition, "no component offers TURN");
}

// The parent whose users' rules let this one in; nothing: there is none.
std::optional<std::string> parent_of(const Core& core, const xmpp::Jid& user) {
  const auto now = std::chrono::system_clock::now();
  for (const std::string& parent : parents_with(core.parts.settings, config::Service::turn)) {
    if (core.policy->access(user.bare(), parent, now).is_allowed) return parent;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> parents_with(const config::Settings& settings, config::Service service) {
  std::vector<std::string> parents;
  for (const config::ComponentSettings& component : settings.components) {
    const auto& services = component.services;
    if (std::ranges::find(services, service) == services.end()) continue;
    const bool is_new = std::ranges::find(parents, component.parent_domain) == parents.end();
    if (is_new) parents.push_back(component.parent_domain);
  }
  return parents;
}

v1::Turn to_proto(const api::TurnStatus& status) {
  v1::Turn turn;
  turn.set_is_open(status.is_open);
  for (const auto& address : status.listen) turn.add_listen_addresses(address.text());
  for (const auto& address : status.tls_listen) turn.add_tls_listen_addresses(address.text());
  for (const auto& service : status.services) turn.add_services(api::to_uri(service));
  for (const api::TurnStatus::Relay& relay : status.relays) {
    v1::TurnRelay& row = *turn.add_relays();
    row.set_address(relay.shown.text());
    row.set_local_address(relay.local.text());
    row.set_free_port_count(relay.free_ports);
    row.set_port_count(status.ports);
  }
  turn.set_allocation_count(status.allocations);
  turn.set_allocation_limit(status.allocations_max);
  turn.set_channel_count(status.channels);
  turn.set_connection_count(static_cast<std::uint32_t>(status.connections));
  turn.set_packet_count(status.packets);
  turn.set_dropped_packet_count(status.packets_dropped);
  turn.set_kernel_dropped_packet_count(status.packets_dropped_by_kernel);
  turn.set_refusal_count(status.refusals);
  return turn;
}

Task<ApiResult<v1::GetTurnResponse>> TurnApi::get(Caller, v1::GetTurnRequest) {
  auto ask = [&control = core_.parts.control] { return control.turn(); };
  const std::optional<api::TurnStatus> status = co_await core_.on_control(ask);
  v1::GetTurnResponse response;
  if (status) *response.mutable_turn() = to_proto(*status);
  co_return response;
}

Task<ApiResult<v1::CreateTurnCredentialsResponse>> TurnApi::credentials(
    Caller, v1::CreateTurnCredentialsRequest request) {
  const auto user = xmpp::Jid::parse(request.jid());
  if (!user) co_return ApiError(user.error()).at("jid");
  if (user->text() != user->bare()) co_return bad("jid", "must be bare: without a resource");
  const auto ttl = duration_from(request.ttl(), 0ms, kTtlMin, kTtlMax, "ttl");
  if (!ttl) co_return ttl.error();
  turn::TurnServer* server = core_.parts.control.parts().turn;
  if (server == nullptr) co_return no_turn();
  const auto parent = parent_of(core_, *user);
  if (!parent) {
    co_return ApiError(
        errors::failed_precondition,
        "no rule lets " + user->text() + " use TURN; `bellhopctl explain --kind turn` tells more");
  }
  // Settings are the control shard's, credentials are immutable.
  auto ask = [&control = core_.parts.control] {
    return std::pair(control.turn(), control.parts().settings.turn.credential_lifetime);
  };
  const auto [status, lifetime] = co_await core_.on_control(ask);
  base::Duration wanted = *ttl;
  if (wanted == base::Duration::zero()) wanted = lifetime;
  const auto expires = std::chrono::system_clock::now() +
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(wanted);
  const turn::Credentials& credentials = server->credentials();
  const turn::IssuedCredentials issued = credentials.issue(user->bare(), *parent, expires);
  v1::CreateTurnCredentialsResponse response;
  response.set_username(issued.username);
  response.set_password(issued.password);
  response.set_realm(credentials.realm());
  *response.mutable_expire_time() = to_proto(issued.expires);
  for (const turn::ExternalService& service : status->services) {
    if (service.is_restricted()) response.add_services(api::to_uri(service));
  }
  co_return response;
}

}  // namespace bellhop::admin

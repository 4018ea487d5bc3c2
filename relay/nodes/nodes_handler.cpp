#include "relay/nodes/nodes_handler.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "relay/errors.hpp"

namespace bellhop::nodes {

namespace errors = relay::errors;
using runtime::Task;
using turn::ExternalService;
using xmpp::IqType;
using xmpp::Reply;

NodesHandler::NodesHandler(Context context, xmpp::Jid jid, std::string parent_domain)
    : context_(std::move(context)),
      credentials_(&context_.credentials),
      jid_(std::move(jid)),
      parent_domain_(std::move(parent_domain)) {
  turn::sort_for_clients(context_.services);
}

void NodesHandler::attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info) {
  info.add_feature(xmpp::ns::kJingleNodes).add_feature(xmpp::ns::kJingleNodesTurn);
  router.add({IqType::get, "services", xmpp::ns::kJingleNodes},
             [this](const xmpp::Iq& iq) { return answer_services(iq); });
  router.add({IqType::get, "turn", xmpp::ns::kJingleNodesTurn},
             [this](const xmpp::Iq& iq) { return answer_turn(iq); });
  router.add_task({IqType::get, "channel", xmpp::ns::kJingleNodesChannel},
                  [this](xmpp::Iq iq) { return answer_channel(std::move(iq)); });
  if (has_channels()) info.add_feature(xmpp::ns::kJingleNodesChannel);
}

base::Result<void> NodesHandler::check(const xmpp::Iq& iq) const {
  if (auto known = check_protocol(*iq.payload()); !known) return known;
  if (!context_.is_open) return base::Error(errors::relay_closed);
  // No server lets others write in the component's name, so this is a check of our own.
  if (iq.from.bare() == jid_.text()) return {};
  return context_.admission.check(iq.from, parent_domain_, std::chrono::system_clock::now());
}

Reply NodesHandler::answer_services(const xmpp::Iq& iq) const {
  if (const auto allowed = check(iq); !allowed) return allowed.error();
  std::vector<NodeService> services;
  if (has_channels()) services.push_back({NodeService::Kind::relay, jid_.text()});
  for (const ExternalService& each : context_.services) {
    if (each.transport != ExternalService::Transport::udp) continue;
    if (each.type == ExternalService::Type::stun) {
      services.push_back({NodeService::Kind::stun, each.host, each.port});
    } else if (each.type == ExternalService::Type::turn) {
      services.push_back({NodeService::Kind::turn, each.host});
    }
  }
  return std::optional(services_element(services));
}

Task<Reply> NodesHandler::answer_channel(xmpp::Iq iq) {
  if (const auto allowed = check(iq); !allowed) co_return allowed.error();
  if (!has_channels()) co_return base::Error(errors::relay_closed, "no channels");
  // JRN-06: asking is limited by itself, because each request binds four sockets.
  if (!requests_.take(std::string(iq.from.bare()), base::Clock::now())) {
    co_return base::Error(errors::channel_requests);
  }
  const auto offer = co_await context_.desk.open(ChannelRequest(iq.from, parent_domain_));
  if (!offer) co_return offer.error();
  co_return Reply(std::optional(channel_element(*offer)));
}

Reply NodesHandler::answer_turn(const xmpp::Iq& iq) const {
  if (const auto allowed = check(iq); !allowed) return allowed.error();
  const auto found = std::ranges::find_if(context_.services, [](const ExternalService& each) {
    return each.type == ExternalService::Type::turn &&
           each.transport == ExternalService::Transport::udp;
  });
  if (found == context_.services.end()) return base::Error(xmpp::errors::item_not_found, "no TURN");
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto ttl = std::chrono::floor<std::chrono::seconds>(context_.settings.credential_lifetime);
  const auto issued = credentials_->issue(iq.from.bare(), parent_domain_, now + ttl);
  return std::optional(
      turn_element({turn_uri(found->host, found->port), issued.username, issued.password, ttl}));
}

}  // namespace bellhop::nodes

#include "relay/turn/extdisco_handler.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "component/xmpp/namespaces.hpp"
#include "relay/errors.hpp"

namespace bellhop::turn {
namespace {

using runtime::Task;
using xmpp::IqType;
using xmpp::Reply;

// A client that does not answer a push within this has not read it.
constexpr std::chrono::seconds kPushDeadline{10};

}  // namespace

ExtdiscoHandler::ExtdiscoHandler(Context context, xmpp::Jid jid, std::string parent_domain)
    : context_(std::move(context)),
      credentials_(&context_.credentials),
      jid_(std::move(jid)),
      parent_domain_(std::move(parent_domain)) {
  sort_for_clients(context_.services);
}

void ExtdiscoHandler::attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info) {
  for (const std::string_view xmlns : {xmpp::ns::kExtdisco, xmpp::ns::kExtdiscoOld}) {
    info.add_feature(xmlns);
    router.add({IqType::get, "", xmlns}, [this](const xmpp::Iq& iq) {
      return iq.payload()->name() == "credentials" ? answer_credentials(iq) : answer_services(iq);
    });
  }
  // DSC-01: where nothing else is offered, somebody must still say what this is.
  if (info.identities.empty()) {
    info.add_identity({.category = "component", .type = "generic", .name = "Bellhop"});
  }
}

base::Result<void> ExtdiscoHandler::check(const xmpp::Jid& user) const {
  if (!context_.is_open) return base::Error(relay::errors::relay_closed);
  // No server lets others write in the component's name, so this is a check of our own.
  if (user.bare() == jid_.text()) return {};
  // EXD-03
  return context_.admission.check(user, parent_domain_, std::chrono::system_clock::now());
}

IssuedCredentials ExtdiscoHandler::issue(const xmpp::Jid& user) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return credentials_->issue(user.bare(), parent_domain_,
                             now + context_.settings.credential_lifetime);
}

Reply ExtdiscoHandler::answer_services(const xmpp::Iq& iq) {
  const auto request = parse_services_request(*iq.payload());
  if (!request) return request.error();
  if (const auto allowed = check(iq.from); !allowed) return allowed.error();
  watchers_.note_request(iq.from, *request);
  return std::optional(services_element(*request, context_.services, issue(iq.from)));
}

Reply ExtdiscoHandler::answer_credentials(const xmpp::Iq& iq) const {
  const auto request = parse_credentials_request(*iq.payload());
  if (!request) return request.error();
  if (const auto allowed = check(iq.from); !allowed) return allowed.error();
  auto element = credentials_element(*request, context_.services, issue(iq.from));
  if (!element) return element.error();
  return std::optional(std::move(*element));
}

void ExtdiscoHandler::note_presence(const xmpp::Element& presence,
                                    const xmpp::Addresses& addresses) {
  const std::string_view type = presence.attribute("type");
  if (type == "unavailable" || type == "error" || type == "unsubscribe") {
    watchers_.forget(addresses.from);
    return;
  }
  // RFC 6121 §4.3: a server probes in the name of who has just come online.
  if (!type.empty() && type != "probe") return;
  if (check(addresses.from)) watchers_.note_available(addresses.from);
}

Task<std::size_t> ExtdiscoHandler::rotate(const Credentials& fresh, xmpp::IqClient& requests) {
  credentials_ = &fresh;
  co_return co_await push(PushAction::modify, requests);
}

Task<std::size_t> ExtdiscoHandler::withdraw(xmpp::IqClient& requests) {
  co_return co_await push(PushAction::remove, requests);
}

std::vector<xmpp::IqQuestion> ExtdiscoHandler::questions(
    std::span<const ExtdiscoWatchers::Watcher> watchers, PushAction action) const {
  std::vector<xmpp::IqQuestion> all;
  all.reserve(watchers.size());
  for (const auto& [jid, request] : watchers) {
    all.emplace_back(IqType::set, xmpp::Addresses{jid_, jid},
                     services_element(request, context_.services, issue(jid), action));
  }
  return all;
}

Task<std::size_t> ExtdiscoHandler::push(PushAction action, xmpp::IqClient& requests) {
  std::vector<ExtdiscoWatchers::Watcher> watchers = watchers_.reachable();
  // Who has lost the right since then is not given another password.
  if (action != PushAction::remove) {
    std::erase_if(watchers, [this](const auto& each) { return !check(each.jid); });
  }
  std::size_t told = 0;
  std::span<const ExtdiscoWatchers::Watcher> left(watchers);
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), kPushesAtOnce));
    left = left.subspan(some.size());
    auto batch = questions(some, action);
    const auto answers =
        co_await requests.ask_all(std::move(batch), base::Deadline::after(kPushDeadline));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i]) {
        ++told;
      } else {
        watchers_.forget(some[i].jid);
      }
    }
  }
  co_return told;
}

}  // namespace bellhop::turn

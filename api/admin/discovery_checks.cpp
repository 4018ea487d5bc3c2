#include "api/admin/discovery_checks.hpp"

#include <algorithm>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::admin {
namespace {

using base::Deadline;
using runtime::Task;
using xmpp::Component;
using xmpp::Element;
using xmpp::IqAnswer;
using xmpp::IqQuestion;
using xmpp::Jid;
namespace ns = xmpp::ns;

// The part of kCheckWithin that the list of items may take when each item is asked too.
constexpr std::chrono::milliseconds kItemsWithin{1500};
// Items of a server that are asked what they are.
constexpr std::size_t kItemsMax = 50;

// Looks at one component that is attached and offers a proxy, on the control shard.
using Look = Task<CheckOutcome> (*)(Component& component, const std::vector<Component*>& ours,
                                    Deadline deadline);

// On the control shard. Components one after the other, each within its share of the time.
Task<CheckOutcome> look_at_all(std::vector<Component*> components, Look look) {
  const std::vector<Component*> ours = components;
  std::erase_if(components,
                [](Component* each) { return !each->info().has_feature(ns::kBytestreams); });
  if (components.empty()) co_return skipped("No component offers the proxy.");
  const Deadline deadline = Deadline::after(kCheckWithin);
  std::vector<CheckOutcome> outcomes;
  for (std::size_t i = 0; i < components.size(); ++i) {
    Component& component = *components[i];
    if (!component.is_attached()) {
      outcomes.push_back(skipped(component.jid().text() + " is not attached."));
      continue;
    }
    const Deadline share = share_of(deadline, components.size() - i);
    outcomes.push_back(co_await look(component, ours, share));
  }
  co_return worst_of(outcomes);
}

Task<CheckOutcome> look_everywhere(Core& core, Look look) {
  // The list of components does not change while the process runs.
  co_return co_await core.on_control_task(look_at_all(core.parts.control.parts().components, look));
}

std::string why_not(const base::Error& error) {
  if (error.is(xmpp::errors::remote_server_timeout)) return "no answer came";
  return "the answer was " + std::string(error.kind().condition);
}

IqQuestion question(const Jid& from, const Jid& to, std::string_view xmlns) {
  return {xmpp::IqType::get, xmpp::Addresses{from, to}, Element("query", xmlns)};
}

// The JIDs of disco#items; what is no JID is left out.
std::vector<Jid> read_items(const std::optional<Element>& query) {
  std::vector<Jid> items;
  if (!query) return items;
  for (const Element& item : query->children()) {
    if (!item.is("item", ns::kDiscoItems)) continue;
    auto jid = Jid::parse(item.attribute("jid"));
    if (jid) items.push_back(std::move(*jid));
  }
  return items;
}

// What the parent domain lists, or what to report instead.
struct Listing {
  std::vector<Jid> items;
  std::optional<CheckOutcome> problem;
};

Task<Listing> list_items(Component& component, Deadline deadline) {
  Listing listing;
  const std::string& parent = component.settings().parent_domain;
  const auto server = Jid::parse(parent);
  if (!server) {
    listing.problem = skipped(component.jid().text() + " has no parent domain.");
    co_return listing;
  }
  IqQuestion asked = question(component.jid(), *server, ns::kDiscoItems);
  const IqAnswer answer = co_await component.requests().ask(std::move(asked), deadline);
  if (answer) {
    listing.items = read_items(*answer);
  } else {
    listing.problem = skipped(parent + " does not tell " + component.jid().text() +
                              " its items: " + why_not(answer.error()) + ".");
  }
  co_return listing;
}

Task<CheckOutcome> look_listed(Component& component, const std::vector<Component*>&,
                               Deadline deadline) {
  Listing listing = co_await list_items(component, deadline);
  if (listing.problem) co_return std::move(*listing.problem);
  const std::string& own = component.jid().text();
  const std::string& parent = component.settings().parent_domain;
  if (std::ranges::find(listing.items, component.jid()) != listing.items.end()) {
    co_return passed(parent + " lists " + own + ".");
  }
  co_return failed(
      parent + " does not list " + own + " among its items, so clients do not find it.",
      "Servers list components whose name ends in the domain's; for another name, "
      "Prosody: disco_items = { { \"" +
          own + "\" } } for the host; ejabberd: extra_domains of mod_disco.");
}

bool is_proxy(const xmpp::DiscoInfo& info) {
  return info.has_identity("proxy", "bytestreams");
}

// From ourselves through the server to ourselves: the way a user's question takes.
Task<CheckOutcome> look_answers(Component& component, const std::vector<Component*>&,
                                Deadline deadline) {
  const std::string& own = component.jid().text();
  const auto asker = Jid::parse(own + "/doctor");
  if (!asker) co_return skipped(own + "/doctor is no address.");
  IqQuestion asked = question(*asker, component.jid(), ns::kDiscoInfo);
  const IqAnswer answer = co_await component.requests().ask(std::move(asked), deadline);
  if (!answer) {
    co_return failed(
        "A question to " + own + " through the server is lost: " + why_not(answer.error()) + ".",
        "The server does not bring stanzas for " + own +
            " here: is another process attached under this name, or the name also a "
            "host of the server?");
  }
  const Element nothing("query", "");
  const Element& query = *answer ? **answer : nothing;
  const auto info = xmpp::parse_disco_info(query);
  if (info && is_proxy(*info) && info->has_feature(ns::kBytestreams)) {
    co_return passed(own + " answers through the server as proxy/bytestreams.");
  }
  co_return failed("Whoever answers for " + own + " is no proxy.",
                   "Another process or a module of the server answers under this name.");
}

CheckOutcome judge_rivals(const std::vector<Jid>& asked, const std::vector<IqAnswer>& answers,
                          std::size_t left_out) {
  std::vector<std::string> rivals;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i] || !*answers[i]) {
      ++silent;
    } else if (const auto info = xmpp::parse_disco_info(**answers[i]); info && is_proxy(*info)) {
      rivals.push_back(asked[i].text());
    }
  }
  if (!rivals.empty()) {
    return warning("Clients may take another proxy instead: " + joined(rivals) + ".",
                   "Switch it off: Prosody: remove its Component line or \"proxy65\" from "
                   "modules_enabled; ejabberd: remove mod_proxy65 from modules; Openfire: disable "
                   "Proxy Transfers.");
  }
  std::string summary =
      "None of " + std::to_string(asked.size()) + " other addresses of the server is a proxy";
  if (silent > 0) summary += "; " + std::to_string(silent) + " did not tell what they are";
  if (left_out > 0) summary += "; " + std::to_string(left_out) + " more were not asked";
  return passed(summary + ".");
}

Task<CheckOutcome> look_rival(Component& component, const std::vector<Component*>& ours,
                              Deadline deadline) {
  const Deadline items_by(std::min(deadline.at(), base::Clock::now() + kItemsWithin));
  Listing listing = co_await list_items(component, items_by);
  if (listing.problem) co_return std::move(*listing.problem);
  std::vector<Jid>& items = listing.items;
  std::erase_if(items, [&ours](const Jid& jid) {
    return std::ranges::any_of(ours, [&jid](Component* each) { return each->jid() == jid; });
  });
  const std::size_t left_out = items.size() - std::min(items.size(), kItemsMax);
  items.erase(items.end() - static_cast<std::ptrdiff_t>(left_out), items.end());
  std::vector<IqQuestion> questions;
  for (const Jid& item : items) {
    questions.push_back(question(component.jid(), item, ns::kDiscoInfo));
  }
  const auto answers = co_await component.requests().ask_all(std::move(questions), deadline);
  co_return judge_rivals(items, answers, left_out);
}

}  // namespace

Task<CheckOutcome> check_listed(Core& core) {
  co_return co_await look_everywhere(core, look_listed);
}

Task<CheckOutcome> check_answers(Core& core) {
  co_return co_await look_everywhere(core, look_answers);
}

Task<CheckOutcome> check_rival(Core& core) {
  co_return co_await look_everywhere(core, look_rival);
}

}  // namespace bellhop::admin

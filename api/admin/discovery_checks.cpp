#include "api/admin/discovery_checks.hpp"

#include <algorithm>
#include <array>

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

// A service that a component offers, and how users see it.
struct Service {
  std::string_view feature;
  std::string_view category;  // of the identity
  std::string_view type;
  std::string_view name;  // `proxy/bytestreams`
  std::string_view what;  // for people
  bool may_be_parent;     // servers offer it under their own name too
  std::string_view rival_fix;

  [[nodiscard]] bool is_offered_by(const xmpp::DiscoInfo& info) const {
    return info.has_feature(feature) && info.has_identity(category, type);
  }
};

constexpr std::array<Service, 2> kServices{{
    {ns::kBytestreams, "proxy", "bytestreams", "proxy/bytestreams", "proxy", false,
     "Switch it off: Prosody: remove its Component line or \"proxy65\" from modules_enabled; "
     "ejabberd: remove mod_proxy65 from modules; Openfire: disable Proxy Transfers."},
    {ns::kUpload, "store", "file", "store/file", "upload service", true,
     "Switch it off: Prosody: remove \"http_file_share\" from modules_enabled or its Component "
     "line; ejabberd: remove mod_http_upload from modules; Openfire: remove the HTTP File Upload "
     "plugin."},
}};

// Looks at one component that is attached, on the control shard.
using Look = Task<CheckOutcome> (*)(Component& component, const std::vector<Component*>& ours,
                                    Deadline deadline);

// On the control shard. Components one after the other, each within its share of the time.
Task<CheckOutcome> look_at_all(std::vector<Component*> components, Look look) {
  const std::vector<Component*> ours = components;
  const auto offers = [](Component* component) {
    return std::ranges::any_of(kServices, [component](const Service& service) {
      return service.is_offered_by(component->info());
    });
  };
  std::erase_if(components, [&offers](Component* each) { return !offers(each); });
  if (components.empty()) co_return skipped("No component offers anything.");
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
  std::vector<std::string> names;
  for (const Service& service : kServices) {
    if (!service.is_offered_by(component.info())) continue;
    if (!info || !service.is_offered_by(*info)) {
      co_return failed("Whoever answers for " + own + " is no " + std::string(service.what) + ".",
                       "Another process or a module of the server answers under this name.");
    }
    names.emplace_back(service.name);
  }
  co_return passed(own + " answers through the server as " + joined(names) + ".");
}

// What the addresses of a server said of themselves.
struct Answers {
  std::vector<Jid> asked;
  std::vector<std::optional<xmpp::DiscoInfo>> infos;  // in that order; none: did not tell
  std::size_t left_out = 0;
};

CheckOutcome judge_rivals(const Answers& answers, const Service& service, const Jid& parent) {
  std::vector<std::string> rivals;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < answers.asked.size(); ++i) {
    const auto& info = answers.infos[i];
    if (!info) {
      ++silent;
    } else if (service.is_offered_by(*info) ||
               (service.may_be_parent && answers.asked[i] == parent &&
                info->has_feature(service.feature))) {
      rivals.push_back(answers.asked[i].text());
    }
  }
  const std::string what(service.what);
  const std::string article = what.starts_with('u') ? "an " : "a ";
  if (!rivals.empty()) {
    return warning("Clients may take another " + what + " instead: " + joined(rivals) + ".",
                   std::string(service.rival_fix));
  }
  std::string summary = "None of " + std::to_string(answers.asked.size()) +
                        " other addresses of the server is " + article + what;
  if (silent > 0) summary += "; " + std::to_string(silent) + " did not tell what they are";
  if (answers.left_out > 0) {
    summary += "; " + std::to_string(answers.left_out) + " more were not asked";
  }
  return passed(summary + ".");
}

// Everybody at the server but us: what it lists, and the server itself.
Task<Answers> ask_everybody(Component& component, std::vector<Jid> items,
                            const std::vector<Component*>& ours, Deadline deadline) {
  std::erase_if(items, [&ours](const Jid& jid) {
    return std::ranges::any_of(ours, [&jid](Component* each) { return each->jid() == jid; });
  });
  Answers answers;
  answers.left_out = items.size() - std::min(items.size(), kItemsMax);
  items.erase(items.end() - static_cast<std::ptrdiff_t>(answers.left_out), items.end());
  if (auto parent = Jid::parse(component.settings().parent_domain)) items.push_back(*parent);
  std::vector<IqQuestion> questions;
  for (const Jid& item : items) {
    questions.push_back(question(component.jid(), item, ns::kDiscoInfo));
  }
  answers.asked = std::move(items);
  const auto replies = co_await component.requests().ask_all(std::move(questions), deadline);
  for (const IqAnswer& reply : replies) {
    auto& info = answers.infos.emplace_back();
    if (!reply || !*reply) continue;
    if (auto read = xmpp::parse_disco_info(**reply)) info = std::move(*read);
  }
  co_return answers;
}

Task<CheckOutcome> look_rival(Component& component, const std::vector<Component*>& ours,
                              Deadline deadline) {
  const Deadline items_by(std::min(deadline.at(), base::Clock::now() + kItemsWithin));
  Listing listing = co_await list_items(component, items_by);
  if (listing.problem) co_return std::move(*listing.problem);
  const Answers answers =
      co_await ask_everybody(component, std::move(listing.items), ours, deadline);
  const auto parent = Jid::parse(component.settings().parent_domain);
  std::vector<CheckOutcome> outcomes;
  for (const Service& service : kServices) {
    if (!service.is_offered_by(component.info())) continue;
    outcomes.push_back(judge_rivals(answers, service, *parent));
  }
  co_return worst_of(outcomes);
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

#include "api/admin/turn_checks.hpp"

#include <algorithm>

#include "api/admin/lookup.hpp"
#include "api/admin/turn_client.hpp"
#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "config/host_text.hpp"
#include "config/value_text.hpp"

namespace bellhop::admin {
namespace {

using api::TurnStatus;
using base::Deadline;
using runtime::Task;
using turn::ExternalService;
using xmpp::Component;
using xmpp::Element;
namespace asio = runtime::asio;
namespace ns = xmpp::ns;

// Credentials of our own serve for this long.
constexpr std::chrono::minutes kOwnLifetime{5};
// A ping by UDP that is lost is sent again.
constexpr std::chrono::milliseconds kPingWithin{300};
constexpr int kPings = 3;
constexpr std::size_t kPingBytes = 32;
// Services of a server's answer that are looked at; a client looks at fewer.
constexpr std::size_t kServicesMax = 50;

CheckOutcome no_turn() {
  return skipped("No component offers TURN.");
}

Task<std::optional<TurnStatus>> status_of(Core& core) {
  auto ask = [&control = core.parts.control] { return control.turn(); };
  co_return co_await core.on_control(ask);
}

// ---- turn.address ----

// Relayed addresses as they are shown, and those of this machine.
bool leads_here(const std::vector<base::IpAddress>& addresses, const TurnStatus& status) {
  return is_here(addresses) ||
         std::ranges::any_of(status.relays, [&addresses](const TurnStatus::Relay& relay) {
           return std::ranges::find(addresses, relay.shown) != addresses.end();
         });
}

CheckOutcome judge_relays(const TurnStatus& status) {
  std::vector<std::string> shown;
  for (const TurnStatus::Relay& relay : status.relays) {
    const std::string text = relay.shown.text();
    if (config::is_local_literal(text)) {
      return warning("Clients are lent ports of " + text + ", which only this network can reach.",
                     "Set turn.public_relay_addresses to the address that the router forwards to"
                     " this machine, with the ports turn.port_min to turn.port_max by UDP.");
    }
    shown.push_back(text);
  }
  return passed("Clients are lent ports of " + joined(shown) + ".");
}

Task<CheckOutcome> judge_host(std::string host, const TurnStatus& status, Deadline deadline) {
  if (config::looks_local(host)) {
    co_return warning(
        "Clients are told that TURN is at " + host + ", which only this network can reach.",
        "Set [public] host to a name or address that the Internet reaches.");
  }
  const auto lookup = co_await addresses_of(host, deadline);
  if (!lookup->trouble.empty() || lookup->addresses.empty()) {
    co_return failed(host + " has no address here: " + lookup->trouble + ".",
                     "Clients are told that TURN is there: it needs an A or AAAA record, or another"
                     " name in [public] host.");
  }
  if (!leads_here(lookup->addresses, status)) {
    co_return warning("Clients are told that TURN is at " + host + ", which is " +
                          lookup->addresses.front().text() + ": no address of this machine.",
                      "Behind a router that forwards the ports this is normal; name the address in"
                      " turn.public_relay_addresses then. Otherwise correct [public] host.");
  }
  co_return passed(host + " leads here.");
}

// ---- turn.loop ----

std::string name_of(const ExternalService& service) {
  return api::to_uri(service);
}

TurnClient::Over over_of(const ExternalService& service) {
  if (service.type == ExternalService::Type::turns) return TurnClient::Over::tls;
  const bool is_udp = service.transport == ExternalService::Transport::udp;
  return is_udp ? TurnClient::Over::udp : TurnClient::Over::tcp;
}

// Of the component itself, which no rule has to allow.
Task<std::optional<TurnClient::User>> own_user(Core& core) {
  auto jid = [&control = core.parts.control]() -> std::optional<std::string> {
    for (Component* component : control.parts().components) {
      if (component->info().has_feature(ns::kExtdisco)) return component->jid().text();
    }
    return std::nullopt;
  };
  const std::optional<std::string> own = co_await core.on_control(jid);
  const turn::TurnServer* server = core.parts.control.parts().turn;
  if (!own || server == nullptr) co_return std::nullopt;
  const auto expires = std::chrono::system_clock::now() + kOwnLifetime;
  turn::IssuedCredentials issued = server->credentials().issue(*own, *own, expires);
  TurnClient::User user{std::move(issued.username), std::move(issued.password)};
  co_return user;
}

// Two clients of one service, and how far they got.
struct Loop {
  Loop(runtime::Executor executor, const TurnClient::Server& server, const TurnClient::User& user)
      : caller(executor, server, user), callee(executor, server, user) {}

  TurnClient caller;
  TurnClient callee;
  const TurnClient* at = &caller;  // who came to a stop
};

Task<Trouble> ping(TurnClient& from, TurnClient& to, Deadline deadline) {
  const std::string payload = xmpp::to_hex(base::random_bytes(kPingBytes / 2));
  Trouble trouble;
  for (int i = 0; i < kPings; ++i) {
    trouble = co_await from.send(payload, deadline);
    if (!trouble.empty()) break;
    const Deadline soon(std::min(deadline.at(), Deadline::after(kPingWithin).at()));
    trouble = co_await to.expect(payload, soon);
    if (trouble.empty()) break;
  }
  co_return trouble;
}

Task<Trouble> walk(Loop& loop, stun::AddressFamily family, Deadline deadline) {
  Trouble trouble = co_await loop.caller.allocate(family, deadline);
  if (!trouble.empty()) co_return trouble;
  loop.at = &loop.callee;
  trouble = co_await loop.callee.allocate(family, deadline);
  if (!trouble.empty()) co_return trouble;
  trouble = co_await loop.callee.admit(loop.caller.relayed(), deadline);
  if (!trouble.empty()) co_return trouble;
  loop.at = &loop.caller;
  trouble = co_await loop.caller.admit(loop.callee.relayed(), deadline);
  if (!trouble.empty()) co_return trouble;
  trouble = co_await ping(loop.caller, loop.callee, deadline);
  if (trouble.empty()) trouble = co_await ping(loop.callee, loop.caller, deadline);
  co_return trouble;
}

CheckOutcome unreached(const std::string& name, const Trouble& trouble, bool is_ours) {
  const std::string summary = name + " cannot be reached from here: " + trouble + ".";
  if (is_ours) {
    return failed(
        summary,
        "The address is this machine's: does turn.listen (turn.tls_listen for turns:) have"
        " this port, does a firewall refuse it, and is the certificate one that clients"
        " trust?");
  }
  return warning(summary,
                 "The address is not this machine's. Behind a router that does not lead its own"
                 " network back in this is normal: try the port from outside. Otherwise forward"
                 " the port, by UDP and TCP, to this machine.");
}

std::string advice(TurnStep step, int code) {
  if (step == TurnStep::allocate) {
    switch (code) {
      case 401:
        return "Who answers does not know our secret: another TURN server, or another Bellhop, has"
               " this port. Look who listens there (`ss -lunp`), or where the router forwards it.";
      case 300:
      case 508:
        return "No port is free, turn.allocations_max is reached, or Bellhop is draining:"
               " `bellhopctl node` tells.";
      case 486:
        return "A quota of sessions or bytes is used up: `bellhopctl policy quota list`.";
      default:
        return "Look who listens there (`ss -lunp`), or where the router forwards the port.";
    }
  }
  if (code == 403) {
    return "An allocation of this relay is always allowed as a peer, so another TURN server with "
           "the"
           " same secret may answer there. Look who listens (`ss -lunp`), or where the router"
           " forwards the port.";
  }
  return "Is there a rate limit (`bellhopctl policy rate list`), or is the machine busy? See "
         "dropped"
         " packets by reason in the metrics.";
}

CheckOutcome judge_walk(const std::string& name, const Trouble& trouble, const Loop& loop,
                        base::Duration took) {
  const TurnStep step = loop.at->step();
  if (trouble.empty()) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    return passed("Two ends reached each other through " + name + " in " +
                  std::to_string(std::max<std::int64_t>(ms, 1)) + " ms.");
  }
  if (step == TurnStep::allocate) {
    return failed(name + " lends no address: " + trouble + ".",
                  advice(step, loop.at->error_code()));
  }
  const std::string what = step == TurnStep::relay ? " lends addresses, but nothing is relayed: "
                                                   : " lends addresses, but not to each other: ";
  return failed(name + what + trouble + ".", advice(step, loop.at->error_code()));
}

// By one service, in the way that a client takes.
Task<CheckOutcome> loop_through(const ExternalService& service, const TurnStatus& status,
                                const TurnClient::User& user, Deadline deadline) {
  const std::string name = name_of(service);
  const auto lookup = co_await addresses_of(service.host, deadline);
  if (lookup->addresses.empty()) {
    co_return failed(service.host + " has no address here: " + lookup->trouble + ".",
                     "turn.address tells more.");
  }
  TurnClient::Server server;
  server.over = over_of(service);
  server.host = service.host;
  server.address = base::IpEndpoint{lookup->addresses.front(), service.port};
  server.port = service.port;
  const bool is_v4 = status.relays.front().shown.is_v4();
  const auto family = is_v4 ? stun::AddressFamily::ipv4 : stun::AddressFamily::ipv6;
  Loop loop(co_await asio::this_coro::executor, server, user);
  const base::TimePoint began = base::Clock::now();
  const Trouble trouble = co_await walk(loop, family, deadline);
  const base::Duration took = base::Clock::now() - began;
  const bool is_reached = trouble.empty() || loop.at->step() != TurnStep::connect;
  if (is_reached) {
    const Deadline soon = Deadline::after(kPingWithin);
    co_await loop.caller.release(soon);
    co_await loop.callee.release(soon);
  } else {
    co_return unreached(name, trouble, is_here(lookup->addresses));
  }
  co_return judge_walk(name, trouble, loop, took);
}

// ---- turn.credentials ----

// One entry of a server's answer.
struct Told {
  std::string type;
  std::string host;
  std::string port;
  std::string transport;
  std::string username;
  std::string password;

  [[nodiscard]] std::string text() const { return type + ":" + host + ":" + port; }
};

std::vector<Told> read_services(const Element& services) {
  std::vector<Told> told;
  for (const Element& each : services.children()) {
    const std::string type = config::ascii_lower(each.attribute("type"));
    const bool is_ours = type == "stun" || type == "stuns" || type == "turn" || type == "turns";
    if (each.name() != "service" || !is_ours) continue;
    if (told.size() == kServicesMax) break;
    Told row;
    row.type = type;
    row.host = each.attribute("host");
    row.port = each.attribute("port");
    if (row.port.empty()) row.port = type.ends_with('s') ? "5349" : "3478";  // RFC 7065 §3.2
    row.transport = config::ascii_lower(each.attribute("transport"));
    row.username = each.attribute("username");
    row.password = each.attribute("password");
    told.push_back(std::move(row));
  }
  return told;
}

bool is_one_of(const Told& told, const std::vector<ExternalService>& ours) {
  return std::ranges::any_of(ours, [&told](const ExternalService& own) {
    return config::canonical_host(own.host) == config::canonical_host(told.host) &&
           std::to_string(own.port) == told.port;
  });
}

// Whether whoever comes with this name and password is believed.
bool opens(const turn::Credentials& credentials, const Told& told) {
  constexpr auto kMd5 = stun::PasswordAlgorithm::md5;
  const stun::Key key =
      stun::long_term_key(kMd5, told.username, credentials.realm(), told.password);
  const auto expires = credentials.expiry(told.username);
  if (expires && *expires <= std::chrono::system_clock::now()) return false;
  return std::ranges::any_of(credentials.claims(told.username, kMd5),
                             [&key](const auto& claim) { return claim.key.bytes == key.bytes; });
}

constexpr const char* kAttach =
    "The lines for Prosody and ejabberd are in deploy/attach: host and port as Bellhop tells them,"
    " the secret that of turn.secret_files.";

struct Asked {
  std::optional<Element> services = {};
  std::string trouble = {};
};

// On the control shard: what the parent domain tells the component.
Task<Asked> ask_server(Component& component, Deadline deadline) {
  Asked asked;
  const auto server = xmpp::Jid::parse(component.settings().parent_domain);
  if (!server) {
    asked.trouble = "there is no parent domain";
    co_return asked;
  }
  xmpp::IqQuestion question{xmpp::IqType::get, xmpp::Addresses{component.jid(), *server},
                            Element("services", ns::kExtdisco)};
  const auto answer = co_await component.requests().ask(std::move(question), deadline);
  if (!answer) {
    asked.trouble = "the answer was " + std::string(answer.error().kind().condition);
    if (answer.error().is(xmpp::errors::remote_server_timeout)) asked.trouble = "no answer came";
  } else if (!*answer || !(*answer)->is("services", ns::kExtdisco)) {
    asked.trouble = "the answer is none of XEP-0215";
  } else {
    asked.services = **answer;
  }
  co_return asked;
}

struct Question {
  const TurnStatus& status;
  const turn::Credentials& credentials;
};

// On the control shard.
Task<CheckOutcome> ask_all(std::vector<Component*> components, Question about) {
  std::erase_if(components,
                [](Component* each) { return !each->info().has_feature(ns::kExtdisco); });
  if (components.empty()) co_return no_turn();
  const Deadline deadline = Deadline::after(kCheckWithin);
  std::vector<CheckOutcome> outcomes;
  for (std::size_t i = 0; i < components.size(); ++i) {
    Component& component = *components[i];
    const std::string& parent = component.settings().parent_domain;
    if (!component.is_attached()) {
      outcomes.push_back(skipped(component.jid().text() + " is not attached."));
      continue;
    }
    const Deadline share = share_of(deadline, components.size() - i);
    const Asked asked = co_await ask_server(component, share);
    if (!asked.services) {
      // Servers tell their users, and components seldom.
      outcomes.push_back(skipped(parent + " does not tell " + component.jid().text() +
                                 " its TURN services: " + asked.trouble + "."));
      continue;
    }
    outcomes.push_back(
        judge_services(*asked.services, parent, about.status.services, about.credentials));
  }
  co_return worst_of(outcomes);
}

}  // namespace

CheckOutcome judge_services(const Element& services, const std::string& server,
                            const std::vector<ExternalService>& ours,
                            const turn::Credentials& credentials) {
  std::vector<std::string> rivals;
  std::size_t opened = 0;
  for (const Told& told : read_services(services)) {
    if (!is_one_of(told, ours)) {
      rivals.push_back(told.text());
      continue;
    }
    if (!told.type.starts_with("turn")) continue;
    if (told.username.empty() || told.password.empty()) {
      return failed(server + " tells of " + told.text() +
                        " without credentials, so clients wait"
                        " for an answer that never opens it.",
                    kAttach);
    }
    if (!opens(credentials, told)) {
      return failed(
          server + " hands out credentials for " + told.text() + " that Bellhop does not believe.",
          "The secret of the server and that of turn.secret_files must be the same, and"
          " so must be their clocks.");
    }
    ++opened;
  }
  if (!rivals.empty()) {
    return warning(
        "Clients may take another relay instead: " + server + " tells of " + joined(rivals) + ".",
        "Switch it off (Prosody: turn_external or external_services; ejabberd:"
        " ejabberd_stun under listen, and mod_stun_disco), or, if it is this one, give"
        " it the host and port that Bellhop tells.");
  }
  if (opened == 0) {
    return warning(server + " tells its users of no TURN, and most clients ask nobody else.",
                   kAttach);
  }
  return passed(server + " hands out credentials that open this relay.");
}

Task<CheckOutcome> check_turn_address(Core& core) {
  const std::optional<TurnStatus> status = co_await status_of(core);
  if (!status) co_return no_turn();
  std::vector<std::string> hosts;
  for (const ExternalService& service : status->services) {
    const bool is_new = std::ranges::find(hosts, service.host) == hosts.end();
    if (is_new) hosts.push_back(service.host);
  }
  const Deadline deadline = Deadline::after(kCheckWithin);
  std::vector<CheckOutcome> outcomes(1, judge_relays(*status));
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const Deadline share = share_of(deadline, hosts.size() - i);
    outcomes.push_back(co_await judge_host(hosts[i], *status, share));
  }
  co_return worst_of(outcomes);
}

Task<CheckOutcome> check_turn_loop(Core& core) {
  const std::optional<TurnStatus> status = co_await status_of(core);
  if (!status) co_return no_turn();
  if (!status->is_open) {
    co_return failed("New allocations are refused: Bellhop is draining or stopping.",
                     "`bellhopctl undrain` takes new ones again.");
  }
  const std::optional<TurnClient::User> user = co_await own_user(core);
  if (!user) co_return no_turn();
  std::vector<ExternalService> services = status->services;
  std::erase_if(services, [](const ExternalService& each) { return !each.is_restricted(); });
  if (services.empty()) co_return failed("Clients are told of no TURN.", "Set turn.listen.");
  const Deadline deadline = Deadline::after(kCheckWithin);
  std::vector<CheckOutcome> outcomes;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const Deadline share = share_of(deadline, services.size() - i);
    outcomes.push_back(co_await loop_through(services[i], *status, *user, share));
  }
  co_return worst_of(outcomes);
}

Task<CheckOutcome> check_turn_credentials(Core& core) {
  const std::optional<TurnStatus> status = co_await status_of(core);
  const turn::TurnServer* server = core.parts.control.parts().turn;
  if (!status || server == nullptr) co_return no_turn();
  // The list of components does not change while the process runs.
  const Question about{*status, server->credentials()};
  co_return co_await core.on_control_task(ask_all(core.parts.control.parts().components, about));
}

}  // namespace bellhop::admin

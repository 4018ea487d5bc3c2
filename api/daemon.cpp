#include "api/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "api/sd_notify.hpp"
#include "component/base/machine_addresses.hpp"
#include "component/xmpp/commands.hpp"
#include "component/xmpp/http_auth.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/registration.hpp"
#include "proxy/files/delete_command.hpp"
#include "proxy/files/list_command.hpp"
#include "proxy/files/usage_command.hpp"
#include "proxy/webdav/password_command.hpp"
#include "relay/nodes/channel_service.hpp"
#include "relay/nodes/nodes_handler.hpp"
#include "relay/turn/extdisco_handler.hpp"

namespace bellhop::api {
namespace {

using base::Severity;
using runtime::Task;

// What a request that is nearly done gets when the relay has used up the time to stop.
constexpr base::Duration kLastWait = std::chrono::milliseconds(200);

std::size_t shard_count(const config::RuntimeSettings& settings) {
  if (settings.shards != 0) return settings.shards;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

bool offers(const config::ComponentSettings& component, config::Service service) {
  return std::find(component.services.begin(), component.services.end(), service) !=
         component.services.end();
}

// Shards of their own: what waits for a disk must not hold up what relays.
std::size_t file_shards(const config::Settings& settings) {
  return files::offers_upload(settings) ? settings.files.threads : 0;
}

// Likewise: voice does not wait behind a file.
std::size_t turn_shards(const config::Settings& settings) {
  return config::offers(settings, config::Service::turn) ? settings.turn.threads : 0;
}

policy::PolicyPtr policy_of(const config::Settings& settings) {
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

std::vector<bytestream::Streamhost> streamhosts(const config::Settings& settings,
                                                const std::vector<base::IpEndpoint>& bound) {
  if (!config::offers(settings, config::Service::proxy)) return {};
  const std::uint16_t port = bound.empty() ? std::uint16_t{0} : bound.front().port;
  auto hosts = bytestream::choose_streamhosts(settings.public_address, settings.proxy, port,
                                              base::machine_addresses());
  if (hosts.empty()) {
    throw std::runtime_error(
        "no address to advertise: this machine has no public one; set [public] host to the name or "
        "address clients reach it by");
  }
  return hosts;
}

}  // namespace

// What components with the service upload share.
struct Daemon::FileParts {
  files::FileService* service;  // null, as the next: no component offers uploads
  webdav::DavService* dav;
  policy::Admission& admission;
  std::function<base::Result<void>(const xmpp::Jid&)> may_register;
};

// Relay channels (XEP-0278), on the shards and among the ports of TURN.
struct Daemon::NodeParts {
  NodeParts(runtime::ShardSet& shards, std::size_t first_shard, base::Log& log,
            const config::Settings& settings, policy::Admission& admission, turn::TurnServer& turn)
      : counters(shards.size()),
        place(turn.places().v4() ? *turn.places().v4() : *turn.places().v6()),
        channels({shards, first_shard, settings.turn.threads, log, counters, settings.turn,
                  admission, turn.peers(), turn.ports(place.local), place.local, place.shown.text(),
                  turn.is_open()}) {}

  nodes::NodesCounters counters;
  turn::RelayPlaces::Address place;
  nodes::ChannelService channels;
};

// What users do with their files by ad-hoc commands (XEP-0050).
struct UserCommands {
  // Each may hold the pages of a list that were shown, of 40 KiB at the most.
  static constexpr xmpp::CommandSessions::Limits kSessions{.per_user_max = 4, .total_max = 256};

  UserCommands(xmpp::Component& component, const files::CommandContext& context,
               xmpp::Registration& registration, const std::function<bool(const xmpp::Jid&)>& may)
      : usage(context),
        list(context),
        remove(context),
        password(registration, context.public_url),
        commands(component.jid().text(), {"en"}, kSessions) {
    add(usage, may);
    add(list, may);
    add(remove, may);
    add(password, may);
    commands.attach(component.router(), component.disco());
  }
  template <typename Command>
  void add(Command& command, const std::function<bool(const xmpp::Jid&)>& may) {
    commands.add(
        {.node = std::string(Command::kNode), .name = std::string(Command::kName), .may_run = may},
        command);
  }

  files::UsageCommand usage;
  files::ListCommand list;
  files::DeleteCommand remove;
  webdav::PasswordCommand password;
  xmpp::Commands commands;
};

// One component and what answers behind it.
struct Daemon::ComponentParts {
  ComponentParts(const xmpp::Component::Context& context, const config::ComponentSettings& settings,
                 bytestream::ProxyService& proxy, const FileParts& files)
      : component(context, settings),
        bytestreams(proxy, settings.parent_domain, component.jid().text()) {
    if (offers(settings, config::Service::proxy)) {
      bytestreams.attach(component.router(), component.info());
    }
    if (offers(settings, config::Service::upload)) {
      slots = files.service->make_slot_handler(settings.parent_domain);
      slots->attach(component.router(), component.info());
      xmpp::RegistrationPolicy registering{.may_register = files.may_register,
                                           .address = files.service->public_url() + "/dav/"};
      registration =
          std::make_unique<xmpp::Registration>(files.dav->accounts(), std::move(registering));
      registration->attach(component.router(), component.info());
      let_guests_in(context.executor, *files.dav);
      const files::CommandContext on{files.service->store(), files.admission,
                                     &files.dav->contents(), files.service->public_url()};
      commands = std::make_unique<UserCommands>(
          component, on, *registration,
          [may = files.may_register](const xmpp::Jid& user) { return may(user).has_value(); });
    }
    if (settings.services.empty()) {  // XEP-0030 §3.1: every entity has an identity
      component.info().add_identity({.category = "component", .type = "generic"});
    }
  }
  // WDX-01, HVX-06
  void let_guests_in(runtime::Executor executor, webdav::DavService& dav) {
    http_auth = std::make_unique<xmpp::HttpAuthClient>(
        executor, component.jid(), component.requests(),
        [this](const xmpp::Element& stanza) { component.stream().send(stanza); },
        xmpp::HttpAuthRates{});
    component.messages().add(
        [this](const xmpp::Element& message, const xmpp::Addresses& addresses) {
          return http_auth->take(message, addresses);
        });
    xmpp::HttpAuthClient::announce(component.info());
    component.info().add_feature(xmpp::ns::kWebdavFiles);
    dav.confirmations().add({.parent_domain = component.settings().parent_domain,
                             .client = *http_auth,
                             .is_attached = [this] { return component.is_attached(); }});
  }
  struct Relaying {
    turn::TurnServer& turn;
    nodes::ChannelDesk& channels;
    const config::Settings& settings;
    policy::Admission& admission;
  };
  void offer_turn(const Relaying& with) {
    const std::string& parent = component.settings().parent_domain;
    const auto services = with.turn.services();
    extdisco = std::make_unique<turn::ExtdiscoHandler>(
        turn::ExtdiscoHandler::Context{with.admission, with.turn.credentials(), with.settings.turn,
                                       services, with.turn.is_open()},
        component.jid(), parent);
    extdisco->attach(component.router(), component.info());
    component.watch_presence(
        [this](const xmpp::Element& presence, const xmpp::Addresses& addresses) {
          extdisco->note_presence(presence, addresses);
        });
    relay_nodes = std::make_unique<nodes::NodesHandler>(
        nodes::NodesHandler::Context{with.admission, with.turn.credentials(), with.channels,
                                     with.settings.turn, services, with.turn.is_open()},
        component.jid(), parent);
    relay_nodes->attach(component.router(), component.info());
  }
  // Those who were told of TURN are told what has changed (EXD-05).
  [[nodiscard]] Task<> tell(turn::TurnServer::Change change, const turn::Credentials& fresh) {
    if (change == turn::TurnServer::Change::credentials) {
      relay_nodes->rotate(fresh);
      (void)co_await extdisco->rotate(fresh, component.requests());
    } else {
      (void)co_await extdisco->withdraw(component.requests());
    }
  }
  [[nodiscard]] Task<> stop() {
    if (http_auth) http_auth->stop();
    co_await component.stop();
  }

  xmpp::Component component;
  bytestream::BytestreamHandler bytestreams;
  std::unique_ptr<files::SlotHandler> slots;  // null, as all below: it offers no uploads
  std::unique_ptr<xmpp::Registration> registration;
  std::unique_ptr<xmpp::HttpAuthClient> http_auth;
  std::unique_ptr<UserCommands> commands;
  std::unique_ptr<turn::ExtdiscoHandler> extdisco;  // null, as the next: it offers no TURN
  std::unique_ptr<nodes::NodesHandler> relay_nodes;
};

Daemon::Daemon(config::Settings loaded, base::Log& log, admin::Admin::Options options)
    : settings_(std::move(loaded)),
      log_(log),
      started_(base::Clock::now()),
      proxy_shards_(shard_count(settings_.runtime)),
      shards_(proxy_shards_ + turn_shards(settings_) + file_shards(settings_)),
      xmpp_counters_(shards_.size()),
      proxy_counters_(shards_.size()),
      pending_({.per_address_max = settings_.proxy.pending_per_address_max,
                .total_max = settings_.proxy.connections_max,
                .handshake_timeout = settings_.proxy.handshake_timeout}),
      table_(settings_.proxy.activation_timeout),
      waits_(shards_.control().executor()),
      admission_(policy_of(settings_)),
      relay_(shards_, proxy_shards_, log, proxy_counters_, settings_.proxy, table_, admission_),
      socks5_(shards_.control().executor(), log, proxy_counters_, settings_.proxy, pending_, table_,
              waits_, relay_),
      proxy_{settings_.proxy,
             proxy_counters_,
             table_,
             waits_,
             relay_,
             admission_,
             streamhosts(settings_, socks5_.bound())},
      signals_(shards_.control().executor(), SIGTERM, SIGINT, SIGUSR1),
      stop_requested_(shards_.control().executor()),
      streams_(shards_.control().executor(), log, settings_.components.size()),
      pushes_(shards_.control().executor(), log, 2 * settings_.components.size()),
      tasks_(shards_.control().executor(), log, 4) {
  // splice(2) has no MSG_NOSIGNAL: without this, a client that leaves at the wrong moment would end
  // the process.
  std::signal(SIGPIPE, SIG_IGN);
  signals_.add(SIGHUP);
  registry_.add(xmpp_counters_, xmpp::kXmppCounterNames);
  registry_.add(proxy_counters_.events, proxy::kProxyCounterNames);
  registry_.add(proxy_counters_.refusals, proxy::kProxyRefusalNames);
  registry_.add(proxy_counters_.session_ends, proxy::kSessionEndNames);
  if (files::offers_upload(settings_)) {
    files_ = std::make_unique<files::FileService>(files::FileService::Context{
        shards_, proxy_shards_ + turn_shards(settings_), log_, settings_, admission_});
    dav_ = std::make_unique<webdav::DavService>(webdav::DavService::Context{
        .control = shards_.control().executor(),
        .store = files_->store(),
        .log = log_,
        .server = files_->server(),
        .worker_of = [this](const http::Exchange& exchange) -> files::FileWorker& {
          return files_->worker_of(exchange);
        },
        .workers = files_->workers(),
        .public_url = files_->public_url()});
    registry_.add(files_->counters().events, files::kFileCounterNames);
    registry_.add(files_->counters().refusals, files::kFileRefusalNames);
    registry_.add(files_->counters().removals, files::kRemovalNames);
  }
  if (config::offers(settings_, config::Service::turn)) {
    turn_ = std::make_unique<turn::TurnServer>(
        turn::TurnServer::Context{shards_, proxy_shards_, log_, settings_, admission_});
    registry_.add(turn_->counters(), turn::kTurnCounterNames);
    nodes_ =
        std::make_unique<NodeParts>(shards_, proxy_shards_, log_, settings_, admission_, *turn_);
    registry_.add(nodes_->counters.events, nodes::kNodesCounterNames);
    registry_.add(nodes_->counters.ends, nodes::kChannelEndNames);
  }
  for (const config::ComponentSettings& component : settings_.components) {
    const auto may_use = [this, &component](const xmpp::Jid& user) {
      return admission_.check(user, component.parent_domain, std::chrono::system_clock::now());
    };
    const xmpp::Component::Context context{
        shards_.control().executor(),
        log,
        xmpp_counters_.of_shard(0),
        settings_,
        started_,
        [may_use](const xmpp::Jid& user) { return may_use(user).has_value(); }};
    const FileParts file_parts{files_.get(), dav_.get(), admission_, may_use};
    auto parts = std::make_unique<ComponentParts>(context, component, proxy_, file_parts);
    if (offers(component, config::Service::turn)) {
      parts->offer_turn({*turn_, nodes_->channels, settings_, admission_});
    }
    components_.push_back(std::move(parts));
  }
  if (turn_) {
    turn_->on_change([this](turn::TurnServer::Change change) { tell_of_turn(change); });
  }
  control_ = std::make_unique<Control>(control_parts());
  admin_ = std::make_unique<admin::Admin>(shards_, *control_, log_, registry_, settings_,
                                          std::move(options));
  watch_streams();
  admin_->start();
}

Control::Parts Daemon::control_parts() {
  std::vector<xmpp::Component*> components;
  for (const auto& parts : components_) components.push_back(&parts->component);
  auto stop_within = [this](std::optional<base::Duration> timeout) {
    stop_timeout_ = timeout;
    stop_requested_.set();
  };
  nodes::ChannelService* channels = nodes_ ? &nodes_->channels : nullptr;
  return {shards_,    settings_, admission_,   pending_,    table_,   relay_,
          socks5_,    proxy_,    files_.get(), turn_.get(), channels, std::move(components),
          stop_within};
}

void Daemon::tell_of_turn(turn::TurnServer::Change change) {
  for (const auto& parts : components_) {
    if (!parts->extdisco) continue;
    // One that is being told already has its turn at the next change.
    (void)pushes_.spawn(parts->tell(change, turn_->credentials()));
  }
}

void Daemon::watch_streams() {
  for (const auto& parts : components_) {
    xmpp::Component& component = parts->component;
    component.stream().on_status([this, &component] {
      for (UpstreamStatus& row : control_->upstreams()) {
        if (row.jid == component.jid().text()) admin_->upstream_changed(std::move(row));
      }
    });
  }
}

Daemon::~Daemon() = default;

void Daemon::run() {
  const bool is_started = tasks_.spawn(serve());
  BELLHOP_ASSERT(is_started);
  shards_.run();
}

void Daemon::request_stop() {
  boost::asio::post(shards_.control().executor(), [this] { stop_requested_.set(); });
}

// From start to stop, on the control shard. Clients remember a proxy that failed once, so the
// listeners accept before the first stream is opened.
Task<> Daemon::serve() {
  relay_.start();
  socks5_.start();
  proxy_.is_open = true;
  if (files_) {
    dav_->start();
    files_->start();
  }
  if (turn_) {
    turn_->start();
    nodes_->channels.start();
  }
  bool is_started = tasks_.spawn(watch_signals());
  for (const auto& parts : components_) {
    is_started = is_started && streams_.spawn(parts->component.run());
  }
  BELLHOP_ASSERT(is_started);
  log_.write(Severity::info, "started", {{"version", BELLHOP_VERSION}, {"shards", shards_.size()}});
  sd_notify("READY=1");
  co_await stop_requested_.wait();
  co_await stop();
  signals_.cancel();
  shards_.release();
}

Task<> Daemon::watch_signals() {
  for (;;) {
    const auto [ec, signal] = co_await signals_.async_wait(runtime::kTuple);
    if (ec) co_return;
    if (signal == SIGUSR1) {
      log_counters();
    } else if (signal == SIGHUP) {
      admin_->reload();
    } else {
      stop_requested_.set();
    }
  }
}

// New work is refused, running sessions get their time, then everything closes in the order in
// which it depends on each other: listeners, sessions, streams.
Task<> Daemon::stop() {
  const base::TimePoint began = base::Clock::now();
  control_->set_open(false);
  sd_notify("STOPPING=1");
  admin_->note_stopping();
  const base::Duration timeout = stop_timeout_.value_or(settings_.runtime.drain_timeout);
  const auto timeout_ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  log_.write(Severity::info, "stopping",
             {{"sessions", relay_.running()}, {"drain_timeout_ms", timeout_ms.count()}});
  co_await socks5_.stop();
  auto hurry_when_asked_again = [](Daemon& self) -> Task<> {
    co_await self.stop_requested_.wait();
    self.relay_.hurry();
    if (self.turn_) {
      self.turn_->hurry();
      self.nodes_->channels.hurry();
    }
  };
  runtime::TaskGroup hurrying(shards_.control().executor(), log_, 1);
  const bool is_started = hurrying.spawn(hurry_when_asked_again(*this));
  BELLHOP_ASSERT(is_started);
  const std::size_t dropped = co_await relay_.stop(timeout);
  if (turn_) {
    const auto left = std::max<base::Duration>(timeout - (base::Clock::now() - began), kLastWait);
    co_await nodes_->channels.stop(left);
    co_await turn_->stop(left);
  }
  hurrying.cancel();
  co_await hurrying.join();
  pushes_.cancel();
  co_await pushes_.join();
  for (const auto& parts : components_) co_await parts->stop();
  if (files_) {
    const auto left = std::max<base::Duration>(timeout - (base::Clock::now() - began), kLastWait);
    co_await dav_->join();
    co_await files_->stop(left);
    dav_->stop();
  }
  co_await streams_.join();
  co_await admin_->stop();
  if (files_) co_await files_->close_store();
  log_counters();
  log_.write(Severity::info, "stopped", {{"dropped", dropped}});
}

void Daemon::log_counters() {
  for (const auto& reading : registry_.read()) {
    if (reading.value == 0) continue;
    log_.write(
        Severity::info, "counter",
        {{"name", reading.name.metric}, {"reason", reading.name.reason}, {"value", reading.value}});
  }
}

}  // namespace bellhop::api

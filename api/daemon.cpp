#include "api/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "api/sd_notify.hpp"

namespace bellhop::api {
namespace {

using base::Severity;
using runtime::Task;

std::size_t shard_count(const config::RuntimeSettings& settings) {
  if (settings.shards != 0) return settings.shards;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

bool offers(const config::ComponentSettings& component, config::Service service) {
  return std::find(component.services.begin(), component.services.end(), service) !=
         component.services.end();
}

bool offers_proxy(const config::Settings& settings) {
  return std::any_of(
      settings.components.begin(), settings.components.end(),
      [](const auto& component) { return offers(component, config::Service::proxy); });
}

std::vector<bytestream::Streamhost> streamhosts(const config::Settings& settings,
                                                const std::vector<base::IpEndpoint>& bound) {
  if (!offers_proxy(settings)) return {};
  const std::uint16_t port = bound.empty() ? std::uint16_t{0} : bound.front().port;
  auto hosts = bytestream::choose_streamhosts(settings.public_address, settings.proxy, port,
                                              bytestream::machine_addresses());
  if (hosts.empty()) {
    throw std::runtime_error(
        "no address to advertise: this machine has no public one; set [public] host to the name or "
        "address clients reach it by");
  }
  return hosts;
}

}  // namespace

// One component and what answers behind it.
struct Daemon::ComponentParts {
  ComponentParts(const xmpp::Component::Context& context, const config::ComponentSettings& settings,
                 proxy::AccessPolicy policy, bytestream::ProxyService& proxy)
      : component(context, settings),
        bytestreams(proxy, std::move(policy), component.jid().text()) {
    if (offers(settings, config::Service::proxy)) {
      bytestreams.attach(component.router(), component.info());
    } else {  // XEP-0030 §3.1: every entity has an identity
      component.info().add_identity({.category = "component", .type = "generic"});
    }
  }
  xmpp::Component component;
  bytestream::BytestreamHandler bytestreams;
};

Daemon::Daemon(const config::Settings& settings, base::Log& log)
    : settings_(settings),
      log_(log),
      started_(base::Clock::now()),
      shards_(shard_count(settings.runtime)),
      xmpp_counters_(shards_.size()),
      proxy_counters_(shards_.size()),
      pending_({.per_address_max = settings.proxy.pending_per_address_max,
                .total_max = settings.proxy.connections_max,
                .handshake_timeout = settings.proxy.handshake_timeout}),
      table_(settings.proxy.activation_timeout),
      waits_(shards_.control().executor()),
      relay_(shards_, log, proxy_counters_, settings.proxy, table_),
      socks5_(shards_.control().executor(), log, proxy_counters_, settings.proxy, pending_, table_,
              waits_, relay_),
      proxy_{settings.proxy, proxy_counters_, table_,
             waits_,         relay_,          streamhosts(settings, socks5_.bound())},
      signals_(shards_.control().executor(), SIGTERM, SIGINT, SIGUSR1),
      stop_requested_(shards_.control().executor()),
      streams_(shards_.control().executor(), log, settings.components.size()),
      tasks_(shards_.control().executor(), log, 4) {
  // splice(2) has no MSG_NOSIGNAL: without this, a client that leaves at the wrong moment would end
  // the process.
  std::signal(SIGPIPE, SIG_IGN);
  registry_.add(xmpp_counters_, xmpp::kXmppCounterNames);
  registry_.add(proxy_counters_.events, proxy::kProxyCounterNames);
  registry_.add(proxy_counters_.refusals, proxy::kProxyRefusalNames);
  registry_.add(proxy_counters_.session_ends, proxy::kSessionEndNames);
  for (const config::ComponentSettings& component : settings.components) {
    proxy::AccessPolicy policy(settings.access, component.parent_domain);
    const xmpp::Component::Context context{
        shards_.control().executor(),
        log,
        xmpp_counters_.of_shard(0),
        settings,
        started_,
        [policy](const xmpp::Jid& user) { return policy.check(user).has_value(); }};
    components_.push_back(
        std::make_unique<ComponentParts>(context, component, std::move(policy), proxy_));
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
    } else {
      stop_requested_.set();
    }
  }
}

// New work is refused, running sessions get their time, then everything closes in the order in
// which it depends on each other: listeners, sessions, streams.
Task<> Daemon::stop() {
  proxy_.is_open = false;
  sd_notify("STOPPING=1");
  log_.write(Severity::info, "stopping",
             {{"sessions", relay_.running()},
              {"drain_timeout_ms", settings_.runtime.drain_timeout.count()}});
  co_await socks5_.stop();
  auto hurry_when_asked_again = [](Daemon& self) -> Task<> {
    co_await self.stop_requested_.wait();
    self.relay_.hurry();
  };
  runtime::TaskGroup hurrying(shards_.control().executor(), log_, 1);
  const bool is_started = hurrying.spawn(hurry_when_asked_again(*this));
  BELLHOP_ASSERT(is_started);
  const std::size_t dropped = co_await relay_.stop(settings_.runtime.drain_timeout);
  hurrying.cancel();
  co_await hurrying.join();
  for (const auto& parts : components_) co_await parts->component.stop();
  co_await streams_.join();
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

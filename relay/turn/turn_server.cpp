#include "relay/turn/turn_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "component/base/machine_addresses.hpp"
#include "component/runtime/periodic.hpp"
#include "component/runtime/timeout.hpp"
#include "component/xmpp/jid.hpp"
#include "relay/net/udp_socket.hpp"
#include "relay/turn/extdisco_offer.hpp"
#include "relay/turn/kept_secret.hpp"
#include "relay/turn/relay_addresses.hpp"

namespace bellhop::turn {
namespace {

namespace asio = boost::asio;
using base::Severity;
using runtime::Task;
using namespace std::chrono_literals;

// How often a certificate is looked at.
constexpr base::Duration kCertificateInterval = 10s;

std::chrono::seconds seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time);
}

const config::ComponentSettings& first_with_turn(const config::Settings& settings) {
  return *std::find_if(settings.components.begin(), settings.components.end(),
                       [](const config::ComponentSettings& component) {
                         const auto& services = component.services;
                         return std::find(services.begin(), services.end(),
                                          config::Service::turn) != services.end();
                       });
}

Credentials::Options access_options(const config::Settings& settings) {
  const config::TurnSettings& turn = settings.turn;
  Credentials::Options options;
  options.domain = first_with_turn(settings).parent_domain;
  options.realm = turn.realm.empty() ? options.domain : turn.realm;
  options.secrets = turn.secrets;
  if (options.secrets.empty()) {
    const std::string& folder = settings.monitoring.state_dir;
    options.secrets.push_back(kept_secret(folder.empty() ? folder : folder + "/turn.secret"));
  }
  for (const config::TurnUser& user : turn.users) {
    options.users.push_back({user.name, user.password});
  }
  return options;
}

std::unique_ptr<RelayPlaces> make_places(const config::Settings& settings) {
  const auto chosen =
      choose_relay_addresses(settings.turn, settings.public_address, base::machine_addresses());
  if (!chosen.v4 && !chosen.v6) {
    throw std::runtime_error(
        "no address to relay from: this machine has no public one; set turn.relay_addresses");
  }
  return std::make_unique<RelayPlaces>(chosen);
}

std::vector<base::IpNetwork> networks(const std::vector<std::string>& texts) {
  std::vector<base::IpNetwork> parsed;
  for (const std::string& text : texts) {
    if (const auto network = base::IpNetwork::parse(text)) parsed.push_back(*network);
  }
  return parsed;
}

std::unique_ptr<relay::PeerPolicy> make_policy(const config::Settings& settings,
                                               const RelayPlaces& places) {
  relay::PeerPolicy::Options options;
  options.allowed = networks(settings.turn.allow_peers);
  options.denied = networks(settings.turn.deny_peers);
  options.own = base::machine_addresses();
  for (const config::ComponentSettings& component : settings.components) {
    if (const auto server = base::IpAddress::parse(component.server.host)) {
      options.own.push_back(*server);
    }
  }
  for (const auto& place : {places.v4(), places.v6()}) {
    if (place) options.relayed.push_back(place->shown);
  }
  return std::make_unique<relay::PeerPolicy>(std::move(options));
}

TurnRules::Options rules_options(const config::TurnSettings& turn, const RelayPlaces& places) {
  return {places.families(), turn.tcp_relay, seconds(turn.allocation_lifetime),
          seconds(turn.allocation_lifetime_max)};
}

AllocationDesk::Options desk_options(const config::Settings& settings, const RelayPlaces& places) {
  const config::TurnSettings& turn = settings.turn;
  AllocationDesk::Options options{places.families(),
                                  turn.port_min,
                                  turn.port_max,
                                  turn.allocations_max,
                                  turn.allocations_per_user_max,
                                  turn.tcp_connections_per_user_max,
                                  !turn.alternate_servers.empty()};
  for (const config::ComponentSettings& component : settings.components) {
    if (const auto jid = xmpp::Jid::parse(component.jid)) options.own.push_back(jid->text());
  }
  return options;
}

// RFC 7443: what a client may name; whoever names nothing is served as well (STN-18).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kKnown[] = "\x09stun.turn\x12stun.nat-discovery";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, kKnown, sizeof kKnown - 1, offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void accept_protocols(asio::ssl::context& context) {
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, nullptr);
}

std::vector<base::IpEndpoint> endpoints(const std::vector<config::HostPort>& addresses) {
  std::vector<base::IpEndpoint> parsed;
  for (const config::HostPort& address : addresses) {
    if (const auto ip = base::IpAddress::parse(address.host)) parsed.push_back({*ip, address.port});
  }
  return parsed;
}

}  // namespace

struct TurnServer::Streams {
  Streams(runtime::Shard& shard, base::Log& log, std::size_t clients_max)
      // Each client may have a task that writes beside the one that reads.
      : clients(shard.executor(), log, 2 * clients_max), upkeep(shard.executor(), log, 1) {}

  std::unordered_set<TurnConnection*> open;
  runtime::TaskGroup clients;
  runtime::TaskGroup upkeep;
};

TurnServer::TurnServer(const Context& context)
    : context_(context),
      first_access_(access_options(context.settings)),
      nonces_({.password_algorithms = true, .username_anonymity = !first_access_.users.empty()},
              seconds(context.settings.turn.nonce_lifetime)),
      places_(make_places(context.settings)),
      peers_(make_policy(context.settings, *places_)),
      rules_(rules_options(context.settings.turn, *places_), *peers_),
      desk_(desk_options(context.settings, *places_), context.admission),
      counters_(context.shards.size()),
      shared_{rules_, *peers_, *places_, {}, 0, {}, false, {}, {}, {}},
      allocation_ended_(context.shards.control().executor()),
      upkeep_(context.shards.control().executor(), context.log, 16) {
  const config::TurnSettings& turn = context.settings.turn;
  access_.push_back(std::make_unique<TurnAccess>(std::move(first_access_), nonces_));
  shared_.limits = {turn.permissions_max, turn.channels_max};
  shared_.rate_per_allocation = turn.rate_per_allocation;
  shared_.alternates = endpoints(turn.alternate_servers);
  shared_.has_software = turn.software;
  shared_.ask = [this](std::size_t worker, std::vector<AllocationWish> wishes) {
    asio::post(context_.shards.control().executor(),
               [this, worker, wishes = std::move(wishes)]() mutable {
                 decide(worker, std::move(wishes));
               });
  };
  shared_.give_back = [this](std::string user, PerFamily<std::uint16_t> ports) {
    asio::post(context_.shards.control().executor(),
               [this, user = std::move(user), ports] { take_back(user, ports); });
  };
  for (std::size_t i = 0; i < turn.threads; ++i) {
    const std::size_t shard = context.first_shard + i;
    const TcpShard::Place place{i, turn.threads};
    workers_.push_back(std::make_unique<TurnWorker>(place, context.shards.at(shard), context.log,
                                                    counters_.of_shard(shard), shared_,
                                                    *access_.back()));
    shared_.tcp_shards.push_back(&workers_.back()->tcp());
    streams_.push_back(
        std::make_unique<Streams>(context.shards.at(shard), context.log, turn.connections_max));
  }
  bind_all();
}

TurnServer::~TurnServer() = default;

void TurnServer::bind_all() {
  const config::TurnSettings& turn = context_.settings.turn;
  for (const config::HostPort& address : turn.listen) listen(address, false);
  if (turn.tls_listen.empty()) return;
  certificate_.emplace(turn.tls_certificate, turn.tls_key, accept_protocols);
  for (const config::HostPort& address : turn.tls_listen) listen(address, true);
}

void TurnServer::listen(const config::HostPort& address, bool is_tls) {
  auto listener = std::make_unique<runtime::Listener>(context_.shards.control().executor(),
                                                      context_.log, address);
  const base::IpEndpoint bound = listener->bound();
  if (!is_tls) {
    for (const auto& worker : workers_) (void)worker->bind(bound);
  }
  (is_tls ? bound_.tls : bound_.plain).push_back(bound);
  context_.log.write(Severity::info, "turn_bound",
                     {{"address", (is_tls ? "turns:" : "turn:") + bound.text()}});
  listeners_.push_back({std::move(listener), is_tls});
}

std::vector<ExternalService> TurnServer::services() const {
  config::Settings told;
  told.public_address = context_.settings.public_address;
  told.turn.listen = context_.settings.turn.listen;
  told.turn.tls_listen = context_.settings.turn.tls_listen;
  for (std::size_t i = 0; i < bound_.plain.size(); ++i) {
    told.turn.listen[i].port = bound_.plain[i].port;
  }
  for (std::size_t i = 0; i < bound_.tls.size(); ++i) {
    told.turn.tls_listen[i].port = bound_.tls[i].port;
  }
  std::vector<base::IpAddress> reached;
  for (const auto& place : {places_->v4(), places_->v6()}) {
    if (place) reached.push_back(place->shown);
  }
  return offered_services(told, reached);
}

void TurnServer::start() {
  is_open_ = true;
  desk_.set_open(true);
  auto free_reserved = [this](base::TimePoint now) { desk_.expire(now); };
  auto& control = context_.shards.control();
  bool is_started = upkeep_.spawn(runtime::run_every(control.executor(), 1s, free_reserved));
  for (const StreamListener& from : listeners_) {
    auto on_accept = [this, &from](base::UniqueFd socket, const base::IpEndpoint& peer) {
      accept(std::move(socket), peer, from);
    };
    is_started = is_started && upkeep_.spawn(from.listener->accept_all(on_accept));
  }
  if (certificate_) {
    is_started = is_started && upkeep_.spawn(certificate_->watch(control.executor(), context_.log,
                                                                 kCertificateInterval));
  }
  BELLHOP_ASSERT(is_started);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    // A copy: the settings are the control shard's.
    auto begin = [this, i, timeout = context_.settings.turn.connection_timeout] {
      workers_[i]->start();
      auto close_idle = [this, i, timeout](base::TimePoint now) {
        for (TurnConnection* client : streams_[i]->open) {
          const bool is_busy = client->session != nullptr || client->is_data_connection();
          if (is_busy) client->note_busy(now);
          if (now - client->idle_since() >= timeout) client->close();
        }
      };
      runtime::Shard& shard = workers_[i]->shard().home;
      const bool is_sweeping =
          streams_[i]->upkeep.spawn(runtime::run_every(shard.executor(), 1s, close_idle));
      BELLHOP_ASSERT(is_sweeping);
    };
    asio::post(workers_[i]->shard().home.executor(), begin);
  }
}

void TurnServer::accept(base::UniqueFd socket, const base::IpEndpoint& peer,
                        const StreamListener& from) {
  if (connections_ >= context_.settings.turn.connections_max) {
    context_.log.write_limited(Severity::warn, "turn_connection_refused",
                               {{"peer", context_.log.shown_address(peer.text())}});
    return;
  }
  ++connections_;
  const std::size_t worker = turn_++ % workers_.size();
  const base::IpEndpoint local = net::bound_to(socket.value());
  AcceptedClient accepted{std::move(socket), peer, local,
                          from.is_tls ? certificate_->context() : nullptr};
  asio::post(workers_[worker]->shard().home.executor(),
             [this, worker, accepted = std::move(accepted)]() mutable {
               open(worker, std::move(accepted));
             });
}

// On the worker's shard, as serve().
void TurnServer::open(std::size_t worker, AcceptedClient accepted) {
  TurnWorker& home = *workers_[worker];
  home.shard().counters.add(TurnCounter::connections_accepted);
  home.shard().counters.add(TurnCounter::connections);
  auto connection =
      std::make_unique<TurnConnection>(home, streams_[worker]->clients, std::move(accepted));
  TurnConnection& client = *connection;
  streams_[worker]->open.insert(&client);
  const bool is_started = streams_[worker]->clients.spawn(serve(worker, std::move(connection)));
  BELLHOP_ASSERT(is_started);
}

Task<> TurnServer::serve(std::size_t worker, std::unique_ptr<TurnConnection> connection) {
  co_await connection->run();
  streams_[worker]->open.erase(connection.get());
  connection.reset();
  workers_[worker]->shard().counters.subtract(TurnCounter::connections);
  asio::post(context_.shards.control().executor(), [this] { --connections_; });
}

void TurnServer::decide(std::size_t worker, std::vector<AllocationWish> wishes) {
  std::vector<AllocationAnswer> answers;
  answers.reserve(wishes.size());
  const base::TimePoint now = base::Clock::now();
  const SystemTime wall = std::chrono::system_clock::now();
  for (const AllocationWish& wish : wishes) answers.push_back(desk_.decide(wish, now, wall));
  asio::post(workers_[worker]->shard().home.executor(),
             [this, worker, answers = std::move(answers)]() mutable {
               workers_[worker]->decide(std::move(answers));
             });
}

void TurnServer::take_back(const std::string& user, const PerFamily<std::uint16_t>& ports) {
  desk_.take_back(user, ports);
  allocation_ended_.set();
}

void TurnServer::set_open(bool is_open) {
  const bool is_closing = is_open_ && !is_open;
  is_open_ = is_open;
  desk_.set_open(is_open);
  if (is_closing && listen_) listen_(Change::closed);
}

void TurnServer::renew(bool has_new_credentials) {
  const config::TurnSettings& turn = context_.settings.turn;
  desk_.set_limits(turn.allocations_max, turn.allocations_per_user_max);
  if (!has_new_credentials) return;
  // Small, and as many as an operator makes by hand: kept, so that nobody has to ask who uses them.
  access_.push_back(std::make_unique<TurnAccess>(access_options(context_.settings), nonces_));
  for (const auto& worker : workers_) {
    asio::post(worker->shard().home.executor(),
               [worker = worker.get(), access = access_.back().get()] { worker->use(*access); });
  }
  if (listen_) listen_(Change::credentials);
}

Task<bool> TurnServer::emptied() {
  while (desk_.allocations() > 0 && !is_hurried_) co_await allocation_ended_.wait();
  co_return true;
}

void TurnServer::hurry() {
  is_hurried_ = true;
  allocation_ended_.set();
}

Task<> TurnServer::stop(base::Duration timeout) {
  set_open(false);
  (void)co_await runtime::with_deadline(emptied(), base::Deadline::after(timeout));
  for (const StreamListener& from : listeners_) from.listener->close();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    co_await asio::co_spawn(workers_[i]->shard().home.executor(), stop_worker(i), runtime::kAwait);
  }
  upkeep_.cancel();
  co_await upkeep_.join();
}

// On the worker's shard. Clients are not cancelled but closed: what reads waits for what writes.
Task<> TurnServer::stop_worker(std::size_t worker) {
  Streams& streams = *streams_[worker];
  streams.upkeep.cancel();
  co_await streams.upkeep.join();
  for (TurnConnection* client : streams.open) client->close();
  co_await streams.clients.join();
  co_await workers_[worker]->stop();
}

}  // namespace bellhop::turn

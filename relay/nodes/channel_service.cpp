#include "relay/nodes/channel_service.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "component/runtime/periodic.hpp"
#include "component/runtime/timeout.hpp"
#include "component/xmpp/random_id.hpp"
#include "relay/errors.hpp"

namespace bellhop::nodes {
namespace {

namespace errors = relay::errors;
using runtime::Task;
namespace asio = boost::asio;

// Far above what the ports allow, which decide.
constexpr std::size_t kSessionsMax = 65536;

// Something else may hold a port of the range; so many in a row it never holds.
constexpr int kBindAttempts = 8;

// A channel ends at the latest so long after it should.
constexpr std::chrono::milliseconds kSweep{250};

constexpr std::uint64_t kBitsPerByte = 8;
constexpr std::uint64_t kBitsPerKilobit = 1000;

}  // namespace

struct ChannelService::Worker {
  Worker(runtime::Shard& home, base::Log& log)
      : shard(home),
        poller(home.executor()),
        sessions(home.executor(), log, kSessionsMax),
        upkeep(home.executor(), log, 2) {}

  runtime::Shard& shard;
  runtime::Poller poller;
  DatagramBatch batch;
  base::UlidSource ids;
  std::vector<ChannelSession*> running;
  runtime::TaskGroup sessions;
  runtime::TaskGroup upkeep;  // the poller and the sweep of expired channels
};

ChannelService::ChannelService(Context context)
    : context_(std::move(context)), session_ended_(context_.shards.control().executor()) {
  for (std::size_t i = 0; i < context_.threads; ++i) {
    workers_.push_back(
        std::make_unique<Worker>(context_.shards.at(context_.first_shard + i), context_.log));
  }
}

ChannelService::~ChannelService() = default;

void ChannelService::start() {
  for (const auto& worker : workers_) {
    const bool is_started =
        worker->upkeep.spawn(sweep_expired(*worker)) && worker->upkeep.spawn(worker->poller.run());
    BELLHOP_ASSERT(is_started);
  }
}

Task<> ChannelService::sweep_expired(Worker& worker) {
  for (;;) {
    const bool goes_on = co_await runtime::sleep_for(worker.shard.executor(), kSweep);
    if (!goes_on) co_return;
    const base::TimePoint now = base::Clock::now();
    // Ending wakes run(), which leaves the list later, not within this loop.
    for (ChannelSession* session : worker.running) session->end_if_expired(now);
  }
}

std::optional<std::uint16_t> ChannelService::take_port_pair() {
  const base::TimePoint now = base::Clock::now();
  const auto pair = context_.ports.take_pair(now);
  if (!pair) return std::nullopt;
  const auto above = context_.ports.take_reserved(pair->token, now);
  BELLHOP_ASSERT(above);
  return pair->port;
}

void ChannelService::give_back(std::uint16_t even_port) {
  context_.ports.give_back(even_port);
  context_.ports.give_back(static_cast<std::uint16_t>(even_port + 1));
}

bool ChannelService::bind_side(Sockets& sockets, Side side, std::uint16_t port) const {
  for (const Part part : {Part::rtp, Part::rtcp}) {
    const auto number = static_cast<std::uint16_t>(port + static_cast<std::uint16_t>(part));
    auto& socket = sockets[ChannelPort{side, part}.index()];
    socket = bind_datagram_socket({context_.relay_address, number});
    if (!socket) return false;
  }
  return true;
}

// JRN-04: an even port and the one above it for each side.
base::Result<ChannelService::Ports> ChannelService::take_ports(Sockets& sockets) {
  Ports ports{};
  std::vector<std::uint16_t> held;  // by something else on this machine
  std::optional<base::Error> error;
  for (const Side side : {Side::requester, Side::other}) {
    auto& port = ports[static_cast<std::size_t>(side)];
    for (int attempt = 0; attempt < kBindAttempts && port == 0 && !error; ++attempt) {
      const auto taken = take_port_pair();
      if (!taken) {
        error = base::Error(errors::no_ports);
      } else if (bind_side(sockets, side, *taken)) {
        port = *taken;
      } else {
        held.push_back(*taken);
        if (errno != EADDRINUSE) error = base::Error(errors::channel_failed, "socket refused");
      }
    }
    if (port == 0 && !error) error = base::Error(errors::no_ports, "ports are held by others");
  }
  if (error) {
    sockets = {};
    for (const std::uint16_t port : ports) {
      if (port != 0) held.push_back(port);
    }
  }
  for (const std::uint16_t port : held) give_back(port);
  if (error) return *error;
  return ports;
}

bool ChannelService::has_room(std::string_view user) const {
  const auto found = by_user_.find(std::string(user));
  return found == by_user_.end() || found->second < context_.settings.relay_channels_per_user_max;
}

ChannelOffer ChannelService::offer_of(const Ports& ports) const {
  const auto expire = std::chrono::floor<std::chrono::seconds>(context_.settings.channel_timeout);
  return {xmpp::random_id(),
          context_.public_host,
          ports[0],
          ports[1],
          expire,
          context_.settings.channel_max_kbps};
}

Task<base::Result<ChannelOffer>> ChannelService::open(ChannelRequest request) {
  if (!context_.is_open) co_return base::Error(errors::relay_closed);
  const std::string user(request.requester.bare());
  // JRN-06
  if (!has_room(user)) co_return base::Error(errors::channels_of_jid);
  auto granted = context_.admission.acquire(request.requester, base::Clock::now());
  if (!granted) co_return granted.error();
  Sockets sockets;
  const auto ports = take_ports(sockets);
  if (!ports) {
    context_.admission.release(request.requester);
    co_return ports.error();
  }
  ++running_;
  ++by_user_[user];
  ChannelOffer offer = offer_of(*ports);
  RelayChannel::Options options{.expire = offer.expire,
                                .bytes_per_second = offer.maxkbps * kBitsPerKilobit / kBitsPerByte};
  ChannelStart start{offer.id,           request.requester, request.parent_domain,
                     std::move(sockets), options,           std::move(*granted)};
  const bool is_started = co_await start_session(std::move(start), *ports);
  if (!is_started) {
    on_ended(*ports, request.requester);
    co_return base::Error(errors::channel_failed, "no room for a session");
  }
  co_return offer;
}

Task<bool> ChannelService::start_session(ChannelStart start, Ports ports) {
  const std::size_t home = turn_++ % workers_.size();
  const std::size_t shard = context_.first_shard + home;
  auto start_there = [this, home, shard, ports, moved = std::move(start)]() mutable {
    Worker& worker = *workers_[home];
    const ChannelSession::Context context{worker.shard.executor(),
                                          context_.log,
                                          worker.poller,
                                          worker.batch,
                                          context_.peers,
                                          worker.shard.sessions(),
                                          worker.running,
                                          worker.ids,
                                          context_.counters.events.of_shard(shard),
                                          context_.counters.ends.of_shard(shard)};
    xmpp::Jid user = moved.requester;
    auto session = std::make_unique<ChannelSession>(context, std::move(moved));
    return worker.sessions.spawn(run_session(std::move(session), ports, std::move(user)));
  };
  if (shard == context_.shards.control().index()) co_return start_there();
  co_return co_await runtime::hop(context_.shards.at(shard), std::move(start_there));
}

// On the session's shard; the account is kept on the control shard.
Task<> ChannelService::run_session(std::unique_ptr<ChannelSession> session, Ports ports,
                                   xmpp::Jid requester) {
  co_await session->run();
  session.reset();  // its sockets are closed before their ports are given back
  asio::post(context_.shards.control().executor(),
             [this, ports, user = std::move(requester)] { on_ended(ports, user); });
}

void ChannelService::on_ended(const Ports& ports, const xmpp::Jid& requester) {
  --running_;
  const auto account = by_user_.find(std::string(requester.bare()));
  if (--account->second == 0) by_user_.erase(account);
  for (const std::uint16_t port : ports) give_back(port);
  context_.admission.release(requester);
  session_ended_.set();
}

Task<bool> ChannelService::emptied() {
  while (running_ > 0) co_await session_ended_.wait();
  co_return true;
}

Task<bool> ChannelService::emptied_or_hurried() {
  while (running_ > 0 && !is_hurried_) co_await session_ended_.wait();
  co_return true;
}

void ChannelService::hurry() {
  is_hurried_ = true;
  session_ended_.set();
}

Task<std::size_t> ChannelService::stop(base::Duration timeout) {
  (void)co_await runtime::with_deadline(emptied_or_hurried(), base::Deadline::after(timeout));
  const std::size_t dropped = running_;
  for (const auto& worker : workers_) {
    // Not those of the shard's list: others may have sessions there.
    auto end_all = [running = &worker->running] {
      for (ChannelSession* session : *running) session->end(runtime::EndReason::shutdown);
      return true;
    };
    co_await runtime::hop(worker->shard, end_all);
  }
  co_await emptied();
  for (const auto& worker : workers_) {
    auto stop_worker = [](Worker& self) -> Task<bool> {
      co_await self.sessions.join();  // which need the poller
      self.upkeep.cancel();
      co_await self.upkeep.join();
      co_return true;
    };
    co_await asio::co_spawn(worker->shard.executor(), stop_worker(*worker), runtime::kAwait);
  }
  co_return dropped;
}

}  // namespace bellhop::nodes

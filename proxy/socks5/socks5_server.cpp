#include "proxy/socks5/socks5_server.hpp"

#include <algorithm>

#include "component/runtime/periodic.hpp"
#include "proxy/errors.hpp"

namespace bellhop::socks5 {

using proxy::ProxyCounter;
using runtime::Task;

Socks5Server::Socks5Server(runtime::Executor executor, base::Log& log,
                           proxy::ProxyCounters& counters, const config::ProxySettings& settings,
                           proxy::PendingConnections& pending, bytestream::BytestreamTable& table,
                           bytestream::PairingWaits& waits, const bytestream::Relay& relay)
    : executor_(executor),
      log_(log),
      counters_(counters),
      settings_(settings),
      pending_(pending),
      table_(table),
      relay_(relay),
      handshaking_{log, counters, pending, table, waits},
      poller_(executor),
      loops_(executor, log, settings.listen.size() + 2) {
  for (const config::HostPort& address : settings.listen) {
    listeners_.push_back(std::make_unique<runtime::Listener>(executor, log, address));
    bound_.push_back(listeners_.back()->bound());
    log.write(base::Severity::info, "listener_bound", {{"address", bound_.back().text()}});
  }
}

void Socks5Server::start() {
  bool is_started = true;
  for (const auto& listener : listeners_) {
    auto accept = [this](base::UniqueFd socket, const base::IpEndpoint& peer) {
      on_accept(std::move(socket), peer);
    };
    is_started = is_started && loops_.spawn(listener->accept_all(accept));
  }
  // One sweep for all deadlines of what is not activated: a timer each would cost more than the
  // connection itself. A deadline is met at the latest this much after it has passed.
  const auto shortest = std::min(settings_.handshake_timeout, settings_.activation_timeout);
  const auto interval = std::clamp<base::Duration>(shortest / 8, std::chrono::milliseconds(10),
                                                   std::chrono::milliseconds(250));
  auto sweep_at = [this](base::TimePoint now) { sweep(now); };
  is_started = is_started && loops_.spawn(runtime::run_every(executor_, interval, sweep_at)) &&
               loops_.spawn(poller_.run());
  BELLHOP_ASSERT(is_started);
}

Task<> Socks5Server::stop() {
  for (const auto& listener : listeners_) listener->close();
  loops_.cancel();
  pending_.close_all();
  (void)table_.drop_all();
  co_await loops_.join();
}

void Socks5Server::on_accept(base::UniqueFd socket, const base::IpEndpoint& peer) {
  auto& events = counters_.events.of_shard(0);
  events.add(ProxyCounter::connections_accepted);
  auto ticket = pending_.admit(peer.address, std::uint64_t{2} * relay_.running());
  if (!ticket) {  // closed by going out of scope
    counters_.count_refusal(ticket.error().kind());
    log_.write_limited(
        base::Severity::warn, "connection_refused",
        {{"peer", log_.shown_address(peer.text())}, {"reason", ticket.error().kind().name}});
    return;
  }
  auto session = std::make_unique<Socks5Session>(
      handshaking_, poller_, std::move(socket), peer, std::move(*ticket),
      [this](const Socks5Session& done) { sessions_.erase(&done); });
  if (!session->start()) return;
  const Socks5Session* key = session.get();
  sessions_.emplace(key, std::move(session));
}

void Socks5Server::sweep(base::TimePoint now) {
  pending_.expire(now);
  report_expired(table_.expire(now));
  auto& events = counters_.events.of_shard(0);
  events.set(ProxyCounter::connections_pending, pending_.count());
  events.set(ProxyCounter::connections_evicted, pending_.evicted());
  memory_.note(pending_.count() + std::size_t{2} * relay_.running());
}

void Socks5Server::report_expired(
    const std::vector<bytestream::BytestreamTable::Expired>& expired) {
  for (const auto& entry : expired) {
    counters_.count_refusal(proxy::errors::activation_timeout);
    log_.write_limited(
        base::Severity::info, "activation_timeout",
        {{"bytestream", entry.dst_addr.short_text()}, {"connections", entry.connections.size()}});
  }
}

}  // namespace bellhop::socks5

#include "proxy/bytestream/relay.hpp"

#include <algorithm>

#include "component/runtime/periodic.hpp"
#include "component/runtime/timeout.hpp"
#include "proxy/errors.hpp"

namespace bellhop::bytestream {
namespace {

using runtime::Task;
namespace asio = boost::asio;

// An unprivileged user may own 16,384 pages of pipe: 64 MiB, shared by all shards (pipe(7)).
constexpr std::size_t kPipeBytesMax = 64 * 1024 * 1024;

// Far above what the policy grants, which decides.
constexpr std::size_t kSessionsMax = 5'000'000;

runtime::PipePool::Options pipe_options(std::size_t shards) {
  runtime::PipePool::Options options;
  options.kept_max = std::max<std::size_t>(4, kPipeBytesMax / options.pipe_bytes / 2 / shards);
  return options;
}

}  // namespace

struct Relay::Worker {
  Worker(runtime::Shard& home, base::Log& log, base::Duration idle, std::size_t shards)
      : shard(home),
        poller(home.executor()),
        pipes(pipe_options(shards)),
        idle_timeout(idle),
        sessions(home.executor(), log, kSessionsMax),
        upkeep(home.executor(), log, 2) {}

  runtime::Shard& shard;
  runtime::Poller poller;
  runtime::PipePool pipes;
  base::UlidSource ids;
  base::Duration idle_timeout;
  runtime::TaskGroup sessions;
  runtime::TaskGroup upkeep;  // the poller and the sweep of idle sessions
};

Relay::Relay(runtime::ShardSet& shards, std::size_t workers, base::Log& log,
             proxy::ProxyCounters& counters, const config::ProxySettings& settings,
             BytestreamTable& table, policy::Admission& admission)
    : shards_(shards),
      log_(log),
      counters_(counters),
      settings_(settings),
      table_(table),
      admission_(admission),
      session_ended_(shards.control().executor()) {
  for (std::size_t i = 0; i < workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(shards.at(i), log, settings.idle_timeout, workers));
  }
}

Relay::~Relay() = default;

void Relay::start() {
  for (const auto& worker : workers_) {
    const bool is_started =
        worker->upkeep.spawn(sweep_idle(*worker)) && worker->upkeep.spawn(worker->poller.run());
    BELLHOP_ASSERT(is_started);
  }
}

Task<> Relay::sweep_idle(Worker& worker) {
  for (;;) {
    // An eighth of the time-out: a session ends at the latest an eighth after it should.
    const auto interval = std::clamp<base::Duration>(
        worker.idle_timeout / 8, std::chrono::milliseconds(20), std::chrono::seconds(15));
    const bool goes_on = co_await runtime::sleep_for(worker.shard.executor(), interval);
    if (!goes_on) co_return;
    worker.shard.sessions().end_idle(base::Clock::now(), worker.idle_timeout);
  }
}

Task<> Relay::renew() {
  for (const auto& worker : workers_) {
    auto take_over = [worker = worker.get(), timeout = settings_.idle_timeout] {
      worker->idle_timeout = timeout;
      return true;
    };
    co_await runtime::hop(worker->shard, take_over);
  }
}

Task<base::Result<void>> Relay::relay(Activation activation) {
  const std::size_t home = turn_++ % workers_.size();
  ++running_;
  const DstAddr dst_addr = activation.dst_addr;
  const xmpp::Jid requester = activation.requester;
  auto start_session = [this, home, moved = std::move(activation)]() mutable {
    Worker& worker = *workers_[home];
    const BytestreamSession::Context context{worker.shard.executor(),
                                             log_,
                                             worker.poller,
                                             worker.pipes,
                                             worker.shard.sessions(),
                                             worker.ids,
                                             counters_.events.of_shard(home),
                                             counters_.session_ends.of_shard(home)};
    const DstAddr name = moved.dst_addr;
    xmpp::Jid user = moved.requester;
    auto session = std::make_unique<BytestreamSession>(context, std::move(moved));
    return worker.sessions.spawn(run_session(std::move(session), name, std::move(user)));
  };
  bool is_started = false;
  if (home == shards_.control().index()) {
    is_started = start_session();
  } else {
    is_started = co_await runtime::hop(shards_.at(home), std::move(start_session));
  }
  if (is_started) co_return base::Result<void>();
  on_ended(dst_addr, requester);
  co_return base::Error(proxy::errors::relay_failed);
}

// On the session's shard; the account is kept on the control shard.
Task<> Relay::run_session(std::unique_ptr<BytestreamSession> session, DstAddr dst_addr,
                          xmpp::Jid requester) {
  co_await session->run();
  session.reset();
  asio::post(shards_.control().executor(),
             [this, dst_addr, user = std::move(requester)] { on_ended(dst_addr, user); });
}

void Relay::on_ended(const DstAddr& dst_addr, const xmpp::Jid& requester) {
  --running_;
  admission_.release(requester);
  table_.finish(dst_addr);
  session_ended_.set();
}

Task<bool> Relay::emptied() {
  while (running_ > 0) co_await session_ended_.wait();
  co_return true;
}

Task<bool> Relay::emptied_or_hurried() {
  while (running_ > 0 && !is_hurried_) co_await session_ended_.wait();
  co_return true;
}

void Relay::hurry() {
  is_hurried_ = true;
  session_ended_.set();
}

Task<std::size_t> Relay::stop(base::Duration timeout) {
  (void)co_await runtime::with_deadline(emptied_or_hurried(), base::Deadline::after(timeout));
  const std::size_t dropped = running_;
  if (dropped > 0) {
    for (const auto& worker : workers_) {
      auto end_all = [sessions = &worker->shard.sessions()] {
        sessions->end_all(runtime::EndReason::shutdown);
        return true;
      };
      co_await runtime::hop(worker->shard, end_all);
    }
    co_await emptied();
  }
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

}  // namespace bellhop::bytestream

#include "api/control.hpp"

#include "config/reload.hpp"

namespace bellhop::api {

using runtime::EndReason;
using runtime::LimitScope;
using runtime::Session;
using runtime::Task;

namespace {

// What one shard does with a new policy: who may not any more is ended, the others get their
// limits.
struct PolicyChange {
  policy::PolicyPtr policy;
  policy::Admission::LimitsByJid limits;
  base::TimePoint now = base::Clock::now();
  policy::SystemTime time = std::chrono::system_clock::now();

  // Whether the session goes on.
  [[nodiscard]] bool apply(Session& session) const {
    const std::string bare(session.requester());
    if (!policy->access(bare, session.parent_domain(), time).is_allowed) {
      session.end(EndReason::policy);
      return false;
    }
    const auto row = limits.find(bare);
    if (row == limits.end()) return true;  // just ending
    runtime::SessionLimits wanted = row->second;
    wanted.of(LimitScope::session) = own_bucket(session);
    session.set_limits(std::move(wanted));
    session.note_progress();  // its own limit may be another one
    return true;
  }

  [[nodiscard]] std::shared_ptr<base::TokenBucket> own_bucket(const Session& session) const {
    auto bucket = session.limits().of(LimitScope::session);
    if (session.is_limited_alone()) return bucket;
    const policy::RateLimit* each = policy->rate({policy::Subject::Type::each_session, {}});
    if (each == nullptr) return nullptr;
    if (bucket && bucket->rate() == each->bytes_per_second) return bucket;
    return std::make_shared<base::TokenBucket>(each->bytes_per_second, now);
  }
};

// Runs `visit` for every session of every shard and adds up what it returns.
template <typename Visit>
Task<std::uint64_t> sum_over_sessions(runtime::ShardSet& shards, Visit visit) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    auto visit_all = [&shard = shards.at(i), visit]() -> std::uint64_t {
      std::uint64_t count = 0;
      shard.sessions().for_each([&](Session& session) { count += visit(session) ? 1U : 0U; });
      return count;
    };
    sum += co_await runtime::hop(shards.at(i), std::move(visit_all));
  }
  co_return sum;
}

}  // namespace

Task<std::uint64_t> Control::apply(policy::PolicyPtr policy) {
  parts_.admission.apply(policy, base::Clock::now());
  if (parts_.files != nullptr) parts_.files->store().set_policy(policy);
  auto change = std::make_shared<const PolicyChange>(
      PolicyChange{std::move(policy), parts_.admission.limits_of_running()});
  auto has_ended = [change](Session& session) { return !change->apply(session); };
  co_return co_await sum_over_sessions(parts_.shards, std::move(has_ended));
}

Task<std::uint64_t> Control::set_exhausted(std::shared_ptr<const policy::Exhausted> subjects) {
  parts_.admission.set_exhausted(subjects);
  if (subjects->empty()) co_return 0;
  auto end_if_exhausted = [subjects](Session& session) {
    const std::string_view bare = session.requester();
    const bool is_over =
        subjects->contains(policy::Subject::of_jid(bare).text()) ||
        subjects->contains(policy::Subject::of_domain(policy::domain_of(bare)).text()) ||
        subjects->contains(policy::Subject{}.text());
    if (is_over) session.end(EndReason::quota);
    return is_over;
  };
  co_return co_await sum_over_sessions(parts_.shards, std::move(end_if_exhausted));
}

Task<> Control::apply(config::Settings live) {
  // Section by section: components refer to their elements of settings.components.
  parts_.settings.proxy = std::move(live.proxy);
  parts_.settings.access = std::move(live.access);
  parts_.settings.quota = live.quota;
  parts_.settings.log = std::move(live.log);
  parts_.settings.runtime = live.runtime;
  if (parts_.turn != nullptr) {
    const bool has_new = config::has_new_credentials(parts_.settings.turn, live.turn);
    parts_.settings.turn = std::move(live.turn);
    parts_.turn->renew(has_new);
  }
  const config::ProxySettings& proxy = parts_.settings.proxy;
  parts_.pending.set_limits({.per_address_max = proxy.pending_per_address_max,
                             .total_max = proxy.connections_max,
                             .handshake_timeout = proxy.handshake_timeout});
  parts_.table.set_timeout(proxy.activation_timeout);
  co_await parts_.relay.renew();
}

Task<base::Result<void>> Control::start_own(bytestream::DstAddr dst_addr) {
  const xmpp::Component& component = *parts_.components.front();
  bytestream::ProxyService::Start wanted{dst_addr, component.jid(), component.jid(),
                                         component.settings().parent_domain};
  co_return co_await parts_.proxy.start(std::move(wanted));
}

Task<std::uint64_t> Control::end_all() {
  auto end = [](Session& session) {
    session.end(EndReason::shutdown);
    return true;
  };
  co_return co_await sum_over_sessions(parts_.shards, end);
}

std::vector<UpstreamStatus> Control::upstreams() const {
  std::vector<UpstreamStatus> rows;
  for (xmpp::Component* component : parts_.components) {
    const config::ComponentSettings& settings = component->settings();
    rows.push_back({component->jid().text(),
                    settings.server.host + ":" + std::to_string(settings.server.port), settings.tls,
                    component->stream().status()});
  }
  return rows;
}

bool Control::reconnect(const std::string& jid) {
  for (xmpp::Component* component : parts_.components) {
    if (component->jid().text() != jid) continue;
    component->stream().reconnect();
    return true;
  }
  return false;
}

NodeStatus Control::node() const {
  NodeStatus node;
  node.is_open = parts_.proxy.is_open;
  node.pending_connections = parts_.pending.count();
  node.sessions = parts_.admission.running();
  for (const base::IpEndpoint& address : parts_.socks5.bound()) {
    node.listen.push_back(address.text());
  }
  for (const bytestream::Streamhost& host : parts_.proxy.streamhosts) {
    node.streamhosts.push_back(host.host + ":" + std::to_string(host.port));
  }
  node.turn = turn();
  return node;
}

std::optional<TurnStatus> Control::turn() const {
  if (parts_.turn == nullptr) return std::nullopt;
  return read_turn_status(*parts_.turn, parts_.channels, parts_.settings);
}

}  // namespace bellhop::api

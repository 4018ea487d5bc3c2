#include "api/web/metrics.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "api/process_stats.hpp"
#include "api/web/metric_help.hpp"

namespace bellhop::web {
namespace {

using admin::Core;
using observe::Group;
using runtime::Task;

double seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void write_node(OpenMetricsWriter& w, const Core& core) {
  w.info("bellhop_build", "The program.", {{"version", BELLHOP_VERSION}});
  w.gauge("bellhop_start_time_seconds", "seconds", "When Bellhop was started, since 1970.")
      .sample({}, seconds_of(core.started));
  auto state = w.gauge("bellhop_node_state", "", "1 for what the process is doing.");
  const std::array states{std::pair("serving", admin::NodeState::serving),
                          std::pair("draining", admin::NodeState::draining),
                          std::pair("stopping", admin::NodeState::stopping)};
  for (const auto& [name, value] : states) {
    state.sample({{"state", name}}, core.node_state == value ? 1 : 0);
  }
}

void write_traffic(OpenMetricsWriter& w, const observe::Observer& observer) {
  auto relayed = w.counter("bellhop_relay_bytes_total", "bytes", "Bytes delivered, live.");
  for (const auto& [kind, group] : observer.kinds()) relayed.sample({{"kind", kind}}, group.bytes);
  auto dropped = w.counter("bellhop_relay_dropped_bytes_total", "bytes",
                           "Bytes taken from one party and not delivered to the other.");
  for (const auto& [kind, group] : observer.kinds()) {
    dropped.sample({{"kind", kind}}, group.dropped);
  }
}

// The domains that moved most, and the sum of the others: users choose how many there are.
constexpr std::size_t kDomainsShown = 200;

void write_domains(OpenMetricsWriter& w, const observe::Observer& observer) {
  using Row = std::pair<std::string, std::uint64_t>;
  std::vector<Row> rows(observer.bytes_by_domain_and_kind().begin(),
                        observer.bytes_by_domain_and_kind().end());
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.second > b.second; });
  std::map<std::pair<std::string, std::string>, std::uint64_t> shown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto nul = rows[i].first.find('\0');
    const std::string domain =
        i < kDomainsShown ? rows[i].first.substr(0, nul) : std::string(observe::kOtherName);
    shown[{domain, rows[i].first.substr(nul + 1)}] += rows[i].second;
  }
  auto family = w.counter("bellhop_domain_bytes_total", "bytes",
                          "Bytes delivered for the users of a domain, live.");
  for (const auto& [key, bytes] : shown) {
    family.sample({{"domain", key.first}, {"kind", key.second}}, bytes);
  }
}

void write_sessions(OpenMetricsWriter& w, const observe::Observer& observer) {
  auto running = w.gauge("bellhop_sessions", "", "Sessions running.");
  for (const auto& [kind, group] : observer.kinds())
    running.sample({{"kind", kind}}, group.sessions);
  auto started = w.counter("bellhop_sessions_total", "", "Sessions that began.");
  for (const auto& [kind, row] : observer.kind_totals()) {
    started.sample({{"kind", kind}}, row.started);
  }
  auto ended = w.counter("bellhop_session_ends_total", "", "Sessions that ended, by reason.");
  for (const auto& [kind, row] : observer.kind_totals()) {
    for (const auto& [reason, count] : row.ended) {
      ended.sample({{"kind", kind}, {"reason", runtime::to_text(reason)}}, count);
    }
  }
  auto durations =
      w.histogram("bellhop_session_duration_seconds", "seconds", "How long sessions lasted.");
  for (const auto& [kind, row] : observer.kind_totals()) {
    if (row.duration_buckets.empty()) continue;
    durations.sample({{"kind", kind}},
                     {observe::kDurationBounds, row.duration_buckets, row.duration_sum});
  }
  auto sizes = w.histogram("bellhop_session_bytes", "bytes", "What sessions moved.");
  for (const auto& [kind, row] : observer.kind_totals()) {
    if (row.bytes_buckets.empty()) continue;
    sizes.sample({{"kind", kind}},
                 {observe::kBytesBounds, row.bytes_buckets, static_cast<double>(row.bytes_sum)});
  }
}

// Counters of the folders under their own names; rows of one metric stand together.
void write_registry(OpenMetricsWriter& w, const base::CounterRegistry& registry) {
  // These are told above, exact as of the scrape and by kind.
  constexpr std::array<std::string_view, 10> kElsewhere{
      "bellhop_proxy_relayed_bytes_total",         "bellhop_proxy_dropped_bytes_total",
      "bellhop_proxy_sessions_activated_total",    "bellhop_proxy_sessions_active",
      "bellhop_proxy_sessions_ended_total",        "bellhop_relay_relayed_bytes_total",
      "bellhop_relay_dropped_bytes_total",         "bellhop_relay_channel_relayed_bytes_total",
      "bellhop_relay_channel_dropped_bytes_total", "bellhop_relay_channels_ended_total"};
  std::string_view current;
  std::optional<OpenMetricsWriter::Family> family;
  for (const auto& reading : registry.read()) {
    const std::string_view name = reading.name.metric;
    if (std::find(kElsewhere.begin(), kElsewhere.end(), name) != kElsewhere.end()) continue;
    if (name != current) {
      const std::string_view unit = name.ends_with("_bytes_total") ? "bytes" : "";
      family.emplace(name.ends_with("_total") ? w.counter(name, unit, help_of(name))
                                              : w.gauge(name, unit, help_of(name)));
      current = name;
    }
    if (reading.name.reason.empty()) {
      family->sample({}, reading.value);
    } else {
      family->sample({{"reason", reading.name.reason}}, reading.value);
    }
  }
}

void write_admin(OpenMetricsWriter& w, const Core& core, std::size_t admin_connections) {
  auto calls = w.counter("bellhop_admin_requests_total", "", "Calls to the admin API.");
  for (const auto& [key, count] : core.calls) {
    calls.sample({{"service", key.first}, {"result", key.second}}, count);
  }
  w.gauge("bellhop_admin_watchers", "", "Watches open.").sample({}, core.watches);
  w.counter("bellhop_admin_watch_lost_total", "", "Messages that slow watchers missed.")
      .sample({}, core.watch_messages_lost);
  w.gauge("bellhop_admin_connections", "", "Connections to the admin sockets.")
      .sample({}, admin_connections);
  w.counter("bellhop_storage_failures_total", "", "Writes to the state folder that failed.")
      .sample({}, core.storage_failures);
  w.gauge("bellhop_quota_exhausted_subjects", "", "Users and domains that have used up a quota.")
      .sample({}, core.observer.exhausted().size());
  w.gauge("bellhop_connections_limit", "", "proxy.connections_max.")
      .sample({}, core.parts.settings.proxy.connections_max);
}

void write_storage(OpenMetricsWriter& w, const files::FileStore& store,
                   const files::StorageReport& report) {
  const auto bytes = [&w](const char* name, const char* help, std::uint64_t value) {
    w.gauge(name, "bytes", help).sample({}, value);
  };
  bytes("bellhop_files_taken_bytes", "Room taken: stored files, and those of granted slots.",
        report.taken.bytes);
  bytes("bellhop_files_expected_bytes", "The part of it that is not stored yet.",
        report.expected.bytes);
  bytes("bellhop_files_disk_free_bytes", "What the disk has free.", report.free_bytes);
  bytes("bellhop_files_disk_reserve_bytes", "Slots are refused before less would be free.",
        store.settings().free_bytes_min);
  w.gauge("bellhop_files_taken", "", "Files: stored, and with a granted slot.")
      .sample({}, report.taken.files);
  w.gauge("bellhop_files_expected", "", "Granted slots whose file is not stored yet.")
      .sample({}, report.expected.files);
  w.gauge("bellhop_files_owners", "", "Users who have files.").sample({}, report.owners);
}

void write_turn(OpenMetricsWriter& w, const api::TurnStatus& turn) {
  w.gauge("bellhop_relay_open", "", "1 while new allocations and channels are made.")
      .sample({}, turn.is_open ? 1 : 0);
  w.gauge("bellhop_relay_allocations_limit", "", "turn.allocations_max.")
      .sample({}, turn.allocations_max);
  // No address is a label: of each family there is one.
  const auto family_of = [](const api::TurnStatus::Relay& relay) {
    return relay.shown.is_v4() ? "ipv4" : "ipv6";
  };
  auto ports = w.gauge("bellhop_relay_ports", "", "Ports that may be lent, used or not.");
  for (const auto& relay : turn.relays) ports.sample({{"family", family_of(relay)}}, turn.ports);
  auto free = w.gauge("bellhop_relay_ports_free", "", "Those of them that nobody has.");
  for (const auto& relay : turn.relays) {
    free.sample({{"family", family_of(relay)}}, relay.free_ports);
  }
}

void write_process(OpenMetricsWriter& w, const Core& core) {
  const api::ProcessStats process = api::read_process_stats();
  w.gauge("process_resident_memory_bytes", "bytes", "Memory in use.")
      .sample({}, process.resident_bytes);
  w.gauge("process_open_fds", "", "Open descriptors.").sample({}, process.open_descriptors);
  w.gauge("process_max_fds", "", "Most descriptors allowed.").sample({}, process.descriptor_limit);
  w.counter("process_cpu_seconds_total", "seconds", "User and system time.")
      .sample({}, process.cpu_seconds);
  w.gauge("process_start_time_seconds", "seconds", "When the process was started, since 1970.")
      .sample({}, seconds_of(core.started));
}

// What each shard takes to get to a new task: how busy it is.
Task<std::vector<double>> loop_lags(Core& core) {
  std::vector<double> lags;
  for (std::size_t i = 0; i < core.parts.shards.size(); ++i) {
    const base::TimePoint asked = base::Clock::now();
    auto arrive = [asked] {
      return std::chrono::duration<double>(base::Clock::now() - asked).count();
    };
    lags.push_back(co_await runtime::hop(core.parts.shards.at(i), arrive));
  }
  co_return lags;
}

}  // namespace

Task<std::string> scrape(Core& core, ExpositionFormat format, std::size_t admin_connections) {
  const base::TimePoint began = base::Clock::now();
  co_await core.refresh();
  const auto lags = co_await loop_lags(core);
  auto ask = [&control = core.parts.control] { return control.upstreams(); };
  const auto upstreams = co_await core.on_control(ask);
  OpenMetricsWriter w(OpenMetricsWriter::kSeriesMax, format);
  write_node(w, core);
  write_traffic(w, core.observer);
  write_sessions(w, core.observer);
  auto attached = w.gauge("bellhop_upstream_attached", "", "Whether a component is attached.");
  for (const auto& upstream : upstreams) {
    const bool is_attached = upstream.status.state == xmpp::Stream::Status::State::attached;
    attached.sample({{"upstream", upstream.jid}}, is_attached ? 1 : 0);
  }
  write_registry(w, core.parts.registry);
  if (files::FileStore* store = core.files()) {
    const files::StorageReport report = co_await store->report(0);
    write_storage(w, *store, report);
  }
  auto ask_turn = [&control = core.parts.control] { return control.turn(); };
  if (const auto turn = co_await core.on_control(ask_turn)) write_turn(w, *turn);
  write_admin(w, core, admin_connections);
  write_process(w, core);
  auto lag = w.gauge("bellhop_loop_lag_seconds", "seconds", "How long a task waits for its shard.");
  for (std::size_t i = 0; i < lags.size(); ++i) {
    lag.sample({{"shard", std::to_string(i)}}, lags[i]);
  }
  const std::chrono::duration<double> took = base::Clock::now() - began;
  w.gauge("bellhop_scrape_duration_seconds", "seconds", "How long this scrape took to make.")
      .sample({}, took.count());
  write_domains(w, core.observer);
  co_return w.finish();
}

}  // namespace bellhop::web

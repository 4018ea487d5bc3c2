#include "api/admin/admin.hpp"

#include <sys/resource.h>

#include <future>
#include <optional>

#include "api/admin/accounting.hpp"
#include "api/admin/admin_listener.hpp"
#include "api/admin/callers.hpp"
#include "api/admin/dispatcher.hpp"
#include "api/admin/grpc_server.hpp"
#include "api/admin/services.hpp"
#include "api/admin/tokens.hpp"
#include "api/web/http_server.hpp"
#include "component/runtime/periodic.hpp"
#include "config/secret_file.hpp"

namespace bellhop::admin {
namespace {

using base::Severity;
using observe::Second;
using runtime::Task;

constexpr Second kUsageSaveSeconds = 10;
constexpr Second kPruneSeconds = 3600;
constexpr Second kUsageKeptDays = 400;
constexpr std::size_t kTasksMax = 1000;
constexpr std::size_t kTokenBytesMin = 16;
constexpr int kNice = 10;

// Watching must not slow what is watched: where all cores are busy, this thread comes after those
// that relay. Threads that it starts, such as gRPC's own, inherit that.
void yield_to_relaying() {
  (void)::setpriority(PRIO_PROCESS, 0, kNice);  // Linux: of the calling thread
}

}  // namespace

struct Admin::Parts {
  Parts(runtime::ShardSet& shards, api::Control& control, base::Log& log,
        const base::CounterRegistry& registry, const config::Settings& settings, Options options)
      : admin_shard(shards.size()),
        store_shard(shards.size() + 1),
        core({shards, admin_shard, store_shard, control, log, registry,
              std::move(options.load_options), settings, std::move(options.origins)}),
        services(core),
        dispatcher(core),
        accounting(core),
        tasks(admin_shard.executor(), log, kTasksMax) {
    add_methods(dispatcher, services);
    core.page_secret = make_page_secret();
  }

  void open_state();
  void restore();
  void start_feeds();
  void start_servers();
  [[nodiscard]] config::Secret http_token();
  void take(std::size_t shard, runtime::SessionBatch batch);
  [[nodiscard]] Task<> upkeep();
  [[nodiscard]] Task<> upkeep_once(Second now);
  [[nodiscard]] Task<> save_history(std::vector<observe::HistorySlot> slots);
  [[nodiscard]] Task<> save_usage();
  [[nodiscard]] Task<bool> stop();

  runtime::Shard admin_shard;
  runtime::Shard store_shard;
  Core core;
  Services services;
  Dispatcher dispatcher;
  Accounting accounting;
  Callers callers;
  runtime::TaskGroup tasks;
  std::unique_ptr<GrpcServer> grpc;
  std::unique_ptr<AdminListener> listener;
  std::unique_ptr<web::HttpServer> http;
  Second last_usage_save = 0;
  Second last_prune = 0;
  std::jthread admin_thread;
  std::jthread store_thread;
};

void Admin::Parts::open_state() {
  if (!core.is_store_wanted) return;
  try {
    core.state = std::make_unique<api::State>(core.parts.settings.monitoring);
    core.is_store_open = true;
  } catch (const std::exception& failure) {
    core.parts.log.write(Severity::error, "storage_unavailable", {{"reason", failure.what()}});
  }
}

// Before any thread runs, so the store may be read here.
void Admin::Parts::restore() {
  if (!core.state) return;
  const Second now = Core::now();
  if (const auto rows = core.state->policy.load()) {
    const std::size_t left_out = core.book.restore(*rows);
    if (left_out > 0) {
      core.parts.log.write(Severity::error, "policy_rows_unreadable", {{"rows", left_out}});
    }
  } else {
    core.note_storage_failure(rows.error());
  }
  const auto month = observe::month_of(observe::day_of(now));
  if (const auto rows = core.state->usage.load(month, observe::kUsageSubjectsMax)) {
    core.observer.ledger().restore(*rows, now);
  } else {
    core.note_storage_failure(rows.error());
  }
}

void Admin::Parts::start_feeds() {
  for (std::size_t i = 0; i < core.parts.shards.size(); ++i) {
    auto sink = [this, i](runtime::SessionBatch batch) {
      runtime::asio::post(admin_shard.executor(), [this, i, batch = std::move(batch)]() mutable {
        take(i, std::move(batch));
      });
    };
    core.feeds.push_back(std::make_unique<runtime::SessionFeed>(core.parts.shards.at(i),
                                                                kFeedInterval, std::move(sink)));
  }
}

void Admin::Parts::take(std::size_t shard, runtime::SessionBatch batch) {
  core.observer.take(shard, std::move(batch));
  if (core.observer.has_exhausted_changed()) (void)tasks.spawn(core.apply_exhausted());
}

config::Secret Admin::Parts::http_token() {
  const std::string& path = core.parts.settings.admin.http_token_file;
  if (path.empty()) return {};
  auto read = config::read_secret_file(path);
  if (auto* secret = std::get_if<config::Secret>(&read)) {
    if (secret->reveal().size() >= kTokenBytesMin) return std::move(*secret);
    core.parts.log.write(Severity::error, "admin_unavailable",
                         {{"address", path}, {"reason", "the token is too short"}});
    return {};
  }
  core.parts.log.write(Severity::error, "admin_unavailable",
                       {{"address", path}, {"reason", std::get<config::Refusal>(read).message}});
  return {};
}

void Admin::Parts::start_servers() {
  const config::AdminSettings& settings = core.parts.settings.admin;
  const bool has_grpc = !settings.socket.empty() || !settings.read_socket.empty() ||
                        !settings.listen.empty() || !settings.plaintext_listen.empty();
  if (has_grpc) {
    grpc = std::make_unique<GrpcServer>(core, dispatcher, services, callers);
    auto serve = [this](base::UniqueFd socket, bool is_tls) {
      grpc->serve(std::move(socket), is_tls);
    };
    listener = std::make_unique<AdminListener>(admin_shard.executor(), core.parts.log, settings,
                                               callers, serve);
    listener->start();
  }
  http = std::make_unique<web::HttpServer>(core, dispatcher, callers, http_token());
  http->start();
  services.node.set_page_url(http->url());
}

Task<> Admin::Parts::upkeep() {
  bool goes_on = true;
  while (goes_on) {
    co_await upkeep_once(Core::now());
    goes_on = co_await runtime::sleep_for(admin_shard.executor(), std::chrono::seconds(1));
  }
}

Task<> Admin::Parts::upkeep_once(Second now) {
  core.observer.tick(now);
  services.node.revert_log_level();
  co_await core.apply_exhausted();
  co_await services.policy.remove_expired();
  co_await save_history(core.observer.history().advance(now));
  if (now - last_usage_save >= kUsageSaveSeconds) {
    last_usage_save = now;
    co_await save_usage();
  }
  co_await accounting.save();
  if (now - last_prune < kPruneSeconds) co_return;
  last_prune = now;
  auto prune = [now](api::State& state) -> base::Result<void> {
    auto pruned = state.history.prune(now);
    if (!pruned) return pruned;
    return state.usage.prune(observe::day_of(now) - kUsageKeptDays);
  };
  (void)co_await core.on_store(prune);
}

Task<> Admin::Parts::save_history(std::vector<observe::HistorySlot> slots) {
  if (slots.empty()) co_return;
  auto add = [slots = std::move(slots)](api::State& state) { return state.history.add(slots); };
  (void)co_await core.on_store(std::move(add));
}

Task<> Admin::Parts::save_usage() {
  auto rows = core.observer.ledger().take_unsaved();
  if (rows.empty()) co_return;
  auto add = [rows = std::move(rows)](api::State& state) { return state.usage.add(rows); };
  (void)co_await core.on_store(std::move(add));
}

// On the admin thread, after the last session has ended and while the shards still run.
Task<bool> Admin::Parts::stop() {
  if (listener) listener->stop_accepting();
  co_await http->stop();
  if (grpc) co_await grpc->stop();
  if (listener) co_await listener->stop();
  tasks.cancel();
  co_await tasks.join();
  co_await core.refresh();
  co_await accounting.save();
  co_await save_usage();
  co_await save_history(core.observer.history().flush(Core::now()));
  auto close = [](api::State& state) -> base::Result<void> {
    if (state.accounting) (void)state.accounting->close();
    return state.database.sync();
  };
  (void)co_await core.on_store(close);
  co_return true;
}

Admin::Admin(runtime::ShardSet& shards, api::Control& control, base::Log& log,
             const base::CounterRegistry& registry, const config::Settings& settings,
             Options options)
    : parts_(
          std::make_unique<Parts>(shards, control, log, registry, settings, std::move(options))) {}

Admin::~Admin() = default;

void Admin::start() {
  Parts& p = *parts_;
  p.open_state();
  p.restore();
  p.start_feeds();
  auto start_servers = [&p] {
    yield_to_relaying();
    p.start_servers();
  };
  std::async(std::launch::async, start_servers).get();
  // Rules of the state folder are in force before the first session is let in.
  p.core.policy = p.core.book.make();
  p.core.observer.set_policy(p.core.policy, Core::now());
  (void)p.core.observer.take_exhausted_changed();
  auto& admission = p.core.parts.control.parts().admission;
  admission.apply(p.core.policy, base::Clock::now());
  admission.set_exhausted(std::make_shared<const policy::Exhausted>(p.core.observer.exhausted()));
  const bool is_started = p.tasks.spawn(p.upkeep());
  BELLHOP_ASSERT(is_started);
  auto run = [](runtime::Shard& shard) {
    yield_to_relaying();
    shard.run();
  };
  p.admin_thread = std::jthread(run, std::ref(p.admin_shard));
  p.store_thread = std::jthread(run, std::ref(p.store_shard));
}

void Admin::upstream_changed(api::UpstreamStatus status) {
  runtime::asio::post(
      parts_->admin_shard.executor(),
      [p = parts_.get(), status = std::move(status)] { p->services.events.publish(status); });
}

void Admin::reload() {
  runtime::asio::post(parts_->admin_shard.executor(), [p = parts_.get()] {
    auto run = [](Parts& parts) -> Task<> {
      Caller caller;
      caller.identity = "SIGHUP";
      caller.role = config::AdminRole::full;
      (void)co_await parts.services.config.reload(std::move(caller), v1::ReloadConfigRequest());
    };
    (void)p->tasks.spawn(run(*p));
  });
}

void Admin::note_stopping() {
  runtime::asio::post(parts_->admin_shard.executor(),
                      [p = parts_.get()] { p->services.node.note_stopping(); });
}

Task<> Admin::stop() {
  (void)co_await runtime::asio::co_spawn(parts_->admin_shard.executor(), parts_->stop(),
                                         runtime::kAwait);
  parts_->admin_shard.release();
  parts_->store_shard.release();
  parts_->admin_thread.join();
  parts_->store_thread.join();
}

std::string Admin::page_url() const {
  return parts_->http ? parts_->http->url() : std::string();
}

}  // namespace bellhop::admin

// What all services of the admin API share, on the admin thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/admin/call.hpp"
#include "api/admin/event_hub.hpp"
#include "api/admin/page_token.hpp"
#include "api/admin/policy_book.hpp"
#include "api/control.hpp"
#include "api/observe/observer.hpp"
#include "api/state.hpp"
#include "component/base/counters.hpp"
#include "component/runtime/session_feed.hpp"
#include "config/loader.hpp"

namespace bellhop::admin {

/// What the process is doing.
enum class NodeState : std::uint8_t { serving, draining, stopping };

/// The admin side's world: one thread with the picture of everything that runs, and three ways out
/// of it: to the control shard (on_control), to a shard's sessions (on_shard), to the disk
/// (on_store). Everything else here is plain data of the admin thread.
struct Core {
  /// All references outlive it. `registry` may be read from any thread.
  struct Parts {
    runtime::ShardSet& shards;
    runtime::Shard& admin;
    runtime::Shard& store;
    api::Control& control;
    base::Log& log;
    const base::CounterRegistry& registry;
    config::LoadOptions load_options;  ///< how the configuration was loaded
    config::Settings settings;
    config::Origins origins;
  };

  explicit Core(Parts given);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// Runs a function of the control shard, or a coroutine of Control there.
  template <typename Function>
  [[nodiscard]] auto on_control(Function function) {
    return runtime::hop(parts.shards.control(), std::move(function));
  }
  template <typename T>
  [[nodiscard]] runtime::Task<T> on_control_task(runtime::Task<T> task) {
    co_return co_await runtime::asio::co_spawn(parts.shards.control().executor(), std::move(task),
                                               runtime::kAwait);
  }
  /// Runs `function(State&)` on the store thread; it returns a base::Result. Errors:
  /// errors::storage_failed when there is no store though one is wanted, or what it returned.
  /// Where none is wanted: a value made of nothing.
  template <typename Function>
  [[nodiscard]] auto on_store(Function function)
      -> runtime::Task<std::invoke_result_t<Function&, api::State&>> {
    using Value = std::invoke_result_t<Function&, api::State&>;
    if (!is_store_wanted) co_return Value();
    auto call = [this, function = std::move(function)]() mutable -> Value {
      if (!state) return base::Error(errors::storage_failed, "the state folder cannot be used");
      return function(*state);
    };
    Value result = co_await runtime::hop(parts.store, std::move(call));
    if (!result) note_storage_failure(result.error());
    co_return result;
  }
  /// The session with this id on its shard, or null there; the function runs on that shard.
  template <typename Function>
  [[nodiscard]] auto on_session(std::size_t shard, base::Ulid id, Function function) {
    auto call = [&owner = parts.shards.at(shard), id, function = std::move(function)]() mutable {
      return function(owner.sessions().find(id));
    };
    return runtime::hop(parts.shards.at(shard), std::move(call));
  }

  /// Has every shard hand over what it has, so that `observer` is exact as of now.
  [[nodiscard]] runtime::Task<> refresh();
  /// Puts the book in force everywhere; how many sessions that ended.
  [[nodiscard]] runtime::Task<std::uint64_t> apply_policy();
  /// Tells the control shard who has used up a quota, if that has changed.
  [[nodiscard]] runtime::Task<> apply_exhausted();

  /// What users have uploaded; null where no component offers uploads. Its coroutines may be
  /// awaited here.
  [[nodiscard]] files::FileStore* files() const {
    files::FileService* service = parts.control.parts().files;
    return service == nullptr ? nullptr : &service->store();
  }

  [[nodiscard]] static observe::Second now() {
    return observe::second_of(std::chrono::system_clock::now());
  }
  void note_storage_failure(const base::Error& error);
  /// Appends a line to the audit log, in the order of the calls; a failure is logged.
  void keep_audit(std::string line);

  Parts parts;
  observe::Observer observer;
  PolicyBook book;
  policy::PolicyPtr policy;
  EventHub events;
  PageTokens page_tokens;
  std::vector<std::unique_ptr<runtime::SessionFeed>> feeds;  ///< by shard; used there
  std::unique_ptr<api::State> state;                         ///< used on the store thread
  bool is_store_wanted = false;
  bool is_store_open = false;
  NodeState node_state = NodeState::serving;
  std::optional<base::Severity> log_level;  ///< set at run time: wins over the configuration
  std::string page_secret;                  ///< what tokens of the page are made of
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  observe::Second memory_start = now();
  std::uint64_t storage_failures = 0;
  std::uint64_t watches = 0;  ///< open
  std::uint64_t watch_messages_lost = 0;
  /// Calls by method and outcome, for the metrics.
  std::map<std::pair<std::string, std::string>, std::uint64_t> calls;
};

}  // namespace bellhop::admin

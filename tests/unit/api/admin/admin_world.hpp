// The admin side and what it steers, without a daemon: real shards on threads of their own, a real
// Control with its tables, sessions without sockets. The admin thread is the test's.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/admin/dispatcher.hpp"
#include "api/admin/outlet.hpp"
#include "api/admin/services.hpp"
#include "component/runtime/task_group.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/runtime/plain_session.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::admin::test {

inline const Caller kOperator{"uid:0", config::AdminRole::full};
inline const Caller kReader{"uid:1000", config::AdminRole::read};

/// A session of a user who moves what the test says. Touched on its shard only.
class UserSession final : public runtime::test::PlainSession {
 public:
  /// `on_ended` is called on the shard, once.
  UserSession(const base::Ulid& id, const xmpp::Jid& requester, runtime::SessionLimits limits,
              std::function<void()> on_ended);

  /// `none`: it runs.
  [[nodiscard]] runtime::EndReason reason() const {
    return endings.empty() ? runtime::EndReason::none : endings.front();
  }

  [[nodiscard]] std::string_view kind() const override { return "socks5"; }
  void end(runtime::EndReason reason) override;
  [[nodiscard]] runtime::SessionFacts facts() const override;
  [[nodiscard]] std::string_view requester() const override { return bare_jid_; }

 private:
  std::string full_jid_;
  std::string bare_jid_;
  std::function<void()> on_ended_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
};

/// What there is at the start.
struct WorldOptions {
  std::string config;      ///< TOML after the component; see write_config()
  bool has_store = false;  ///< whether monitoring.state_dir is a folder
  bool has_files = false;  ///< whether the component offers uploads; they are served on shard 1
  bool has_turn = false;   ///< whether it offers TURN, on loopback; packets are relayed on shard 1
};

/// Two shards and one component, bellhop.example.org, whose server cannot be reached. All that a
/// test calls here it calls on its own thread; what it calls ends before it returns.
class AdminWorld {
 public:
  explicit AdminWorld(const WorldOptions& options = {});
  ~AdminWorld();
  AdminWorld(const AdminWorld&) = delete;
  AdminWorld& operator=(const AdminWorld&) = delete;

  /// Runs a coroutine of the admin thread to its end.
  template <typename T>
  T run(runtime::Task<T> task) {
    return runtime::test::run(admin_.context(), std::move(task));
  }
  void run(runtime::Task<> task) { runtime::test::run(admin_.context(), std::move(task)); }
  /// Runs the admin thread until it is so; a test failure if that takes too long.
  template <typename Done>
  void expect(Done is_done) {
    EXPECT_TRUE(runtime::test::run_until(admin_.context(), is_done));
  }
  /// Calls a unary method as a transport does.
  template <typename Response, typename Request>
  ApiResult<Response> call(const std::string& name, const Request& request,
                           const Caller& caller = kOperator) {
    auto reply = run(dispatcher.call(caller, name, std::make_unique<Request>(request)));
    if (!reply) return reply.error();
    return dynamic_cast<const Response&>(**reply);
  }
  /// The same, and it must go well.
  template <typename Response, typename Request>
  Response expect_call(const std::string& name, const Request& request) {
    auto response = call<Response>(name, request);
    EXPECT_TRUE(response) << name << ": " << response.error().message();
    if (!response) return {};
    return std::move(*response);
  }

  /// A running session, counted as the proxy counts it.
  base::Ulid start(std::string_view requester, std::size_t shard = 0);
  void move(const base::Ulid& id, const runtime::SessionBytes& more);
  void end(const base::Ulid& id, runtime::EndReason reason = runtime::EndReason::completed);
  /// `none`: it runs.
  [[nodiscard]] runtime::EndReason reason_of(const base::Ulid& id);
  /// Bytes per second; 0: no limit of this scope.
  [[nodiscard]] std::uint64_t rate_of(const base::Ulid& id, runtime::LimitScope scope);
  /// Whether `user` would be granted a session by rules and quotas of bytes.
  [[nodiscard]] bool may_start(std::string_view user);
  /// Shards the observer knows what they have moved.
  void refresh() { run(core.refresh()); }

  /// A file whose bytes have come; a test failure if it is refused. Needs has_files, as does
  /// announce().
  files::FileFacts upload(files::NewFile file, std::string_view content);
  /// A slot for a file, none of whose bytes has come.
  files::FileFacts announce(files::NewFile file);

  /// Replaces the configuration file: the component, then `text`.
  void write_config(const std::string& text);
  [[nodiscard]] std::filesystem::path file(std::string_view name) const {
    return folder_.file(name);
  }

 private:
  struct Proxy;
  struct Running {
    std::size_t shard;
    std::unique_ptr<UserSession> session;
  };

  [[nodiscard]] static config::LoadOutcome load(AdminWorld& world, const WorldOptions& options);
  [[nodiscard]] Core::Parts parts(config::LoadOutcome loaded);
  void follow(std::size_t shard);
  template <typename Function>
  auto on_session(const base::Ulid& id, Function function) {
    Running& row = running_.at(id);
    auto call = [session = row.session.get(), function] { return function(*session); };
    return run(runtime::hop(shards_.at(row.shard), std::move(call)));
  }

  store::TemporaryFolder folder_;
  runtime::test::TempLog log_;
  config::LoadOutcome loaded_;
  runtime::ShardSet shards_{2};
  runtime::Shard admin_{2};
  runtime::Shard store_{3};
  base::CounterRegistry registry_;
  std::unique_ptr<Proxy> proxy_;
  std::map<base::Ulid, Running> running_;
  base::UlidSource ids_;

 public:
  Core core;
  Services services{core};
  Dispatcher dispatcher{core};
  std::atomic<bool> was_stopped = false;  ///< a shutdown was asked for

  [[nodiscard]] runtime::test::TempLog& log() { return log_; }
  [[nodiscard]] runtime::Shard& admin_shard() { return admin_; }

 private:
  runtime::TaskGroup tasks_;
  std::vector<std::jthread> threads_;
};

/// What a watch sends, collected while it runs.
template <typename Message>
class Watching {
 public:
  /// `begin(Outlet&)` makes the coroutine of the watch.
  template <typename Begin>
  Watching(AdminWorld& world, Begin begin)
      : world_(world), outlet(world.admin_shard().executor(), [] {}) {
    auto serve = [](runtime::Task<ApiResult<void>> body, ApiResult<void>& into) -> runtime::Task<> {
      into = co_await std::move(body);
    };
    ending_ = runtime::test::start(world.admin_shard().context(), serve(begin(outlet), result));
  }
  ~Watching() { close(); }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  /// The next message; a test failure if none comes.
  Message next() {
    std::optional<Message> message = outlet.take();
    if (!message) {
      world_.expect([&] { return (message = outlet.take()).has_value() || ending_->is_done; });
    }
    EXPECT_TRUE(message) << "the watch has ended";
    return message.value_or(Message());
  }
  /// What the reader's leaving does; it ends within a second.
  void close() {
    if (!outlet.is_closed()) outlet.close();
    finish();
  }
  void finish() {
    world_.expect([&] { return ending_->is_done; });
    EXPECT_FALSE(ending_->error);
  }
  [[nodiscard]] bool is_done() const { return ending_->is_done; }

 private:
  AdminWorld& world_;
  std::shared_ptr<runtime::test::Ending> ending_;

 public:
  Outlet<Message> outlet;
  ApiResult<void> result;
};

}  // namespace bellhop::admin::test

// A TURN server on loopback with its shards on threads of their own, for clients that block.
#pragma once

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "relay/turn/turn_server.hpp"
#include "tests/support/turn_client.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::turn::test {

using bellhop::test::TurnClient;
using bellhop::test::TurnTransport;

inline constexpr std::string_view kSecret = "north";
inline constexpr std::string_view kOldSecret = "south";

/// 127.0.0.1 and `::1` are listened on and relayed from, and may be reached; users alice, bob and
/// carol, whose passwords are their names backwards; two secrets; a realm.
[[nodiscard]] config::Settings loopback_settings();

/// Of loopback_settings().
[[nodiscard]] bellhop::test::TurnCredentials credentials_of(std::string_view name);

/// A user name of TURN REST that expires then, and its password (TURN-A11).
[[nodiscard]] bellhop::test::TurnCredentials timed(std::string_view secret, std::string_view name,
                                                   SystemTime expires);

/// Shard 0 is the control shard, the others relay. Everything is checked to be given back at the
/// end.
class ServedTurn {
 public:
  explicit ServedTurn(config::Settings chosen = loopback_settings());
  ~ServedTurn();
  ServedTurn(const ServedTurn&) = delete;
  ServedTurn& operator=(const ServedTurn&) = delete;

  [[nodiscard]] base::IpEndpoint address(TurnTransport transport = TurnTransport::udp) const;
  /// Of a user of loopback_settings().
  [[nodiscard]] TurnClient client(std::string_view user = "alice",
                                  TurnTransport transport = TurnTransport::udp) const;
  [[nodiscard]] TurnClient client(bellhop::test::TurnCredentials credentials,
                                  TurnTransport transport = TurnTransport::udp) const;

  [[nodiscard]] std::uint64_t count(TurnCounter counter) { return server->counters().sum(counter); }
  /// Whether a counter comes to `n` in time.
  [[nodiscard]] bool comes_to(TurnCounter counter, std::uint64_t n) {
    return bellhop::test::eventually([&] { return count(counter) == n; });
  }
  /// Allocations of one relaying shard, counted from 1.
  [[nodiscard]] std::uint64_t allocations_of(std::size_t shard) {
    return server->counters().of_shard(shard).read(TurnCounter::allocations);
  }

  /// Runs `function` there and waits for what it returns.
  template <typename Function>
  auto on_shard(std::size_t shard, Function function) {
    std::packaged_task<std::invoke_result_t<Function&>()> task(std::move(function));
    return boost::asio::post(shards.at(shard).executor(), std::move(task)).get();
  }
  template <typename Function>
  auto on_control(Function function) {
    return on_shard(0, std::move(function));
  }
  /// Calls it for each session of all shards, there.
  void for_each_session(const std::function<void(runtime::Session&)>& visit);
  /// A future that is ready when the server has stopped.
  [[nodiscard]] std::future<void> begin_stop(base::Duration timeout);

  config::Settings settings;
  runtime::test::TempLog log;
  runtime::ShardSet shards;
  policy::Admission admission;
  std::unique_ptr<TurnServer> server;

 private:
  std::vector<std::jthread> threads_;
  std::size_t free_v4_ = 0;
  bool is_stopping_ = false;
};

/// Keeps a relaying shard from running, so that what is sent meanwhile arrives in one batch.
class HeldShard {
 public:
  HeldShard(ServedTurn& turn, std::size_t shard);
  ~HeldShard() { release(); }
  HeldShard(const HeldShard&) = delete;
  HeldShard& operator=(const HeldShard&) = delete;
  void release();

 private:
  struct Gate {
    std::atomic<bool> is_held = false;
    std::atomic<bool> is_open = false;
  };
  std::shared_ptr<Gate> gate_;
};

}  // namespace bellhop::turn::test

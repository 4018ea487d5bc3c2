// What the TCP allocations of one shard share, and where ConnectionBinds of all shards find them.
#pragma once

#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "component/runtime/pipe_pool.hpp"
#include "component/runtime/task_group.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/data_connection.hpp"
#include "relay/turn/turn_shard.hpp"

namespace bellhop::turn {

/// A Connect request that is answered when its peer has.
struct ConnectAsk {
  stun::TransactionId id;
  Verified verified;
  bool has_fingerprint;
};

/// How it went. CONNECTION-ID, or why there is none.
struct ConnectAnswer {
  const TurnSession& session;
  const ConnectAsk& ask;
  std::variant<ConnectionId, stun::ErrorCode> decision;
};

/// One for each worker, on its shard.
class TcpShard {
 public:
  /// Data connections of one shard; those beyond are closed.
  static constexpr std::size_t kDataConnectionsMax = 20000;

  /// Its number among how many. An id tells by its remainder which worker has its allocation: the
  /// client's data connection may arrive at any.
  struct Place {
    std::size_t index;
    std::size_t count;
  };

  /// `shard` outlives it.
  TcpShard(TurnShard& shard, Place place);

  void add(TcpRelay& relay) { relays_.insert(&relay); }
  void remove(TcpRelay& relay) { relays_.erase(&relay); }
  /// A new id for a connection of `relay`.
  [[nodiscard]] ConnectionId draw(TcpRelay& relay);
  void forget(ConnectionId id) { by_id_.erase(id); }

  /// A ConnectionBind by that user. False: none of that id is pending, or it is not hers.
  [[nodiscard]] bool claim(ConnectionId id, std::string_view username);
  /// The client's side of what was claimed.
  void adopt(ConnectionId id, ClientEnd client);
  /// Closes what has waited too long.
  void expire(base::TimePoint now);
  /// Runs one until its end. False: there are too many.
  [[nodiscard]] bool run(std::unique_ptr<DataConnection> connection);
  /// Once all allocations are gone.
  [[nodiscard]] runtime::Task<> join() { return running_.join(); }

  [[nodiscard]] TurnShard& shard() { return shard_; }
  [[nodiscard]] runtime::PipePool& pipes() { return pipes_; }

  /// Answers a Connect; set by whoever writes answers.
  std::function<void(const ConnectAnswer&)> on_connect;

 private:
  TurnShard& shard_;
  Place place_;
  std::unordered_set<TcpRelay*> relays_;
  std::unordered_map<ConnectionId, TcpRelay*> by_id_;
  runtime::PipePool pipes_;
  runtime::TaskGroup running_;
};

}  // namespace bellhop::turn

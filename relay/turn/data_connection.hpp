// One client data connection and the peer data connection it is bound to (RFC 6062 §5.4).
#pragma once

#include <optional>
#include <vector>

#include "component/runtime/byte_pump.hpp"
#include "relay/turn/tcp_peers.hpp"

namespace bellhop::turn {

class TcpRelay;

/// What the client has on its side once it has its success.
struct ClientEnd {
  base::UniqueFd socket;            ///< bytes as they are; none: the client has left
  std::vector<std::uint8_t> early;  ///< what came behind the request, for the peer

  ClientEnd() = default;
  ClientEnd(base::UniqueFd fd, std::vector<std::uint8_t> bytes)
      : socket(std::move(fd)), early(std::move(bytes)) {}
};

/// Runs until both directions have ended, or its allocation ends. One shard.
class DataConnection {
 public:
  /// How long the peer may take for what came behind the request.
  static constexpr std::chrono::seconds kEarlyTimeout{30};

  /// What it needs of its shard and allocation; all but `relay` outlives it.
  struct Context {
    runtime::Executor executor;
    runtime::Poller& poller;
    runtime::PipePool& pipes;
    TcpRelay& relay;
    runtime::Session& session;
  };

  DataConnection(const Context& context, ConnectionId id, base::UniqueFd peer, ClientEnd client,
                 runtime::SessionLimits limits);

  /// 1. what came behind the request goes to the peer  2. bytes go both ways  3. the relay is told
  [[nodiscard]] runtime::Task<> run();
  /// Ends it, and the relay is not told any more: it and its session may be gone at once.
  void abandon();

  [[nodiscard]] ConnectionId id() const { return id_; }
  /// The client is the first party.
  [[nodiscard]] runtime::SessionBytes bytes() const;
  [[nodiscard]] base::TimePoint last_progress() const { return pump_.last_progress(); }
  void set_limits(runtime::SessionLimits limits) { pump_.set_limits(std::move(limits)); }

 private:
  [[nodiscard]] runtime::Task<bool> send_early();

  TcpRelay* relay_;  // null: abandoned
  runtime::Session& session_;
  ConnectionId id_;
  std::vector<std::uint8_t> early_;
  runtime::TcpSocket early_peer_;  // the peer's once more, until it has what came early
  bool has_way_;                   // that there is a copy, if one is needed
  std::uint64_t early_sent_ = 0;
  runtime::BytePump pump_;
};

}  // namespace bellhop::turn

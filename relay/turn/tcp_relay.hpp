// The TCP side of an allocation (RFC 6062): who listens on its relayed address, who connects from
// it, and whom the client has bound.
#pragma once

#include <memory>
#include <unordered_map>

#include "relay/net/tcp_socket.hpp"
#include "relay/turn/allocation_desk.hpp"
#include "relay/turn/tcp_shard.hpp"

namespace bellhop::turn {

/// Part of a TurnSession; one shard. What a peer sends before the client's data connection is there
/// stays in the kernel, whose buffer is its bound: nothing reads, so the peer's window closes
/// (TURN-T05).
class TcpRelay {
 public:
  /// Both outlive it.
  TcpRelay(TcpShard& shard, TurnSession& session);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  /// Listens; `shown` is the same address as clients and peers see it. False: somebody has the
  /// port.
  [[nodiscard]] bool open(const base::IpEndpoint& local, const base::IpEndpoint& shown);
  /// Closes all of one family.
  void close_half(const base::IpAddress& family);
  /// Closes everything; nothing is opened any more.
  void close();

  /// A Connect that the rules allow (RFC 6062 §5.2); it is answered now or later.
  void connect(const base::IpEndpoint& peer, ConnectAsk ask);
  /// RFC 6062 §5.4. False: none of that id is pending, or the allocation is another user's.
  [[nodiscard]] bool claim(ConnectionId id, std::string_view username);
  void adopt(ConnectionId id, ClientEnd client);
  void expire(base::TimePoint now);

  [[nodiscard]] const TcpPeers& peers() const { return peers_; }
  [[nodiscard]] runtime::SessionBytes bytes() const;
  [[nodiscard]] base::TimePoint last_progress() const;
  /// The limits of the session have changed.
  void renew_limits();
  /// Both of its directions have ended.
  void finish(const DataConnection& connection);

 private:
  // The relayed address of one family.
  struct Door final : runtime::Poller::Watch {
    explicit Door(TcpRelay& owner) : relay(owner) {}
    void on_ready(std::uint32_t) override { relay.accept(*this); }
    void on_turn() override { relay.accept(*this); }

    TcpRelay& relay;
    base::UniqueFd fd;
    base::IpEndpoint local;
    base::IpEndpoint shown;
  };
  // A connection with a peer, watched while it is under way.
  struct Link final : runtime::Poller::Watch {
    Link(TcpRelay& owner, ConnectionId number) : relay(owner), id(number) {}
    void on_ready(std::uint32_t events) override { relay.decide(*this, events); }
    void on_turn() override {}

    TcpRelay& relay;
    ConnectionId id;
    base::UniqueFd peer;             // until the data connection has it
    std::optional<ConnectAsk> ask;   // until it is answered
    DataConnection* data = nullptr;  // runs by itself, and tells when it has ended
  };

  [[nodiscard]] std::optional<stun::ErrorCode> begin(const base::IpEndpoint& peer, ConnectAsk& ask);
  [[nodiscard]] std::optional<base::IpEndpoint> way_to(const base::IpEndpoint& peer) const;
  void decide(Link& link, std::uint32_t events);
  void fail(Link& link);
  void accept(Door& door);
  void take(net::AcceptedPeer accepted);
  void announce(ConnectionId id, const base::IpEndpoint& peer);
  Link& add(ConnectionId id, base::UniqueFd peer);
  void drop(ConnectionId id);
  void close(Door& door);
  [[nodiscard]] Door& door_of(const base::IpAddress& family) { return family.is_v4() ? v4_ : v6_; }
  [[nodiscard]] runtime::SessionLimits limits() const;

  TcpShard& tcp_;
  TurnShard& shard_;
  TurnSession& session_;
  ConnectionQuota quota_;
  std::shared_ptr<base::TokenBucket> own_rate_;  // of the allocation; null: no limit
  TcpPeers peers_;
  std::unordered_map<ConnectionId, std::unique_ptr<Link>> links_;
  Door v4_;
  Door v6_;
  runtime::SessionBytes ended_;  // of connections that are over
  base::TimePoint last_ended_{};
};

}  // namespace bellhop::turn

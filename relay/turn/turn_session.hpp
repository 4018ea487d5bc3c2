// One allocation at work: its relayed sockets, its client, what passes between them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "component/base/token_bucket.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/session.hpp"
#include "relay/stun/key.hpp"
#include "relay/turn/allocation_desk.hpp"
#include "relay/turn/turn_shard.hpp"

namespace bellhop::turn {

class TcpRelay;

/// Lives on one shard, from the grant until it is refreshed to zero, expires or is ended.
class TurnSession final : public runtime::Session, public base::TimerWheel<TurnSession>::Hook {
 public:
  struct Parts {
    Identity who;
    std::string username;
    stun::Key key;
    AllocateRequest request;
    AllocationGrant grant;
    ClientPath client;
    stun::TransactionId made_by;
    Allocation::Limits limits;
    std::uint64_t rate;  ///< bytes per second of this allocation, both ways; 0: no limit
  };

  /// `shard` outlives it.
  TurnSession(TurnShard& shard, Parts parts);
  ~TurnSession() override;

  /// Binds its ports and is reachable from now on. False: a port is taken by another process.
  [[nodiscard]] bool open();

  // The client's side.
  /// ChannelData of the client, whole (TURN-C03).
  void relay_channel_data(stun::Bytes datagram);
  /// A Send indication that may be sent.
  void relay(const SendIndication& indication);
  /// A peer that became a channel.
  void prepare_channel(std::uint16_t number);

  // The peers' side.
  /// What another allocation of this shard sends (TURN-D09).
  void receive(const base::IpEndpoint& from, stun::Bytes data);

  [[nodiscard]] Allocation& allocation() { return allocation_; }
  /// Its connections with peers; null: it relays datagrams.
  [[nodiscard]] TcpRelay* tcp() const { return tcp_.get(); }
  [[nodiscard]] const Parts& parts() const { return parts_; }
  /// Shown to clients; port 0: there is none of this family.
  [[nodiscard]] base::IpEndpoint relayed_v4() const { return v4_.shown; }
  [[nodiscard]] base::IpEndpoint relayed_v6() const { return v6_.shown; }
  [[nodiscard]] PerFamily<bool> families() const {
    return {v4_.shown.port != 0, v6_.shown.port != 0};
  }
  /// Ends one half of a dual allocation (TURN-R02).
  void close_half(stun::AddressFamily family);

  [[nodiscard]] base::TimePoint expires() const { return expires_; }
  void set_lifetime(std::chrono::seconds lifetime) { expires_ = shard_.now + lifetime; }
  /// Its line in the log; once, at the end.
  void report() const;
  [[nodiscard]] runtime::EndReason end_reason() const { return end_reason_; }

  // runtime::Session
  [[nodiscard]] std::string_view kind() const override { return "turn"; }
  void end(runtime::EndReason reason) override;
  [[nodiscard]] base::TimePoint last_progress() const override;
  [[nodiscard]] runtime::SessionFacts facts() const override;
  [[nodiscard]] runtime::SessionBytes bytes() const override;
  [[nodiscard]] std::string_view requester() const override { return parts_.who.user; }
  [[nodiscard]] std::string_view parent_domain() const override { return parts_.who.parent_domain; }
  [[nodiscard]] const runtime::SessionLimits& limits() const override {
    return parts_.grant.limits;
  }
  void set_limits(runtime::SessionLimits limits) override;
  void count(const runtime::SessionBytes& moved) override;

 private:
  // One relayed address.
  struct RelayedSocket final : runtime::Poller::Watch {
    explicit RelayedSocket(TurnSession& owner) : session(owner) {}
    void on_ready(std::uint32_t events) override;
    void on_turn() override { session.read(*this); }

    TurnSession& session;
    base::UniqueFd fd;
    base::IpEndpoint local;
    base::IpEndpoint shown;
    std::uint32_t kernel_drops = 0;
  };
  // How a peer's data reach the client.
  struct Way {
    enum class Kind : std::uint8_t { none, channel, indication };
    Kind kind;
    std::uint16_t channel;
  };

  // Its first relayed address, also when it is closed.
  [[nodiscard]] base::IpEndpoint shown() const;
  [[nodiscard]] bool open(RelayedSocket& socket, std::uint16_t port, const base::IpAddress& family);
  void close(RelayedSocket& socket);
  void read(RelayedSocket& socket);
  void read_errors(RelayedSocket& socket);
  [[nodiscard]] RelayedSocket& socket_for(const base::IpAddress& family) {
    return family.is_v4() ? v4_ : v6_;
  }
  [[nodiscard]] net::Route route_to(const base::IpEndpoint& peer);
  [[nodiscard]] bool pass_by_hairpin(const base::IpEndpoint& peer, stun::Bytes data, bool& is_done);
  void send_whole(const net::Route& route, stun::Bytes data);
  [[nodiscard]] bool may_move(std::size_t bytes);
  [[nodiscard]] Way find_way(const base::IpEndpoint& from);
  void deliver(Way way, const base::IpEndpoint& from, stun::Bytes data);
  void indicate(const base::IpEndpoint& from, stun::AttributeType type, stun::Bytes value,
                std::size_t payload);
  void drop(TurnCounter reason, std::size_t bytes);

  TurnShard& shard_;
  Parts parts_;
  Allocation allocation_;
  RelayedSocket v4_;
  RelayedSocket v6_;
  std::unique_ptr<TcpRelay> tcp_;  // instead of descriptors in those
  std::optional<base::TokenBucket> own_rate_;
  net::SendCount to_peers_;
  net::SendCount to_client_;
  std::uint64_t dropped_ = 0;
  // Packets that the counters have.
  struct {
    std::uint64_t to_peers = 0;
    std::uint64_t to_client = 0;
    std::uint64_t unsent = 0;
  } counted_;
  base::TimePoint expires_;
  base::TimePoint last_progress_;
  std::chrono::system_clock::time_point started_;
  runtime::EndReason end_reason_ = runtime::EndReason::none;
  bool is_limited_ = false;
};

}  // namespace bellhop::turn

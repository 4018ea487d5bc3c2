// The part of the TURN server that lives on one shard: listeners, requests, allocations.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "component/runtime/task_group.hpp"
#include "relay/source_budget.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/tcp_shard.hpp"
#include "relay/turn/turn_session.hpp"

namespace bellhop::turn {

/// Who is believed; replaced as a whole when secrets change.
struct TurnAccess {
  TurnAccess(Credentials::Options options, const NonceSource& nonces)
      : credentials(std::move(options)), authenticator(credentials, nonces) {}
  TurnAccess(const TurnAccess&) = delete;
  TurnAccess& operator=(const TurnAccess&) = delete;

  Credentials credentials;
  Authenticator authenticator;
};

/// What is the same on all shards; outlives the workers.
struct TurnContext {
  const TurnRules& rules;
  const relay::PeerPolicy& peers;
  RelayPlaces& places;
  Allocation::Limits limits;
  std::uint64_t rate_per_allocation;         ///< bytes per second; 0: no limit
  std::vector<base::IpEndpoint> alternates;  ///< for 300, at most one of a family
  bool has_software;                         ///< whether answers carry SOFTWARE
  /// Take what a shard has to tell the control shard; called on the worker's shard.
  std::function<void(std::size_t worker, std::vector<AllocationWish>)> ask;
  std::function<void(std::string user, PerFamily<std::uint16_t> ports)> give_back;
  /// Of each worker, in their order; complete before the shards run.
  std::vector<TcpShard*> tcp_shards;
};

/// Everything but the constructor and bind() on its shard.
class TurnWorker {
 public:
  TurnWorker(TcpShard::Place place, runtime::Shard& shard, base::Log& log,
             TurnCounterBlock& counters, const TurnContext& context, const TurnAccess& access);
  ~TurnWorker();
  TurnWorker(const TurnWorker&) = delete;
  TurnWorker& operator=(const TurnWorker&) = delete;

  /// A UDP socket that all shards share. Port 0 takes a free one; what it is bound to. Throws
  /// std::runtime_error with a sentence for the operator.
  base::IpEndpoint bind(const base::IpEndpoint& address);

  void start();
  /// Ends all allocations and stops; when it returns nothing of the worker runs any more.
  [[nodiscard]] runtime::Task<> stop();

  /// Believes these from now on; they outlive the worker.
  void use(const TurnAccess& access) { access_ = &access; }

  /// Answers to what was asked; each to a wish that is still waited for, or not any more.
  void decide(std::vector<AllocationAnswer> answers);

  /// A message, or ChannelData, of a stream.
  void receive(stun::Bytes frame, const ClientPath& path);
  /// Whether the connection that `wish` names is pending, and hers; asked wherever it is.
  [[nodiscard]] runtime::Task<bool> claim(const BindWish& wish);
  /// The answer to `wish`, which came by `path`.
  void answer_bind(const BindWish& wish, const ClientPath& path, bool is_bound);
  /// Gives what was claimed its client's side.
  void hand_over(ConnectionId connection, ClientEnd client);
  /// The stream is gone, and its allocation with it (RFC 8656 §6).
  void forget(StreamClient& client);
  /// Sends what was made since the last round, and asks what is to be asked; for calls from outside
  /// the poller's rounds.
  void end_round();

  [[nodiscard]] TurnShard& shard() { return shard_; }
  [[nodiscard]] TcpShard& tcp() { return tcp_; }
  [[nodiscard]] std::size_t allocations() const { return sessions_.size(); }

 private:
  class UdpListener;
  // An Allocate request between the desk and its answer.
  struct Pending {
    ClientPath path;
    Verified verified;
    Identity who;
    AllocateRequest request;
    stun::TransactionId id;
    bool has_fingerprint;
    bool is_gone = false;  // nobody waits for the answer any more
    int tries = 0;
  };
  // A request that is to be answered.
  struct Request {
    const stun::Message& message;
    const ClientPath& path;
    TurnSession* session;  // of the five-tuple; null: none
  };
  struct RoundEnd final : runtime::Poller::Watch {
    explicit RoundEnd(TurnWorker& owner) : worker(owner) {}
    void on_ready(std::uint32_t) override {}
    void on_turn() override { worker.end_round(); }
    TurnWorker& worker;
  };

  void tick(base::TimePoint now);
  void receive_datagram(stun::Bytes datagram, const ClientPath& path);
  [[nodiscard]] TurnSession* session_of(const ClientPath& path);
  void handle(const Request& request);
  void handle_indication(const Request& request);
  void answer_binding(const Request& request);
  void handle_verified(const Request& request, const Verified& verified);
  void allocate(const Request& request, const Verified& verified);
  void refresh(const Request& request, const Verified& verified);
  void create_permission(const Request& request, const Verified& verified);
  void channel_bind(const Request& request, const Verified& verified);
  void connect(const Request& request, const Verified& verified);
  void connection_bind(const Request& request, const Verified& verified);
  void answer_connect(const ConnectAnswer& answer);
  void grant(std::uint64_t ticket, Pending pending, AllocationGrant grant);
  void refuse_pending(const Pending& pending, stun::ErrorCode code);
  // The five-tuple may ask again.
  void end_asking(const ClientPath& path);
  void retire(TurnSession& session);
  void reap();

  // An answer under construction, in memory that lives until the flush.
  [[nodiscard]] stun::MessageWriter begin_answer(const stun::TransactionId& id, stun::Method method,
                                                 stun::MessageClass message_class);
  void send(const ClientPath& path, stun::MessageWriter& writer);
  void succeed(const Request& request, const Verified& verified);
  void finish(const ClientPath& path, stun::MessageWriter& writer, const Verified& verified,
              bool has_fingerprint);
  void refuse(const Request& request, const Verified& verified, stun::ErrorCode code);
  void refuse_unproven(const Request& request, stun::ErrorCode code);
  void answer_allocate(const ClientPath& path, const TurnSession& session, const Verified& verified,
                       bool has_fingerprint);
  // Null: there is none of its family.
  [[nodiscard]] const base::IpEndpoint* alternate_for(const ClientPath& path) const;
  void count_refusal(stun::ErrorCode code);
  [[nodiscard]] bool may_answer(const Request& request, std::size_t bytes);

  std::size_t index_;
  const TurnContext& context_;
  const TurnAccess* access_;  // never null
  TurnShard shard_;
  TcpShard tcp_;
  relay::SourceBudget budget_;
  std::vector<std::unique_ptr<UdpListener>> listeners_;
  std::unordered_map<TurnSession*, std::unique_ptr<TurnSession>> sessions_;
  boost::unordered_flat_map<ClientKey, TurnSession*, ClientKeyHash> by_client_;
  std::unordered_map<std::uint64_t, Pending> pending_;                           // by ticket
  std::unordered_map<ClientKey, std::uint64_t, ClientKeyHash> pending_clients_;  // of datagrams
  std::vector<AllocationWish> wishes_;  // to be asked at the end of the round
  std::vector<TurnSession*> ending_;    // to be destroyed by reap()
  std::uint64_t next_ticket_ = 0;
  ClientKey last_key_;
  TurnSession* last_session_ = nullptr;  // of last_key_: datagrams come in runs
  RoundEnd round_end_;
  runtime::TaskGroup upkeep_;
};

}  // namespace bellhop::turn

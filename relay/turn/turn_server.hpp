// The STUN and TURN server as a whole: what main starts and stops.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/policy/admission.hpp"
#include "component/runtime/listener.hpp"
#include "config/settings.hpp"
#include "relay/turn/extdisco_codec.hpp"
#include "relay/turn/turn_connection.hpp"

namespace bellhop::turn {

/// Where it listens, in order of the options.
struct TurnListeners {
  std::vector<base::IpEndpoint> plain;  ///< UDP and TCP
  std::vector<base::IpEndpoint> tls;
};

/// Built on the thread of the control shard before the shards run; called there.
class TurnServer {
 public:
  /// All of it outlives the server.
  struct Context {
    runtime::ShardSet& shards;
    std::size_t first_shard;  ///< from here on `settings.turn.threads` shards relay packets
    base::Log& log;
    const config::Settings& settings;
    policy::Admission& admission;
  };

  /// Binds. Throws std::runtime_error with one line for the operator.
  explicit TurnServer(const Context& context);
  ~TurnServer();
  TurnServer(const TurnServer&) = delete;
  TurnServer& operator=(const TurnServer&) = delete;

  void start();
  /// Makes no new allocations; those that there are have so long, then end. When it returns nothing
  /// of the server runs any more.
  [[nodiscard]] runtime::Task<> stop(base::Duration timeout);
  /// Ends the wait of a stop() that is under way.
  void hurry();

  void set_open(bool is_open);
  [[nodiscard]] const bool& is_open() const { return is_open_; }
  /// Limits of the settings have changed; with `has_new_credentials` secrets or users, too.
  void renew(bool has_new_credentials);

  /// In force; those before stay valid as objects.
  [[nodiscard]] const Credentials& credentials() const { return access_.back()->credentials; }
  /// What clients who were told of the server have to learn.
  enum class Change : std::uint8_t {
    credentials,  ///< those that they have will not be believed for long
    closed        ///< no new allocations
  };
  /// Called on the control shard after each change. One; before start().
  void on_change(std::function<void(Change)> listen) { listen_ = std::move(listen); }

  [[nodiscard]] const relay::PeerPolicy& peers() const { return *peers_; }
  [[nodiscard]] const RelayPlaces& places() const { return *places_; }
  /// The free ports of a relayed address.
  [[nodiscard]] PortPool& ports(const base::IpAddress& family) { return desk_.ports(family); }
  [[nodiscard]] TurnCounters& counters() { return counters_; }
  [[nodiscard]] std::uint32_t allocations() const { return desk_.allocations(); }
  [[nodiscard]] std::uint32_t allocations_of(const std::string& user) const {
    return desk_.allocations_of(user);
  }
  [[nodiscard]] const TurnListeners& bound() const { return bound_; }
  /// What clients are told of it (XEP-0215).
  [[nodiscard]] std::vector<ExternalService> services() const;

 private:
  struct Streams;  // the TCP and TLS clients of one shard
  struct StreamListener {
    std::unique_ptr<runtime::Listener> listener;
    bool is_tls;
  };

  void bind_all();
  void listen(const config::HostPort& address, bool is_tls);
  void accept(base::UniqueFd socket, const base::IpEndpoint& peer, const StreamListener& from);
  void open(std::size_t worker, AcceptedClient accepted);
  [[nodiscard]] runtime::Task<> serve(std::size_t worker,
                                      std::unique_ptr<TurnConnection> connection);
  void decide(std::size_t worker, std::vector<AllocationWish> wishes);
  void take_back(const std::string& user, const PerFamily<std::uint16_t>& ports);
  [[nodiscard]] runtime::Task<bool> emptied();
  [[nodiscard]] runtime::Task<> stop_worker(std::size_t worker);

  Context context_;
  Credentials::Options first_access_;  // until access_ has it
  NonceSource nonces_;
  std::vector<std::unique_ptr<TurnAccess>> access_;  // the last one is in force
  std::unique_ptr<RelayPlaces> places_;
  std::unique_ptr<relay::PeerPolicy> peers_;
  TurnRules rules_;
  AllocationDesk desk_;
  TurnCounters counters_;
  TurnContext shared_;
  std::vector<std::unique_ptr<TurnWorker>> workers_;
  std::vector<std::unique_ptr<Streams>> streams_;  // one for each worker
  std::optional<runtime::ServerCertificate> certificate_;
  std::vector<StreamListener> listeners_;
  TurnListeners bound_;
  std::size_t turn_ = 0;                // of the next stream client
  std::uint32_t connections_ = 0;       // control shard
  std::function<void(Change)> listen_;  // empty: nobody
  bool is_open_ = false;
  bool is_hurried_ = false;
  runtime::Event allocation_ended_;
  runtime::TaskGroup upkeep_;
};

}  // namespace bellhop::turn

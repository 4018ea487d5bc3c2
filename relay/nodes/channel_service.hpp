// Where relay channels run: ports, accounts, shards, stopping.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/policy/admission.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/task_group.hpp"
#include "config/settings.hpp"
#include "relay/nodes/channel_desk.hpp"
#include "relay/nodes/channel_session.hpp"
#include "relay/turn/port_pool.hpp"

namespace bellhop::nodes {

/// Called on the control shard; its workers live on theirs.
class ChannelService final : public ChannelDesk {
 public:
  /// All that it refers to outlives the service.
  struct Context {
    runtime::ShardSet& shards;
    std::size_t first_shard;  ///< of those that relay packets
    std::size_t threads;      ///< how many of them there are
    base::Log& log;
    NodesCounters& counters;
    const config::TurnSettings& settings;  ///< as they are when a channel is opened
    policy::Admission& admission;
    const relay::PeerPolicy& peers;
    turn::PortPool& ports;          ///< of `relay_address`
    base::IpAddress relay_address;  ///< where sockets are bound
    std::string public_host;        ///< what clients are told (JRN-10)
    const bool& is_open;            ///< whether new channels are made
  };

  explicit ChannelService(Context context);
  ~ChannelService() override;
  ChannelService(const ChannelService&) = delete;
  ChannelService& operator=(const ChannelService&) = delete;

  /// Starts the periodic work of every worker. Once, before the first channel.
  void start();

  [[nodiscard]] runtime::Task<base::Result<ChannelOffer>> open(ChannelRequest request) override;

  [[nodiscard]] std::uint32_t running() const { return running_; }
  /// By bare JID.
  [[nodiscard]] std::uint32_t channels_of(const std::string& user) const {
    const auto own = by_user_.find(user);
    return own == by_user_.end() ? 0 : own->second;
  }
  [[nodiscard]] const NodesCounters& counters() const { return context_.counters; }

  /// Waits until no channel runs, `timeout` at most, then ends the rest (reason `shutdown`) and
  /// stops the periodic work. How many were cut short.
  [[nodiscard]] runtime::Task<std::size_t> stop(base::Duration timeout);
  /// Ends the wait of a stop() that is under way.
  void hurry();

 private:
  struct Worker;
  // The even ports of the two sides; each has the one above it, too.
  using Ports = std::array<std::uint16_t, 2>;
  using Sockets = std::array<base::UniqueFd, ChannelPort::kCount>;

  [[nodiscard]] static runtime::Task<> sweep_expired(Worker& worker);
  [[nodiscard]] base::Result<Ports> take_ports(Sockets& sockets);
  [[nodiscard]] std::optional<std::uint16_t> take_port_pair();
  [[nodiscard]] bool bind_side(Sockets& sockets, Side side, std::uint16_t port) const;
  void give_back(std::uint16_t even_port);
  [[nodiscard]] bool has_room(std::string_view user) const;
  [[nodiscard]] ChannelOffer offer_of(const Ports& ports) const;
  [[nodiscard]] runtime::Task<bool> start_session(ChannelStart start, Ports ports);
  [[nodiscard]] runtime::Task<> run_session(std::unique_ptr<ChannelSession> session, Ports ports,
                                            xmpp::Jid requester);
  void on_ended(const Ports& ports, const xmpp::Jid& requester);
  [[nodiscard]] runtime::Task<bool> emptied();
  [[nodiscard]] runtime::Task<bool> emptied_or_hurried();

  Context context_;
  std::vector<std::unique_ptr<Worker>> workers_;            // each touched by its shard only
  std::unordered_map<std::string, std::uint32_t> by_user_;  // running ones, by bare JID
  runtime::Event session_ended_;
  std::size_t turn_ = 0;
  std::uint32_t running_ = 0;
  bool is_hurried_ = false;
};

}  // namespace bellhop::nodes

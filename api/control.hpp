// What the admin side may ask of the control shard.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/turn_status.hpp"
#include "component/policy/admission.hpp"
#include "component/runtime/shard.hpp"
#include "component/xmpp/component.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_handler.hpp"
#include "proxy/files/file_service.hpp"
#include "proxy/socks5/socks5_server.hpp"

namespace bellhop::api {

/// One component stream, as a value.
struct UpstreamStatus {
  std::string jid;
  std::string server;
  bool is_encrypted = false;
  xmpp::Stream::Status status;
};

/// Figures that only the control shard knows.
struct NodeStatus {
  bool is_open = false;  ///< new sessions are taken
  std::uint32_t pending_connections = 0;
  std::uint32_t sessions = 0;
  std::vector<std::string> listen;
  std::vector<std::string> streamhosts;
  std::optional<TurnStatus> turn;  ///< empty: no component offers it
};

/// The one door between the admin side, which has a thread of its own, and what relays: everything
/// here is called on the control shard, takes and gives values, and goes on to the other shards by
/// itself. Whatever it changes is in force when the call returns.
class Control {
 public:
  /// All references outlive it. `settings` is the configuration in force, which apply() changes.
  struct Parts {
    runtime::ShardSet& shards;
    config::Settings& settings;
    policy::Admission& admission;
    proxy::PendingConnections& pending;
    bytestream::BytestreamTable& table;
    bytestream::Relay& relay;
    socks5::Socks5Server& socks5;
    bytestream::ProxyService& proxy;
    files::FileService* files;        ///< null: there is no file store
    turn::TurnServer* turn;           ///< null: there is no TURN
    nodes::ChannelService* channels;  ///< likewise
    std::vector<xmpp::Component*> components;
    /// Starts the end of the process; empty: with the configured time for running sessions.
    std::function<void(std::optional<base::Duration>)> stop;
  };

  explicit Control(Parts parts) : parts_(std::move(parts)) {}
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Other rules from now on, for running sessions too: limits change, and sessions of users who
  /// may not any more are ended (`policy`). How many those were.
  [[nodiscard]] runtime::Task<std::uint64_t> apply(policy::PolicyPtr policy);
  /// Subjects without any bytes left; their running sessions are ended (`quota`).
  [[nodiscard]] runtime::Task<std::uint64_t> set_exhausted(
      std::shared_ptr<const policy::Exhausted> subjects);
  /// Takes over the options that a reload may change, except for rules.
  [[nodiscard]] runtime::Task<> apply(config::Settings live);

  /// Whether new sessions are taken.
  void set_open(bool is_open) {
    parts_.proxy.is_open = is_open;
    if (parts_.files != nullptr) parts_.files->set_open(is_open);
    if (parts_.turn != nullptr) parts_.turn->set_open(is_open);
  }
  /// Has the two connections that wait under `dst_addr` relayed as a session of the first
  /// component itself, which no rule has to allow: for checks of our own. It counts against caps
  /// like any other. Errors: those of ProxyService::start().
  [[nodiscard]] runtime::Task<base::Result<void>> start_own(bytestream::DstAddr dst_addr);
  /// Closes what waits under this hash; how many connections those were.
  [[nodiscard]] std::size_t drop_waiting(const bytestream::DstAddr& dst_addr) {
    return parts_.table.drop(dst_addr).size();
  }
  /// Ends all sessions; how many there were.
  [[nodiscard]] runtime::Task<std::uint64_t> end_all();
  void stop(std::optional<base::Duration> timeout) { parts_.stop(timeout); }

  [[nodiscard]] std::vector<UpstreamStatus> upstreams() const;
  /// False: no component has this JID.
  [[nodiscard]] bool reconnect(const std::string& jid);
  [[nodiscard]] NodeStatus node() const;
  /// Empty: there is no TURN.
  [[nodiscard]] std::optional<TurnStatus> turn() const;

  [[nodiscard]] const Parts& parts() const { return parts_; }

 private:
  Parts parts_;
};

}  // namespace bellhop::api

// A relay channel that runs: its four sockets, and the packets between them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "component/base/log.hpp"
#include "component/base/ulid.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/poller.hpp"
#include "component/runtime/session.hpp"
#include "component/xmpp/jid.hpp"
#include "relay/nodes/counters.hpp"
#include "relay/nodes/datagram_batch.hpp"
#include "relay/nodes/relay_channel.hpp"

namespace bellhop::nodes {

/// A channel on its way from the control shard to its own.
struct ChannelStart {
  std::string channel;  ///< the id that the requester was told
  xmpp::Jid requester;
  std::string_view parent_domain;  ///< of the component; outlives the session
  std::array<base::UniqueFd, ChannelPort::kCount> sockets;  ///< by ChannelPort::index()
  RelayChannel::Options options;
  runtime::SessionLimits limits;
};

/// Lives on one media shard, from the answer to the request until it expires or is ended, then logs
/// itself. Packets go from socket to socket in the call that reports them: nothing is queued and
/// nothing allocated.
class ChannelSession final : public runtime::Session {
 public:
  /// What it needs of its shard; all of it outlives the session.
  struct Context {
    runtime::Executor executor;
    base::Log& log;
    runtime::Poller& poller;
    DatagramBatch& batch;
    const relay::PeerPolicy& peers;
    runtime::SessionList& sessions;
    std::vector<ChannelSession*>& running;  ///< where it stands while run() runs
    base::UlidSource& ids;
    base::CounterBlock<NodesCounter>& counters;
    base::CounterBlock<ChannelEnd>& ends;
  };

  ChannelSession(const Context& context, ChannelStart start);
  ~ChannelSession() override;

  /// Relays until the end. Call once. Ends through end() only.
  [[nodiscard]] runtime::Task<> run();

  /// Ends it (reason `idle`) when no packet has come for the time that was agreed on (JRN-05).
  void end_if_expired(base::TimePoint now) {
    if (channel_.has_expired(now)) end(runtime::EndReason::idle);
  }

  [[nodiscard]] std::string_view kind() const override { return "relay-channel"; }
  void end(runtime::EndReason reason) override;
  [[nodiscard]] base::TimePoint last_progress() const override { return channel_.last_packet(); }
  [[nodiscard]] runtime::SessionFacts facts() const override;
  [[nodiscard]] runtime::SessionBytes bytes() const override { return bytes_; }
  [[nodiscard]] std::string_view requester() const override { return requester_.bare(); }
  [[nodiscard]] std::string_view parent_domain() const override { return parent_domain_; }
  [[nodiscard]] const runtime::SessionLimits& limits() const override { return limits_; }
  void set_limits(runtime::SessionLimits limits) override { limits_ = std::move(limits); }
  void count(const runtime::SessionBytes& moved) override;

 private:
  // One of the four.
  struct Socket final : runtime::Poller::Watch {
    void on_ready(std::uint32_t events) override;
    void on_turn() override { session->relay_from(*this); }

    ChannelSession* session = nullptr;
    ChannelPort port{};
    base::UniqueFd fd;
  };

  [[nodiscard]] bool watch_all();
  void relay_from(Socket& socket);
  void relay_batch(const Socket& socket, std::size_t count, base::TimePoint now);
  [[nodiscard]] bool is_to_be_sent(const Socket& socket, std::size_t index, base::TimePoint now);
  void send_batch(const Socket& socket);
  void drop(NodesCounter why, std::uint64_t bytes);
  [[nodiscard]] std::string owner_text(Side side) const;
  void report(runtime::EndReason reason) const;

  Context context_;
  std::string channel_id_;
  xmpp::Jid requester_;
  std::string_view parent_domain_;
  std::chrono::system_clock::time_point started_;
  RelayChannel channel_;
  runtime::SessionLimits limits_;
  std::array<Socket, ChannelPort::kCount> sockets_;
  runtime::SessionBytes bytes_;
  runtime::Event over_;
  runtime::EndReason reason_ = runtime::EndReason::none;
};

}  // namespace bellhop::nodes

// One `[[component]]`: its stream, its routes, its discovery.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "component/base/clock.hpp"
#include "component/xmpp/disco.hpp"
#include "component/xmpp/iq_client.hpp"
#include "component/xmpp/iq_router.hpp"
#include "component/xmpp/message_router.hpp"
#include "component/xmpp/stream.hpp"

namespace bellhop::xmpp {

/// Presence as it came, and who sent it.
using PresenceWatch = std::function<void(const Element& presence, const Addresses& addresses)>;

/// Features register with router() and info() before run(). Control shard. Not movable: the stream
/// calls back into it.
class Component {
 public:
  struct Context {
    runtime::Executor executor;
    base::Log& log;
    XmppCounters& counters;
    const config::Settings& settings;
    base::TimePoint started;  ///< of the process
    /// Whose presence subscription is accepted.
    std::function<bool(const Jid&)> may_subscribe;
  };

  /// `settings` is an element of `context.settings.components`. Throws when the JID or the CA file
  /// is unusable.
  Component(const Context& context, const config::ComponentSettings& settings);
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  [[nodiscard]] const Jid& jid() const { return jid_; }
  [[nodiscard]] const config::ComponentSettings& settings() const { return settings_; }
  [[nodiscard]] IqRouter& router() { return router_; }
  [[nodiscard]] DiscoInfo& info() { return disco_.info(); }
  [[nodiscard]] Disco& disco() { return disco_; }
  [[nodiscard]] MessageRouter& messages() { return messages_; }
  /// For requests of our own; they go unanswered while not attached.
  [[nodiscard]] IqClient& requests() { return requests_; }
  /// `watch` is told of each presence stanza to the host JID, before it is answered. What it refers
  /// to outlives the component.
  void watch_presence(PresenceWatch watch) { presence_watches_.push_back(std::move(watch)); }
  [[nodiscard]] bool is_attached() const { return stream_.is_attached(); }
  [[nodiscard]] Stream& stream() { return stream_; }

  [[nodiscard]] runtime::Task<> run() { return stream_.run(); }
  /// Gives up requests of our own, answers what still waits, then closes the stream.
  [[nodiscard]] runtime::Task<> stop();

 private:
  void on_stanza(Element stanza);
  void on_presence(const Element& presence);

  base::Log& log_;
  XmppCounters& counters_;
  const config::ComponentSettings& settings_;
  std::function<bool(const Jid&)> may_subscribe_;
  Jid jid_;
  Stream stream_;
  IqClient requests_;
  IqRouter router_;
  Disco disco_;
  MessageRouter messages_;
  std::vector<PresenceWatch> presence_watches_;
};

}  // namespace bellhop::xmpp

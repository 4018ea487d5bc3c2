// The component stream: connect, handshake, read, reconnect (XEP-0114, RFC 6120 §4).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "component/base/log.hpp"
#include "component/runtime/connection.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/counters.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/reconnect_delay.hpp"
#include "component/xmpp/stream_error.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "config/settings.hpp"

namespace bellhop::xmpp {

/// One component's stream to its server, kept up for as long as it is not stopped. Control shard.
class Stream {
 public:
  /// Called for each first-level element that is not the stream's own business.
  using StanzaHandler = std::function<void(Element)>;

  /// All references must outlive the stream. Throws when the CA file cannot be read.
  Stream(runtime::Executor executor, base::Log& log, XmppCounters& counters,
         const config::ComponentSettings& component, const config::StreamSettings& settings,
         StanzaHandler on_stanza);

  /// Connects, serves, and connects again, until stop(). Call once, and only after everything that
  /// is advertised works: clients remember a proxy that failed once.
  [[nodiscard]] runtime::Task<> run();

  /// Sends what is queued and `</stream:stream>`, waits shortly for the server's, closes. run()
  /// has ended when this has.
  [[nodiscard]] runtime::Task<> stop();

  /// Queues a stanza with `to` and `from` set. Dropped and counted while not attached. A queue over
  /// its bound closes the connection: the server has stopped reading.
  void send(const Element& stanza);

  [[nodiscard]] bool is_attached() const { return is_attached_; }

  /// How it stands, for people.
  struct Status {
    enum class State : std::uint8_t { connecting, attached, refused };
    State state = State::connecting;
    std::chrono::system_clock::time_point since;
    std::string last_error;  ///< of the last attempt or stream that ended; empty: none did
  };
  [[nodiscard]] const Status& status() const { return status_; }
  /// Told after each change of status(); may not call back into the stream.
  void on_status(std::function<void()> tell) { tell_status_ = std::move(tell); }

  /// Closes what is open and connects again at once, without the back-off.
  void reconnect();

 private:
  // How a connection ended and what follows.
  struct Ending {
    StreamErrorAction action = StreamErrorAction::retry;
    std::string condition;  // a stream condition, or what the system said
    std::string reason;     // a sentence for the operator
  };
  // One connection, alive only inside serve().
  struct Live {
    Live(runtime::Executor executor, const std::optional<runtime::TlsOptions>& tls,
         XmlLimits limits)
        : connection(executor, tls),
          reader(limits),
          write_wanted(executor),
          write_ended(executor) {}
    runtime::Connection connection;
    XmlReader reader;
    runtime::Event write_wanted;
    runtime::Event write_ended;
    std::string queue;  // bytes not yet given to the connection
    bool is_closing = false;
    std::optional<Ending> ending;  // set by whoever closes the connection, before it does
    base::TimePoint last_received{};
    base::TimePoint write_started{};  // of the write under way; zero: none
  };

  runtime::Task<Ending> serve();
  runtime::Task<std::optional<Ending>> open(Live& live);
  runtime::Task<Ending> read(Live& live);
  runtime::Task<> write(Live& live);
  runtime::Task<bool> written(Live& live);
  runtime::Task<> keep_alive(Live& live);

  runtime::Task<std::optional<Ending>> next_event(Live& live, std::optional<XmlEvent>& event);
  std::optional<Ending> handle(Live& live, XmlEvent event);
  void queue(Live& live, std::string_view xml);
  void close(Live& live, Ending ending);
  void report(const Ending& ending, base::Duration lifetime, base::Duration delay);
  void set_state(Status::State state);
  [[nodiscard]] static Ending broken(const base::Error& error);
  [[nodiscard]] static Ending refused_by(const Element& error);

  runtime::Executor executor_;
  base::Log& log_;
  XmppCounters& counters_;
  const config::ComponentSettings& component_;
  const config::StreamSettings& settings_;
  std::optional<runtime::TlsOptions> tls_;
  StanzaHandler on_stanza_;
  ReconnectDelay delay_;
  runtime::Timer retry_;
  runtime::Event ended_;
  Live* live_ = nullptr;  // the connection of serve(), if there is one
  Status status_;
  std::function<void()> tell_status_;
  bool is_attached_ = false;
  bool is_hurried_ = false;  // reconnect() was called
  bool is_stopping_ = false;
  bool is_running_ = false;
  std::uint64_t ping_number_ = 0;
};

}  // namespace bellhop::xmpp

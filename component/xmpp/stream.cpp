#include "component/xmpp/stream.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "component/runtime/periodic.hpp"
#include "component/runtime/task_group.hpp"
#include "component/runtime/timeout.hpp"
#include "component/xmpp/handshake.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace bellhop::xmpp {
namespace {

using base::Severity;
using runtime::Task;

constexpr std::string_view kCloseTag = "</stream:stream>";
// How long the server may take to answer our closing tag.
constexpr auto kCloseTimeout = std::chrono::seconds(2);
constexpr std::size_t kReadBytes = 64 * 1024;

// XEP-0114 §3: `to` is the component's name; no version, so no features follow (CMP-01).
std::string stream_header(std::string_view jid) {
  return "<?xml version='1.0'?><stream:stream xmlns='" + std::string(ns::kComponentAccept) +
         "' xmlns:stream='" + std::string(ns::kStreams) + "' to='" + escape(jid) + "'>";
}

std::optional<runtime::TlsOptions> tls_options(const config::ComponentSettings& component) {
  if (!component.tls) return std::nullopt;
  return runtime::TlsOptions{
      component.tls_name.empty() ? component.server.host : component.tls_name,
      component.tls_ca_file};
}

// Jitter only: no secret depends on it.
double random_fraction() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

std::int64_t milliseconds(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Stream::Stream(runtime::Executor executor, base::Log& log, XmppCounters& counters,
               const config::ComponentSettings& component, const config::StreamSettings& settings,
               StanzaHandler on_stanza)
    : executor_(executor),
      log_(log),
      counters_(counters),
      component_(component),
      settings_(settings),
      tls_(tls_options(component)),
      on_stanza_(std::move(on_stanza)),
      delay_({.base = settings.reconnect_delay,
              .max = settings.reconnect_delay_max,
              .refused = settings.refused_delay}),
      retry_(executor),
      ended_(executor) {
  runtime::Connection probe(executor, tls_);  // a CA file that cannot be read stops the start
}

Task<> Stream::run() {
  is_running_ = true;
  set_state(Status::State::connecting);
  while (!is_stopping_) {
    const base::TimePoint began = base::Clock::now();
    const Ending ending = co_await serve();
    if (is_stopping_) break;
    const base::Duration lifetime = base::Clock::now() - began;
    delay_.note_lifetime(lifetime);
    base::Duration delay{};
    switch (ending.action) {
      case StreamErrorAction::retry_at_once:
        break;
      case StreamErrorAction::retry:
        delay = delay_.after_failure(random_fraction());
        break;
      // CMP-15: a server may not send us elsewhere with our secret unless an operator says so.
      case StreamErrorAction::follow:
      case StreamErrorAction::retry_late:
        delay = delay_.after_refusal(random_fraction());
        break;
    }
    if (std::exchange(is_hurried_, false)) delay = {};
    report(ending, lifetime, delay);
    retry_.expires_after(delay);
    co_await retry_.async_wait(runtime::kTuple);
  }
  is_running_ = false;
  ended_.set();
}

void Stream::reconnect() {
  is_hurried_ = live_ != nullptr;
  if (live_ != nullptr) close(*live_, {.condition = "reconnect", .reason = "an operator asked"});
  retry_.cancel();
}

void Stream::set_state(Status::State state) {
  status_.state = state;
  status_.since = std::chrono::system_clock::now();
  if (tell_status_) tell_status_();
}

Task<> Stream::stop() {
  is_stopping_ = true;
  retry_.cancel();
  if (live_ != nullptr && is_attached_) {
    queue(*live_, kCloseTag);
    live_->is_closing = true;
  } else if (live_ != nullptr) {
    live_->connection.close();
  }
  if (!is_running_) co_return;
  auto wait_for_end = [](Stream& self) -> Task<bool> {
    co_await self.ended_.wait();
    co_return true;
  };
  const auto ended =
      co_await runtime::with_deadline(wait_for_end(*this), base::Deadline::after(kCloseTimeout));
  if (ended) co_return;
  if (live_ != nullptr) live_->connection.close();
  while (is_running_) co_await ended_.wait();
}

void Stream::send(const Element& stanza) {
  if (live_ == nullptr || !is_attached_ || live_->is_closing) {
    counters_.add(XmppCounter::stanzas_dropped_unsent);
    return;
  }
  append_xml(live_->queue, stanza, ns::kComponentAccept);
  counters_.add(XmppCounter::stanzas_sent);
  queue(*live_, {});
}

// One connection from first byte to last:
//  1. connect, TLS, header, handshake: all within connect_timeout
//  2. attached: read stanzas; beside it a writer and the keepalive
//  3. whatever ended it closes the connection; the children follow
Task<Stream::Ending> Stream::serve() {
  const XmlLimits limits{.stanza_bytes_max = settings_.stanza_bytes_max};
  Live live(executor_, tls_, limits);
  live_ = &live;
  const auto opened =
      co_await runtime::with_deadline(open(live), base::Deadline::after(settings_.connect_timeout));
  Ending ending{.condition = "timeout",
                .reason = "the server did not complete the handshake in time"};
  if (opened && *opened) ending = **opened;
  if (opened && !*opened) {
    is_attached_ = true;
    set_state(Status::State::attached);
    counters_.add(XmppCounter::streams_attached);
    log_.write(Severity::info, "component_attached",
               {{"component", component_.jid},
                {"server", component_.server.host + ":" + std::to_string(component_.server.port)}});
    runtime::TaskGroup children(executor_, log_, 2);
    const bool are_started = children.spawn(write(live)) && children.spawn(keep_alive(live));
    BELLHOP_ASSERT(are_started);
    ending = co_await read(live);
    is_attached_ = false;
    live.connection.close();
    children.cancel();
    co_await children.join();
  }
  live.connection.close();
  live_ = nullptr;
  co_return ending;
}

// Empty: attached.
Task<std::optional<Stream::Ending>> Stream::open(Live& live) {
  const auto ec = co_await live.connection.connect(component_.server.host, component_.server.port);
  if (ec) {
    co_return Ending{.condition = ec.message(), .reason = "cannot connect to the server"};
  }
  const std::string header = stream_header(component_.jid);
  if (const auto failed = co_await live.connection.write_all(header)) {
    co_return Ending{.condition = failed.message(), .reason = "the server closed the connection"};
  }
  std::optional<XmlEvent> event;
  if (auto ending = co_await next_event(live, event)) co_return ending;
  const auto* opened = std::get_if<StreamOpened>(&*event);
  const bool is_component_stream = opened != nullptr && opened->xmlns == ns::kComponentAccept;
  const std::string id = opened != nullptr ? opened->id : std::string();
  // Prosody opens a stream without an id for a host it does not know; the error says which.
  if (is_component_stream && id.empty()) {
    if (auto ending = co_await next_event(live, event)) co_return ending;
    const auto* error = std::get_if<Element>(&*event);
    if (error != nullptr && error->is("error", ns::kStreams)) co_return refused_by(*error);
  }
  // CMP-04: without the id there is nothing to prove; with another namespace it is no component
  // port.
  if (!is_component_stream || id.empty()) {
    co_return Ending{.action = StreamErrorAction::retry_late,
                     .condition = "invalid-namespace",
                     .reason =
                         "the server's port does not speak the component protocol; is it the "
                         "component port?"};
  }
  const std::string handshake =
      "<handshake>" + handshake_digest(id, component_.secret.reveal()) + "</handshake>";
  if (const auto failed = co_await live.connection.write_all(handshake)) {
    co_return Ending{.condition = failed.message(), .reason = "the server closed the connection"};
  }
  if (auto ending = co_await next_event(live, event)) co_return ending;
  const auto* element = std::get_if<Element>(&*event);
  if (element != nullptr && element->is("handshake", ns::kComponentAccept)) co_return std::nullopt;
  if (element != nullptr && element->is("error", ns::kStreams)) co_return refused_by(*element);
  // CMP-03
  co_return Ending{.condition = "unexpected element",
                   .reason = "the server sent something else than <handshake/>"};
}

// Reads until there is an event; an Ending means there will be none.
Task<std::optional<Stream::Ending>> Stream::next_event(Live& live, std::optional<XmlEvent>& event) {
  std::array<char, 4096> buffer;
  while (!(event = live.reader.next())) {
    if (auto fed = live.reader.feed({}); !fed) co_return broken(fed.error());
    auto [ec, n] = co_await live.connection.read_some(boost::asio::buffer(buffer));
    if (ec) {
      // ejabberd closes without a word where others send not-authorized.
      co_return Ending{.condition = ec.message(),
                       .reason = "the server closed the connection during the handshake"};
    }
    (void)live.reader.feed({buffer.data(), n});  // a fault counts after what came before it
  }
  co_return std::nullopt;
}

Task<Stream::Ending> Stream::read(Live& live) {
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    while (auto event = live.reader.next()) {
      auto ending = handle(live, std::move(*event));
      if (!ending) continue;
      co_await runtime::with_deadline(written(live), base::Deadline::after(kCloseTimeout));
      co_return *ending;
    }
    // What came before a fault is answered by now; then RFC 6120 §4.9.1: error, closing tag.
    if (auto fed = live.reader.feed({}); !fed) {
      queue(live, to_xml(to_stream_error(fed.error())) + std::string(kCloseTag));
      co_await runtime::with_deadline(written(live), base::Deadline::after(kCloseTimeout));
      co_return broken(fed.error());
    }
    auto [ec, n] = co_await live.connection.read_some(boost::asio::buffer(buffer));
    if (live.ending) co_return *live.ending;
    if (ec) {
      co_return Ending{.condition = ec.message(), .reason = "the server closed the connection"};
    }
    live.last_received = base::Clock::now();
    (void)live.reader.feed({buffer.data(), n});
  }
}

std::optional<Stream::Ending> Stream::handle(Live& live, XmlEvent event) {
  if (std::holds_alternative<StreamClosed>(event)) {
    queue(live, kCloseTag);  // CMP-07: finish writing, answer, close
    return Ending{.condition = "closed", .reason = "the server closed the stream"};
  }
  auto* element = std::get_if<Element>(&event);
  if (element == nullptr) return std::nullopt;
  if (element->is("error", ns::kStreams)) return refused_by(*element);
  counters_.add(XmppCounter::stanzas_received);
  on_stanza_(std::move(*element));
  return std::nullopt;
}

Task<> Stream::write(Live& live) {
  std::string sending;
  for (;;) {
    while (live.queue.empty()) co_await live.write_wanted.wait();
    sending.clear();
    sending.swap(live.queue);
    live.write_started = base::Clock::now();
    const auto ec = co_await live.connection.write_all(sending);
    live.write_started = {};
    live.write_ended.set();
    if (ec) {
      close(live, {.condition = ec.message(), .reason = "the server closed the connection"});
      co_return;
    }
  }
}

// Waits until the writer has given everything away. The caller sets the deadline.
Task<bool> Stream::written(Live& live) {
  while (!live.ending && (!live.queue.empty() || live.write_started != base::TimePoint{})) {
    co_await live.write_ended.wait();
  }
  co_return true;
}

// XEP-0199 towards the server after silence; a server that neither answers nor takes what we write
// within the time-out is given up (CMP-09).
Task<> Stream::keep_alive(Live& live) {
  live.last_received = base::Clock::now();
  bool is_asked = false;
  const auto step = std::min(settings_.ping_interval, settings_.ping_timeout) / 4;
  const auto pause = std::max<base::Duration>(step, std::chrono::milliseconds(10));
  for (;;) {
    const bool goes_on = co_await runtime::sleep_for(executor_, pause);
    if (!goes_on) co_return;
    const base::TimePoint now = base::Clock::now();
    const base::Duration silence = now - live.last_received;
    if (live.write_started != base::TimePoint{} &&
        now - live.write_started >= settings_.ping_timeout) {
      close(live, {.condition = "timeout", .reason = "the server does not read any more"});
      co_return;
    }
    if (silence < settings_.ping_interval) {
      is_asked = false;
    } else if (!is_asked) {
      is_asked = true;
      Element ping("iq", ns::kComponentAccept);
      ping.set("type", "get").set("id", "ping-" + std::to_string(++ping_number_));
      ping.set("from", component_.jid).set("to", component_.parent_domain);
      ping.add(Element("ping", ns::kPing));
      send(ping);
    } else if (silence >= settings_.ping_interval + settings_.ping_timeout) {
      close(live, {.condition = "timeout", .reason = "the server does not answer any more"});
      co_return;
    }
  }
}

void Stream::queue(Live& live, std::string_view xml) {
  if (live.is_closing) return;
  live.queue += xml;
  if (live.queue.size() > settings_.send_queue_bytes_max) {
    close(live, {.condition = "queue full", .reason = "the server does not read any more"});
    return;
  }
  live.write_wanted.set();
}

void Stream::close(Live& live, Ending ending) {
  if (!live.ending) live.ending = std::move(ending);
  live.connection.close();
}

Stream::Ending Stream::broken(const base::Error& error) {
  return Ending{.condition = to_stream_error(error).condition,
                .reason = "the server sent what is not a component stream: " + error.detail()};
}

Stream::Ending Stream::refused_by(const Element& element) {
  const StreamError error = read_stream_error(element);
  return Ending{.action = action_for(error),
                .condition = error.condition,
                .reason = std::string(explain(error))};
}

void Stream::report(const Ending& ending, base::Duration lifetime, base::Duration delay) {
  const bool needs_operator =
      ending.action == StreamErrorAction::retry_late || ending.action == StreamErrorAction::follow;
  counters_.add(needs_operator ? XmppCounter::streams_refused : XmppCounter::streams_lost);
  status_.last_error = ending.condition + ": " + ending.reason;
  set_state(needs_operator ? Status::State::refused : Status::State::connecting);
  log_.write(needs_operator ? Severity::error : Severity::warn,
             needs_operator ? "component_refused" : "component_lost",
             {{"component", component_.jid},
              {"condition", ending.condition},
              {"reason", ending.reason},
              {"lived_ms", milliseconds(lifetime)},
              {"retry_ms", milliseconds(delay)}});
}

}  // namespace bellhop::xmpp

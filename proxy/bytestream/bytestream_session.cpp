#include "proxy/bytestream/bytestream_session.hpp"

namespace bellhop::bytestream {
namespace {

using proxy::ProxyCounter;
using runtime::BytePump;
using std::chrono::system_clock;

}  // namespace

BytestreamSession::BytestreamSession(const Context& context, Activation activation)
    : Session(context.ids.next(system_clock::now())),
      context_(context),
      activation_(std::move(activation)),
      started_(system_clock::now()),
      pump_(context.executor, context.poller, context.pipes, std::move(activation_.first),
            std::move(activation_.second), std::move(activation_.limits), this) {
  context_.counters.add(ProxyCounter::sessions_activated);
  context_.counters.add(ProxyCounter::sessions_active);
}

BytestreamSession::~BytestreamSession() {
  context_.counters.subtract(ProxyCounter::sessions_active);
}

runtime::Task<> BytestreamSession::run() {
  context_.sessions.add(*this);
  const runtime::EndReason reason = co_await pump_.run();
  context_.sessions.finish(*this, reason);
  context_.ends.add(static_cast<proxy::SessionEnd>(reason));
  report(reason);
}

runtime::SessionFacts BytestreamSession::facts() const {
  return {id(),
          kind(),
          activation_.requester.text(),
          activation_.target.text(),
          activation_.first_peer.text(),
          activation_.second_peer.text(),
          started_};
}

runtime::SessionBytes BytestreamSession::bytes() const {
  return {pump_.bytes_from(BytePump::Side::first), pump_.bytes_from(BytePump::Side::second),
          pump_.has_ended() ? pump_.bytes_dropped() : 0};
}

void BytestreamSession::count(const runtime::SessionBytes& moved) {
  context_.counters.add(ProxyCounter::bytes_relayed, moved.delivered());
  context_.counters.add(ProxyCounter::bytes_dropped, moved.dropped);
}

void BytestreamSession::report(runtime::EndReason reason) const {
  base::Log& log = context_.log;
  if (!log.is_on(base::Severity::info)) return;
  const runtime::SessionBytes moved = bytes();
  const auto duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now() - started_);
  log.write(base::Severity::info, "session_ended",
            {{"session", id().text()},
             {"kind", kind()},
             {"requester", log.shown_jid(activation_.requester.text())},
             {"target", log.shown_jid(activation_.target.text())},
             {"first", log.shown_address(activation_.first_peer.text())},
             {"second", log.shown_address(activation_.second_peer.text())},
             {"bytes_from_first", moved.first_to_second},
             {"bytes_from_second", moved.second_to_first},
             {"bytes_dropped", moved.dropped},
             {"duration_ms", duration.count()},
             {"reason", runtime::to_text(reason)}});
}

}  // namespace bellhop::bytestream

#include "proxy/bytestream/bytestream_session.hpp"

namespace bellhop::bytestream {
namespace {

using proxy::ProxyCounter;
using runtime::BytePump;

runtime::PumpLimits limits_of(proxy::RateLimits::Lease& lease) {
  return runtime::PumpLimits{{lease.session(), lease.jid(), lease.total()}};
}

}  // namespace

BytestreamSession::BytestreamSession(const Context& context, Activation activation)
    : context_(context),
      activation_(std::move(activation)),
      id_(context.ids.next(std::chrono::system_clock::now())),
      started_(base::Clock::now()),
      lease_(context.limits, activation_.requester.bare(), started_),
      pump_(context.executor, context.poller, context.pipes, std::move(activation_.first),
            std::move(activation_.second), limits_of(lease_)) {
  context_.counters.add(ProxyCounter::sessions_activated);
  context_.counters.add(ProxyCounter::sessions_active);
}

BytestreamSession::~BytestreamSession() {
  context_.counters.subtract(ProxyCounter::sessions_active);
}

runtime::Task<> BytestreamSession::run() {
  const runtime::EndReason reason = co_await pump_.run();
  report(reason);
}

void BytestreamSession::report(runtime::EndReason reason) const {
  const std::uint64_t from_first = pump_.bytes_from(BytePump::Side::first);
  const std::uint64_t from_second = pump_.bytes_from(BytePump::Side::second);
  context_.counters.add(ProxyCounter::bytes_relayed, from_first + from_second);
  context_.counters.add(ProxyCounter::bytes_dropped, pump_.bytes_dropped());
  context_.ends.add(static_cast<proxy::SessionEnd>(reason));
  base::Log& log = context_.log;
  if (!log.is_on(base::Severity::info)) return;
  const auto duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(base::Clock::now() - started_);
  log.write(base::Severity::info, "session_ended",
            {{"session", id_.text()},
             {"kind", kind()},
             {"requester", log.shown_jid(activation_.requester.text())},
             {"target", log.shown_jid(activation_.target.text())},
             {"first", log.shown_address(activation_.first_peer.text())},
             {"second", log.shown_address(activation_.second_peer.text())},
             {"bytes_from_first", from_first},
             {"bytes_from_second", from_second},
             {"bytes_dropped", pump_.bytes_dropped()},
             {"duration_ms", duration.count()},
             {"reason", runtime::to_text(reason)}});
}

}  // namespace bellhop::bytestream

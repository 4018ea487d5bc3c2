// One activated bytestream: two connections and the pump between them.
#pragma once

#include <functional>
#include <string>

#include "component/base/ip_address.hpp"
#include "component/base/log.hpp"
#include "component/base/ulid.hpp"
#include "component/base/unique_fd.hpp"
#include "component/runtime/byte_pump.hpp"
#include "component/runtime/session.hpp"
#include "component/xmpp/jid.hpp"
#include "proxy/bytestream/dst_addr.hpp"
#include "proxy/counters.hpp"

namespace bellhop::bytestream {

/// An activated bytestream on its way from the control shard to its own.
struct Activation {
  DstAddr dst_addr;
  xmpp::Jid requester;  ///< who activated it: full, prepared
  xmpp::Jid target;
  base::UniqueFd first;  ///< in order of connecting; non-blocking
  base::UniqueFd second;
  base::IpEndpoint first_peer;
  base::IpEndpoint second_peer;
  runtime::SessionLimits limits;
  std::string_view parent_domain;  ///< of the component; outlives the session
};

/// Lives on one shard, from activation until both directions have ended, then logs itself.
class BytestreamSession final : public runtime::Session {
 public:
  /// What it needs of its shard; all of it outlives the session.
  struct Context {
    runtime::Executor executor;
    base::Log& log;
    runtime::Poller& poller;
    runtime::PipePool& pipes;
    runtime::SessionList& sessions;
    base::UlidSource& ids;
    base::CounterBlock<proxy::ProxyCounter>& counters;
    base::CounterBlock<proxy::SessionEnd>& ends;
  };

  /// Errors of the sockets show when run() starts.
  BytestreamSession(const Context& context, Activation activation);
  ~BytestreamSession() override;

  /// Relays until the end. Call once.
  [[nodiscard]] runtime::Task<> run();

  [[nodiscard]] std::string_view kind() const override { return "socks5"; }
  void end(runtime::EndReason reason) override { pump_.end(reason); }
  [[nodiscard]] base::TimePoint last_progress() const override { return pump_.last_progress(); }
  [[nodiscard]] runtime::SessionFacts facts() const override;
  [[nodiscard]] runtime::SessionBytes bytes() const override;
  [[nodiscard]] std::string_view requester() const override { return activation_.requester.bare(); }
  [[nodiscard]] std::string_view parent_domain() const override {
    return activation_.parent_domain;
  }
  [[nodiscard]] const runtime::SessionLimits& limits() const override { return pump_.limits(); }
  void set_limits(runtime::SessionLimits limits) override { pump_.set_limits(std::move(limits)); }
  void count(const runtime::SessionBytes& moved) override;

 private:
  void report(runtime::EndReason reason) const;

  Context context_;
  Activation activation_;  // descriptors and limits have moved into the pump
  std::chrono::system_clock::time_point started_;
  runtime::BytePump pump_;
};

}  // namespace bellhop::bytestream

// What one client moves of one user's files, as a session that operators see and limit.
#pragma once

#include <functional>
#include <string>

#include "component/base/log.hpp"
#include "component/base/ulid.hpp"
#include "component/policy/admission.hpp"
#include "component/runtime/session.hpp"
#include "component/runtime/shard.hpp"
#include "proxy/files/counters.hpp"
#include "proxy/http/exchange.hpp"

namespace bellhop::files {

/// Lives on one shard, with the connection: from the first byte of one user's files until another
/// user's are asked for, or nothing was asked for a while, or the connection ends. So a gallery of
/// small pictures is one session, not a thousand.
class Transfer final : public http::Attachment, public runtime::Session {
 public:
  /// What it needs of its shard and of the control shard; all of it outlives the session.
  struct Context {
    runtime::SessionList& sessions;
    base::Log& log;
    base::CounterBlock<FileCounter>& counters;
    base::UlidSource& ids;
    runtime::Shard& control;
    policy::Admission& admission;  ///< the control shard's
  };
  struct Facts {
    std::string_view kind;  ///< `upload`, `download` or `dav`: a literal
    xmpp::Jid owner;        ///< bare
    std::string_view parent_domain;
    std::string client;  ///< its address
    runtime::SessionLimits limits;
    std::function<void()> close;  ///< the connection; on its shard
  };

  Transfer(const Context& context, Facts facts);
  ~Transfer() override;

  /// The session that runs on this connection for this user and kind, or a new one. Where
  /// `parent_domain` is empty no rule has to allow it. Errors: those of policy::Admission. Owned by
  /// the connection.
  [[nodiscard]] static runtime::Task<base::Result<Transfer*>> join(const Context& context,
                                                                   http::Exchange& exchange,
                                                                   std::string_view kind,
                                                                   std::string_view owner,
                                                                   std::string_view parent_domain);

  void add_received(std::uint64_t bytes);
  void add_sent(std::uint64_t bytes);
  /// How many of `wanted` bytes may move now; waits until some may. 0: it was ended.
  [[nodiscard]] runtime::Task<std::uint64_t> wait_for_allowance(std::uint64_t wanted);

  [[nodiscard]] bool is_wanted(base::TimePoint now) const override;
  [[nodiscard]] std::string_view kind() const override { return facts_.kind; }
  void end(runtime::EndReason reason) override;
  [[nodiscard]] base::TimePoint last_progress() const override { return last_progress_; }
  [[nodiscard]] runtime::SessionFacts facts() const override;
  [[nodiscard]] runtime::SessionBytes bytes() const override { return {received_, sent_, 0}; }
  [[nodiscard]] std::string_view requester() const override { return facts_.owner.bare(); }
  [[nodiscard]] std::string_view parent_domain() const override { return facts_.parent_domain; }
  [[nodiscard]] const runtime::SessionLimits& limits() const override { return facts_.limits; }
  void set_limits(runtime::SessionLimits limits) override { facts_.limits = std::move(limits); }
  void count(const runtime::SessionBytes& moved) override;

 private:
  void report(runtime::EndReason reason) const;

  Context context_;
  Facts facts_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  base::TimePoint last_progress_ = base::Clock::now();
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  runtime::EndReason reason_ = runtime::EndReason::none;
};

}  // namespace bellhop::files

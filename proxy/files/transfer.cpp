#include "proxy/files/transfer.hpp"

#include <algorithm>

#include "component/runtime/periodic.hpp"

namespace bellhop::files {
namespace {

using runtime::EndReason;
using runtime::Task;
using namespace std::chrono_literals;

// Between the pictures of one page; behind it the user is gone.
constexpr base::Duration kKept = 5s;
// New limits are in force this soon for whoever waits under old ones.
constexpr base::Duration kWaitMax = 100ms;

}  // namespace

Transfer::Transfer(const Context& context, Facts facts)
    : Session(context.ids.next(std::chrono::system_clock::now())),
      context_(context),
      facts_(std::move(facts)) {
  context_.sessions.add(*this);
}

Transfer::~Transfer() {
  const EndReason reason = reason_ == EndReason::none ? EndReason::completed : reason_;
  context_.sessions.finish(*this, reason);
  report(reason);
  auto release = [&admission = context_.admission, owner = facts_.owner] {
    admission.release(owner);
  };
  runtime::asio::post(context_.control.executor(), release);
}

Task<base::Result<Transfer*>> Transfer::join(const Context& context, http::Exchange& exchange,
                                             std::string_view kind, std::string_view owner,
                                             std::string_view parent_domain) {
  auto* running = dynamic_cast<Transfer*>(exchange.attachment().get());
  // Through a reverse proxy the requests of many clients come over one connection.
  if (running != nullptr && running->kind() == kind && running->requester() == owner &&
      running->facts_.client == exchange.client().text()) {
    co_return running;
  }
  exchange.attachment().reset();
  auto jid = xmpp::Jid::parse(owner);
  if (!jid) co_return jid.error();
  auto admit = [&admission = context.admission, user = *jid, parent_domain] {
    if (!parent_domain.empty()) {
      const auto now = std::chrono::system_clock::now();
      const auto allowed = admission.check(user, parent_domain, now);
      if (!allowed) return base::Result<runtime::SessionLimits>(allowed.error());
    }
    return admission.acquire(user, base::Clock::now());
  };
  auto limits = co_await runtime::hop(context.control, admit);
  if (!limits) co_return limits.error();
  Facts facts{kind,
              std::move(*jid),
              parent_domain,
              exchange.client().text(),
              std::move(*limits),
              exchange.closer()};
  auto made = std::make_unique<Transfer>(context, std::move(facts));
  Transfer* transfer = made.get();
  exchange.attachment() = std::move(made);
  co_return transfer;
}

void Transfer::add_received(std::uint64_t bytes) {
  received_ += bytes;
  last_progress_ = base::Clock::now();
  facts_.limits.spend(bytes);
  note_progress();
}

void Transfer::add_sent(std::uint64_t bytes) {
  sent_ += bytes;
  last_progress_ = base::Clock::now();
  facts_.limits.spend(bytes);
  note_progress();
}

Task<std::uint64_t> Transfer::wait_for_allowance(std::uint64_t wanted) {
  while (reason_ == EndReason::none) {
    if (!facts_.limits.any()) co_return wanted;
    const base::TimePoint now = base::Clock::now();
    const base::TimePoint grant = facts_.limits.next_grant();
    if (now >= grant) {
      const std::uint64_t allowed = facts_.limits.allowance(wanted, now);
      if (allowed > 0) co_return allowed;
    }
    const base::Duration wait = std::clamp<base::Duration>(grant - now, 1ms, kWaitMax);
    const auto executor = co_await runtime::asio::this_coro::executor;
    const bool goes_on = co_await runtime::sleep_for(executor, wait);
    if (!goes_on) co_return 0;
  }
  co_return 0;
}

bool Transfer::is_wanted(base::TimePoint now) const {
  return now - last_progress_ < kKept;
}

void Transfer::end(EndReason reason) {
  if (reason_ == EndReason::none) reason_ = reason;
  facts_.close();
}

runtime::SessionFacts Transfer::facts() const {
  return {id(), kind(), facts_.owner.text(), {}, facts_.client, {}, started_};
}

void Transfer::count(const runtime::SessionBytes& moved) {
  context_.counters.add(FileCounter::bytes_received, moved.first_to_second);
  context_.counters.add(FileCounter::bytes_sent, moved.second_to_first);
}

void Transfer::report(EndReason reason) const {
  base::Log& log = context_.log;
  if (!log.is_on(base::Severity::info)) return;
  const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() - started_);
  log.write(base::Severity::info, "session_ended",
            {{"session", id().text()},
             {"kind", kind()},
             {"requester", log.shown_jid(facts_.owner.text())},
             {"first", log.shown_address(facts_.client)},
             {"bytes_received", received_},
             {"bytes_sent", sent_},
             {"duration_ms", duration.count()},
             {"reason", runtime::to_text(reason)}});
}

}  // namespace bellhop::files

#include "proxy/webdav/confirmations.hpp"

#include <algorithm>
#include <utility>

#include "component/runtime/event.hpp"
#include "component/xmpp/errors.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;
using runtime::Task;

// What the XMPP side says as HTTP tells it. A user's client may refuse by any condition.
Result<void> verdict_of(const Result<void>& answer) {
  if (answer) return answer;
  const Error& error = answer.error();
  if (error.is(xmpp::errors::asked_too_often)) return Error(errors::too_many_questions);
  if (error.is(xmpp::errors::interrupted)) return Error(errors::cannot_ask, "stopping");
  return Error(errors::not_confirmed, std::string(error.kind().name));
}

}  // namespace

/// One request; lives in the frame of its coroutine.
struct Confirmations::Wait {
  Wait(Confirmations& all, std::string claim)
      : owner(all), key(std::move(claim)), settled(all.executor_) {
    owner.waits_[key].push_back(this);
  }
  // Also when the coroutine is cut short: nobody may find this any more.
  ~Wait() {
    if (const auto row = owner.waits_.find(key); row != owner.waits_.end()) {
      std::erase(row->second, this);
    }
  }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  Confirmations& owner;
  std::string key;
  runtime::Event settled;
  Result<void> outcome = Error(errors::cannot_ask, "interrupted");
};

/// Tells all who wait for a question, however it ends.
class Confirmations::Question {
 public:
  Question(Confirmations& all, std::string claim) : all_(all), claim_(std::move(claim)) {}
  ~Question() { all_.settle(claim_, outcome_); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  void end(Result<void> outcome) { outcome_ = std::move(outcome); }

 private:
  Confirmations& all_;
  std::string claim_;
  Result<void> outcome_ = Error(errors::cannot_ask, "interrupted");
};

Confirmations::Confirmations(runtime::Executor control, base::Log& log, base::Duration answer_wait)
    : executor_(control),
      log_(log),
      answer_wait_(answer_wait),
      claims_(kClaimsOfAddress, kCountedMax),
      questions_(control, log, kQuestionsMax) {}

Confirmations::~Confirmations() = default;

// A user's own server is the one that needs no other to reach them.
const Confirmations::Asker* Confirmations::asker_for(const xmpp::Jid& user) const {
  if (askers_.empty()) return nullptr;
  const auto own = std::ranges::find(askers_, user.domain(), &Asker::parent_domain);
  const Asker& chosen = own == askers_.end() ? askers_.front() : *own;
  return chosen.is_attached() ? &chosen : nullptr;
}

Result<bool> Confirmations::admit(const Claim& claim, base::TimePoint now) {
  if (table_.use(table_.key_of(claim), now)) return true;
  if (!claims_.take(claim.requester.subscriber(), now)) return Error(errors::too_many_questions);
  if (asker_for(claim.user) == nullptr) return Error(errors::cannot_ask, "not attached");
  return false;
}

Task<Result<void>> Confirmations::ask(Claim claim, std::string method, std::string owner) {
  const std::string key = table_.key_of(claim);
  const auto asked = waits_.find(key);
  if (asked != waits_.end() && asked->second.size() >= kWaitingMax) {
    co_return Error(errors::too_many_questions, "waiting for one answer");
  }
  if (asked == waits_.end()) {
    auto confirm = xmpp::make_confirm(claim.transaction, method, claim.url);
    if (!confirm) co_return Error(errors::not_confirmed, confirm.error().detail());
    xmpp::HttpQuestion question(std::move(claim.user), std::move(*confirm), claim.requester);
    waits_.emplace(key, Waits());
    if (!questions_.spawn(put(key, std::move(question), std::move(owner)))) {
      waits_.erase(key);
      co_return Error(errors::too_many_questions, "too many at once");
    }
  }
  Wait wait(*this, key);
  co_await wait.settled.wait();
  co_return wait.outcome;
}

Task<> Confirmations::put(std::string key, xmpp::HttpQuestion question, std::string owner) {
  Question ending(*this, key);
  // So that who asks waits already, whatever the answer is.
  co_await runtime::asio::post(executor_, runtime::asio::deferred);
  const Asker* asker = asker_for(question.user);
  if (asker == nullptr) co_return;
  const std::string user = question.user.text();
  const std::string requester = question.requester.text();
  const base::TimePoint began = base::Clock::now();
  const auto answer =
      co_await asker->client.ask(std::move(question), base::Deadline(began + answer_wait_));
  const base::TimePoint now = base::Clock::now();
  if (answer) table_.add(key, now);
  Result<void> verdict = verdict_of(answer);
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - began);
  log_.write_limited(base::Severity::info, "guest_asked",
                     {{"guest", log_.shown_jid(user)},
                      {"owner", log_.shown_jid(owner)},
                      {"peer", log_.shown_address(requester)},
                      {"outcome", answer ? "confirmed" : answer.error().kind().name},
                      {"duration_ms", waited.count()}});
  ending.end(std::move(verdict));
}

void Confirmations::settle(const std::string& key, const Result<void>& outcome) {
  const auto row = waits_.find(key);
  if (row == waits_.end()) return;
  const Waits waits = std::move(row->second);
  waits_.erase(row);
  for (Wait* wait : waits) {
    wait->outcome = outcome;
    wait->settled.set();
  }
}

Task<> Confirmations::stop() {
  questions_.cancel();
  co_await questions_.join();
}

}  // namespace bellhop::webdav

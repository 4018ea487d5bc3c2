#include "component/xmpp/http_auth.hpp"

#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/random_id.hpp"

namespace bellhop::xmpp {

/// Counts a question for as long as it waits, however that ends.
class HttpAuthClient::Place {
 public:
  explicit Place(HttpAuthClient& client) : client_(client) { ++client_.questions_; }
  ~Place() { --client_.questions_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  HttpAuthClient& client_;
};

struct HttpAuthClient::Wait {
  Wait(HttpAuthClient& owner, HttpQuestion asked, base::Deadline deadline)
      : client(owner),
        question(std::move(asked)),
        timer(owner.executor_, deadline.at()),
        thread(random_id()) {
    client.waits_.emplace(thread, this);
  }
  // Also when the coroutine is cut short: nobody may find this any more.
  ~Wait() { client.waits_.erase(thread); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  void end(base::Result<void> how) {
    outcome = std::move(how);
    timer.cancel();
  }

  HttpAuthClient& client;
  HttpQuestion question;
  runtime::Timer timer;
  std::string thread;
  base::Result<void> outcome = base::Error(errors::remote_server_timeout, "no answer");
};

HttpAuthClient::HttpAuthClient(runtime::Executor executor, Jid own_jid, IqClient& requests,
                               Sender send, const HttpAuthRates& rates)
    : executor_(executor),
      own_jid_(std::move(own_jid)),
      iqs_(requests),
      send_(std::move(send)),
      user_limits_(rates.per_user, kAskersMax),
      address_limits_(rates.per_address, kAskersMax) {}

HttpAuthClient::~HttpAuthClient() {
  BELLHOP_ASSERT(questions_ == 0);
}

base::Result<void> HttpAuthClient::admit(const HttpQuestion& question, base::TimePoint now) {
  if (is_stopped_) return base::Error(errors::interrupted, "stopping");
  // A domain is nobody who could confirm; most answer anything.
  if (!question.user.has_local()) return base::Error(errors::bad_request, "not a user");
  if (questions_ >= kQuestionsMax) {
    return base::Error(errors::asked_too_often, "too many questions wait");
  }
  // The address first: who asks about everybody must not use up what users are asked by others.
  if (!address_limits_.take(question.requester.subscriber(), now)) {
    return base::Error(errors::asked_too_often, "this address asks too often");
  }
  if (!user_limits_.take(question.user.to_bare(), now)) {
    return base::Error(errors::asked_too_often, "this user is asked too often");
  }
  return {};
}

runtime::Task<base::Result<void>> HttpAuthClient::ask(HttpQuestion question,
                                                      base::Deadline deadline) {
  auto admitted = admit(question, base::Clock::now());
  if (!admitted) co_return admitted.error();
  const Place place(*this);
  if (question.user.has_resource()) co_return co_await ask_by_iq(std::move(question), deadline);
  co_return co_await ask_by_message(std::move(question), deadline);
}

runtime::Task<base::Result<void>> HttpAuthClient::ask_by_iq(HttpQuestion question,
                                                            base::Deadline deadline) {
  Addresses addresses{.from = own_jid_, .to = std::move(question.user)};
  IqQuestion iq(IqType::get, std::move(addresses), to_element(question.confirm));
  // IqClient takes answers from the asked JID only. HVX-04: any result confirms.
  const IqAnswer answer = co_await iqs_.ask(std::move(iq), deadline);
  if (!answer) co_return answer.error();
  co_return base::Result<void>();
}

runtime::Task<base::Result<void>> HttpAuthClient::ask_by_message(HttpQuestion question,
                                                                 base::Deadline deadline) {
  Wait wait(*this, std::move(question), deadline);
  const Addresses addresses{.from = own_jid_, .to = wait.question.user};
  send_(make_confirm_message(addresses, wait.thread, wait.question.confirm));
  // Nothing runs between here and the wait, so an answer finds a timer that is waited for.
  co_await wait.timer.async_wait(runtime::kTuple);
  co_return wait.outcome;
}

bool HttpAuthClient::take(const Element& message, const Addresses& addresses) {
  const auto row = waits_.find(std::string(thread_of(message)));
  if (row == waits_.end()) return false;
  Wait& wait = *row->second;
  // HVX-04: any resource of the user who was asked, nobody else; the server vouches for `from`.
  if (addresses.from.bare() != wait.question.user.bare()) return false;
  const auto answer = read_confirm_answer(message, wait.question.confirm);
  if (!answer) return false;
  waits_.erase(row);
  wait.end(*answer);
  return true;
}

void HttpAuthClient::stop() {
  is_stopped_ = true;
  const auto ended = std::exchange(waits_, {});
  for (const auto& [thread, wait] : ended) wait->end(base::Error(errors::interrupted));
}

}  // namespace bellhop::xmpp

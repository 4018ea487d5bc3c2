#include "component/xmpp/iq_client.hpp"

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/stanza_error.hpp"

namespace bellhop::xmpp {
namespace {

IqAnswer answer_of(const Element& stanza) {
  if (stanza.attribute("type") == "error") return to_error(read_error(stanza));
  const Element* payload = stanza.first_child();
  return payload == nullptr ? std::optional<Element>() : std::optional<Element>(*payload);
}

bool names(std::string_view address, const Jid& jid) {
  const auto parsed = Jid::parse(address);
  return parsed && *parsed == jid;
}

}  // namespace

struct IqClient::Batch {
  Batch(IqClient& owner, std::size_t size, base::Deadline deadline)
      : client(owner),
        timer(owner.executor_, deadline.at()),
        answers(size, base::Error(errors::remote_server_timeout)) {}
  // Also when the coroutine is cut short: nobody may find this any more.
  ~Batch() {
    for (const std::string& id : ids) client.waiting_.erase(id);
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void answer(std::size_t index, IqAnswer answer) {
    answers[index] = std::move(answer);
    if (--missing == 0) timer.cancel();
  }

  IqClient& client;
  runtime::Timer timer;
  std::vector<std::string> ids;
  std::vector<IqAnswer> answers;
  std::size_t missing = 0;
};

IqClient::IqClient(runtime::Executor executor, Sender send)
    : executor_(executor), send_(std::move(send)) {}

IqClient::~IqClient() {
  BELLHOP_ASSERT(waiting_.empty());
}

runtime::Task<IqAnswer> IqClient::ask(IqQuestion question, base::Deadline deadline) {
  std::vector<IqQuestion> questions;
  questions.push_back(std::move(question));
  std::vector<IqAnswer> answers = co_await ask_all(std::move(questions), deadline);
  co_return std::move(answers.front());
}

runtime::Task<std::vector<IqAnswer>> IqClient::ask_all(std::vector<IqQuestion> questions,
                                                       base::Deadline deadline) {
  Batch batch(*this, questions.size(), deadline);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (is_stopped_ || waiting_.size() >= kInFlightMax) {
      batch.answers[i] =
          base::Error(is_stopped_ ? errors::interrupted : errors::resource_constraint);
      continue;
    }
    IqQuestion& question = questions[i];
    const std::string id = "ask-" + std::to_string(++last_id_);
    const Element request =
        make_request(question.type, question.addresses, id, std::move(question.payload));
    waiting_.emplace(id, Place{&batch, i, std::move(question.addresses)});
    batch.ids.push_back(id);
    ++batch.missing;
    send_(request);
  }
  // Nothing runs between here and the wait, so the last answer finds a timer that is waited for.
  if (batch.missing > 0) co_await batch.timer.async_wait(runtime::kTuple);
  co_return std::move(batch.answers);
}

bool IqClient::take(const Element& stanza) {
  const std::string_view type = stanza.attribute("type");
  if (!stanza.is("iq", ns::kComponentAccept) || (type != "result" && type != "error")) return false;
  const auto row = waiting_.find(std::string(stanza.attribute("id")));
  if (row == waiting_.end()) return false;
  const Place& place = row->second;
  // RFC 6120 §8.1.3: ids can be guessed, so an answer counts only from whom was asked; the server
  // vouches for `from`.
  if (!names(stanza.attribute("from"), place.addresses.to) ||
      !names(stanza.attribute("to"), place.addresses.from)) {
    return false;
  }
  Batch& batch = *place.batch;
  const std::size_t index = place.index;
  waiting_.erase(row);
  batch.answer(index, answer_of(stanza));
  return true;
}

void IqClient::stop() {
  is_stopped_ = true;
  auto ended = std::exchange(waiting_, {});
  for (auto& [id, place] : ended) {
    place.batch->answer(place.index, base::Error(errors::interrupted));
  }
}

}  // namespace bellhop::xmpp

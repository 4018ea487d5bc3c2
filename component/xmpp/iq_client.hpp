// Requests of our own: sent, matched with their answers, given up after a while.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/base/clock.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/stanza.hpp"

namespace bellhop::xmpp {

/// What a request of ours has brought: the payload of the result (or none), or why there is none.
using IqAnswer = base::Result<std::optional<Element>>;

/// One request that is to be sent.
struct IqQuestion {
  IqQuestion(IqType asked, Addresses between, Element content)
      : type(asked), addresses(std::move(between)), payload(std::move(content)) {}

  IqType type;          ///< get or set
  Addresses addresses;  ///< `from` is at the component's domain
  Element payload;
};

/// The requests of one component that wait for an answer. Control shard.
class IqClient {
 public:
  /// Requests that wait at one time; more are refused at once.
  static constexpr std::size_t kInFlightMax = 256;

  using Sender = std::function<void(const Element&)>;

  IqClient(runtime::Executor executor, Sender send);
  ~IqClient();
  IqClient(const IqClient&) = delete;
  IqClient& operator=(const IqClient&) = delete;

  /// Sends one request and waits for its answer. Errors: the row of the condition that came back
  /// (errors::undefined_condition for unknown ones), errors::remote_server_timeout after
  /// `deadline`, errors::resource_constraint when too many wait, errors::interrupted after stop().
  [[nodiscard]] runtime::Task<IqAnswer> ask(IqQuestion question, base::Deadline deadline);
  /// Sends all of them at once and waits until each is answered or `deadline` has passed: answers
  /// in the order of the questions, errors as those of ask().
  [[nodiscard]] runtime::Task<std::vector<IqAnswer>> ask_all(std::vector<IqQuestion> questions,
                                                             base::Deadline deadline);

  /// Whether `stanza` is an answer that somebody waited for: a result or error with the id of a
  /// request, from whom was asked, to who asked. Nothing else is touched.
  [[nodiscard]] bool take(const Element& stanza);

  /// All that waits ends now, and nothing is sent any more.
  void stop();

  [[nodiscard]] std::size_t in_flight() const { return waiting_.size(); }

 private:
  // Requests that are waited for together; lives in the frame of its coroutine.
  struct Batch;
  struct Place {
    Batch* batch;
    std::size_t index;    // into its answers
    Addresses addresses;  // of the request
  };

  runtime::Executor executor_;
  Sender send_;
  std::unordered_map<std::string, Place> waiting_;  // by id
  std::uint64_t last_id_ = 0;
  bool is_stopped_ = false;
};

}  // namespace bellhop::xmpp

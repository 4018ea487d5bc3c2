// Asks users over XMPP whether requests for files of others are theirs (XEP-0129 §4, XEP-0070).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/base/log.hpp"
#include "component/base/request_limit.hpp"
#include "component/runtime/task_group.hpp"
#include "component/xmpp/http_auth.hpp"
#include "proxy/webdav/confirmation_table.hpp"

namespace bellhop::webdav {

/// All questions, whatever shard their requests came to. Requests for the same wait for one answer,
/// and an answer counts even if nobody waits for it any more. Control shard.
class Confirmations {
 public:
  /// A component that may ask.
  struct Asker {
    std::string parent_domain;          ///< whose users it serves
    xmpp::HttpAuthClient& client;       ///< outlives this object's last question
    std::function<bool()> is_attached;  ///< whether it has a stream
  };

  /// How long a user has to answer: a person must see the message and reply to it.
  static constexpr base::Duration kAnswerWait = std::chrono::seconds(60);
  /// Requests of one address that were not confirmed before: each is a look into the index, and may
  /// be a guess at what there is.
  static constexpr base::RequestRate kClaimsOfAddress{.burst = 30,
                                                      .interval = std::chrono::seconds(2)};
  static constexpr std::size_t kCountedMax = 16384;
  /// Questions at one time.
  static constexpr std::size_t kQuestionsMax = 256;
  /// Requests that wait for one of them.
  static constexpr std::size_t kWaitingMax = 16;

  /// `log` outlives it.
  Confirmations(runtime::Executor control, base::Log& log,
                base::Duration answer_wait = kAnswerWait);
  ~Confirmations();

  /// Before the first request.
  void add(Asker asker) { askers_.push_back(std::move(asker)); }

  /// Before anything is looked for, so that its refusals tell nothing. True: the claim was
  /// confirmed a moment ago. Errors: errors::too_many_questions, errors::cannot_ask.
  [[nodiscard]] base::Result<bool> admit(const Claim& claim, base::TimePoint now);
  /// Asks whether the claim is true, of somebody who may have the file; success is remembered.
  /// `method` and `owner` are shown, to the user and in the log. Errors: errors::not_confirmed,
  /// too_many_questions, cannot_ask.
  [[nodiscard]] runtime::Task<base::Result<void>> ask(Claim claim, std::string method,
                                                      std::string owner);
  /// What answer_wait is.
  [[nodiscard]] base::Duration answer_wait() const { return answer_wait_; }

  /// All that waits ends now.
  [[nodiscard]] runtime::Task<> stop();

 private:
  struct Wait;
  class Question;
  using Waits = std::vector<Wait*>;

  [[nodiscard]] const Asker* asker_for(const xmpp::Jid& user) const;
  [[nodiscard]] runtime::Task<> put(std::string key, xmpp::HttpQuestion question,
                                    std::string owner);
  void settle(const std::string& key, const base::Result<void>& outcome);

  runtime::Executor executor_;
  base::Log& log_;
  base::Duration answer_wait_;
  std::vector<Asker> askers_;
  ConfirmationTable table_;
  base::RequestLimits<base::IpAddress> claims_;
  std::unordered_map<std::string, Waits> waits_;  // by claim, while it is asked
  runtime::TaskGroup questions_;
};

}  // namespace bellhop::webdav

// Asks XMPP users whether an HTTP request is theirs (XEP-0070).
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/base/request_limit.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/http_auth_codec.hpp"
#include "component/xmpp/iq_client.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {

namespace errors {

/// HVX-05: of ours alone, so that it is told from what a user's client sends back.
inline constexpr ErrorKind asked_too_often{"asked-too-often", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "There were too many questions; try again later."};

}  // namespace errors

/// One question. Whether `user` may have what is asked for was checked before (XEP-0070 §4.4).
struct HttpQuestion {
  HttpQuestion(Jid asked, HttpConfirm content, base::IpAddress asking)
      : user(std::move(asked)), confirm(std::move(content)), requester(asking) {}

  Jid user;                   ///< full: asked by IQ; bare: by message; has a localpart
  HttpConfirm confirm;        ///< from make_confirm()
  base::IpAddress requester;  ///< of the HTTP request
};

/// How often users may be asked (HVX-05).
struct HttpAuthRates {
  base::RequestRate per_user = {.burst = 3, .interval = std::chrono::seconds(20)};
  base::RequestRate per_address = {.burst = 5, .interval = std::chrono::seconds(10)};
};

/// The questions of one component that wait for an answer. Control shard.
class HttpAuthClient {
 public:
  /// Questions that wait at one time; more are refused at once.
  static constexpr std::size_t kQuestionsMax = 64;
  /// Users, and addresses, whose questions are counted at a time.
  static constexpr std::size_t kAskersMax = 4096;

  using Sender = std::function<void(const Element&)>;

  /// `own_jid` is the component's. `requests` must outlive this object.
  HttpAuthClient(runtime::Executor executor, Jid own_jid, IqClient& requests, Sender send,
                 const HttpAuthRates& rates);
  ~HttpAuthClient();
  HttpAuthClient(const HttpAuthClient&) = delete;
  HttpAuthClient& operator=(const HttpAuthClient&) = delete;

  /// Adds the feature (HVX-06).
  static void announce(DiscoInfo& info) { info.add_feature(ns::kHttpAuth); }

  /// Asks, and waits for the answer: success if the user has confirmed. Errors: errors::bad_request
  /// for a user without localpart; errors::asked_too_often when the user was asked, or the address
  /// has asked, too often, and when too many questions wait; errors::not_authorized when the user
  /// refused, or what else came back as an error; errors::remote_server_timeout after `deadline`;
  /// errors::interrupted after stop().
  [[nodiscard]] runtime::Task<base::Result<void>> ask(HttpQuestion question,
                                                      base::Deadline deadline);

  /// Whether a message was an answer that somebody waited for (HVX-04); for
  /// Component::messages().
  [[nodiscard]] bool take(const Element& message, const Addresses& addresses);

  /// All that waits ends now, and nothing is asked any more.
  void stop();

  [[nodiscard]] std::size_t waiting() const { return questions_; }

 private:
  // A question by message; lives in the frame of its coroutine.
  struct Wait;
  class Place;

  [[nodiscard]] base::Result<void> admit(const HttpQuestion& question, base::TimePoint now);
  [[nodiscard]] runtime::Task<base::Result<void>> ask_by_iq(HttpQuestion question,
                                                            base::Deadline deadline);
  [[nodiscard]] runtime::Task<base::Result<void>> ask_by_message(HttpQuestion question,
                                                                 base::Deadline deadline);

  runtime::Executor executor_;
  Jid own_jid_;
  IqClient& iqs_;
  Sender send_;
  base::RequestLimits<Jid> user_limits_;  // by bare JID
  base::RequestLimits<base::IpAddress> address_limits_;
  std::unordered_map<std::string, Wait*> waits_;  // by thread
  std::size_t questions_ = 0;                     // by IQ and by message
  bool is_stopped_ = false;
};

}  // namespace bellhop::xmpp

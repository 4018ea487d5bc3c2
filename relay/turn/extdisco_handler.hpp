// Where TURN is and what opens it, told over XMPP (XEP-0215).
#pragma once

#include <string>
#include <vector>

#include "component/policy/admission.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_client.hpp"
#include "component/xmpp/iq_router.hpp"
#include "config/settings.hpp"
#include "relay/turn/extdisco_codec.hpp"
#include "relay/turn/extdisco_watchers.hpp"

namespace bellhop::turn {

/// Answers one component's users. Control shard.
class ExtdiscoHandler {
 public:
  /// All that it refers to outlives the handler.
  struct Context {
    policy::Admission& admission;
    const Credentials& credentials;         ///< until rotate()
    const config::TurnSettings& settings;   ///< for credential_lifetime, as it is when asked
    std::vector<ExternalService> services;  ///< in any order
    const bool& is_open;                    ///< whether new allocations are made
  };
  /// Pushes that wait for an answer at one time: far below IqClient::kInFlightMax, so that other
  /// requests of ours find room.
  static constexpr std::size_t kPushesAtOnce = 64;

  /// `jid` is the component's, `parent_domain` its parent's.
  ExtdiscoHandler(Context context, xmpp::Jid jid, std::string parent_domain);

  /// Registers routes and features (EXD-01, EXD-07).
  void attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info);

  [[nodiscard]] xmpp::Reply answer_services(const xmpp::Iq& iq);
  [[nodiscard]] xmpp::Reply answer_credentials(const xmpp::Iq& iq) const;

  /// For each presence stanza that reaches the component: a probe or an available presence from a
  /// full JID shows that it is online. Those who may not use the service are not remembered.
  void note_presence(const xmpp::Element& presence, const xmpp::Addresses& addresses);

  /// Hands out `fresh` from now on, and tells those who may be told (EXD-05). `fresh` outlives the
  /// handler. How many were told.
  [[nodiscard]] runtime::Task<std::size_t> rotate(const Credentials& fresh,
                                                  xmpp::IqClient& requests);
  /// Tells them that the services go away.
  [[nodiscard]] runtime::Task<std::size_t> withdraw(xmpp::IqClient& requests);

 private:
  [[nodiscard]] base::Result<void> check(const xmpp::Jid& user) const;
  [[nodiscard]] IssuedCredentials issue(const xmpp::Jid& user) const;
  [[nodiscard]] runtime::Task<std::size_t> push(PushAction action, xmpp::IqClient& requests);
  [[nodiscard]] std::vector<xmpp::IqQuestion> questions(
      std::span<const ExtdiscoWatchers::Watcher> watchers, PushAction action) const;

  Context context_;
  const Credentials* credentials_;  // never null; not owned
  xmpp::Jid jid_;
  std::string parent_domain_;
  ExtdiscoWatchers watchers_;
};

}  // namespace bellhop::turn

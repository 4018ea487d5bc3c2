// Jingle relay nodes over XMPP (XEP-0278): what there is, channels, TURN credentials.
#pragma once

#include <string>
#include <vector>

#include "component/base/request_limit.hpp"
#include "component/policy/admission.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "config/settings.hpp"
#include "relay/nodes/channel_desk.hpp"
#include "relay/turn/credentials.hpp"
#include "relay/turn/extdisco_codec.hpp"

namespace bellhop::nodes {

/// Answers one component's users. Control shard.
class NodesHandler {
 public:
  /// All that it refers to outlives the handler.
  struct Context {
    policy::Admission& admission;
    const turn::Credentials& credentials;  ///< until rotate()
    ChannelDesk& desk;
    const config::TurnSettings& settings;  ///< as they are when somebody asks
    std::vector<turn::ExternalService> services;
    const bool& is_open;  ///< whether new channels and allocations are made
  };
  /// JRN-06: a call needs one channel or two, with a second try.
  static constexpr base::RequestRate kChannelRequests{10, std::chrono::seconds(6)};
  /// Users whose requests are counted at one time.
  static constexpr std::size_t kRequestersMax = 4096;

  /// `jid` is the component's, `parent_domain` its parent's.
  NodesHandler(Context context, xmpp::Jid jid, std::string parent_domain);

  /// Registers routes and features (JRN-01); channels only if the settings have any.
  void attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info);
  /// Hands out `fresh` from now on, which outlives the handler.
  void rotate(const turn::Credentials& fresh) { credentials_ = &fresh; }

  [[nodiscard]] xmpp::Reply answer_services(const xmpp::Iq& iq) const;
  [[nodiscard]] runtime::Task<xmpp::Reply> answer_channel(xmpp::Iq iq);
  [[nodiscard]] xmpp::Reply answer_turn(const xmpp::Iq& iq) const;

 private:
  [[nodiscard]] base::Result<void> check(const xmpp::Iq& iq) const;
  [[nodiscard]] bool has_channels() const {
    return context_.settings.relay_channels_per_user_max > 0;
  }

  Context context_;
  const turn::Credentials* credentials_;  // never null; not owned
  xmpp::Jid jid_;
  std::string parent_domain_;
  base::RequestLimits<std::string> requests_{kChannelRequests, kRequestersMax};
};

}  // namespace bellhop::nodes

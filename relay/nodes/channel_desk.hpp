// Where relay channels are had: what XMPP asks, and the media side answers.
#pragma once

#include <string_view>
#include <utility>

#include "component/base/error.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/jid.hpp"
#include "relay/nodes/nodes_codec.hpp"

namespace bellhop::nodes {

/// Who wants a channel. A constructor, because it is passed into a coroutine.
struct ChannelRequest {
  ChannelRequest(xmpp::Jid who, std::string_view domain)
      : requester(std::move(who)), parent_domain(domain) {}

  xmpp::Jid requester;             ///< full or bare; the channel counts against the bare JID
  std::string_view parent_domain;  ///< of the component; outlives the channel
};

/// Opens channels. Control shard.
class ChannelDesk {
 public:
  virtual ~ChannelDesk() = default;
  /// A channel that takes packets when this returns. Whether rules allow it was asked before.
  /// Errors: relay::errors::relay_closed, channels_of_jid, no_ports, channel_failed, and those of
  /// policy::Admission::acquire().
  [[nodiscard]] virtual runtime::Task<base::Result<ChannelOffer>> open(ChannelRequest request) = 0;
};

}  // namespace bellhop::nodes

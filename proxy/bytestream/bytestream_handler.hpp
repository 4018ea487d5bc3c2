// XEP-0065 towards XMPP: the address query and the activation.
#pragma once

#include <string>
#include <vector>

#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_table.hpp"
#include "proxy/bytestream/pairing_waits.hpp"
#include "proxy/bytestream/relay.hpp"
#include "proxy/bytestream/streamhost.hpp"
#include "proxy/counters.hpp"

namespace bellhop::bytestream {

/// What all components' handlers share.
struct ProxyService {
  const config::ProxySettings& settings;
  proxy::ProxyCounters& counters;
  BytestreamTable& table;
  PairingWaits& waits;
  Relay& relay;
  policy::Admission& admission;
  std::vector<Streamhost> streamhosts;
  bool is_open = false;  ///< listeners are bound and we are not stopping

  /// Who wants which bytestream relayed.
  struct Start {
    DstAddr dst_addr;
    xmpp::Jid requester;  ///< full or bare
    xmpp::Jid target;
    std::string_view parent_domain;  ///< of the component; outlives the session
  };
  /// Relays the two connections that wait under the hash, of which the second may still be on its
  /// way. Relaying is on when this returns. Whether rules allow it was asked before. Errors:
  /// errors::proxy_closed, those of BytestreamTable::activate(), Admission::acquire() and
  /// Relay::relay().
  [[nodiscard]] runtime::Task<base::Result<void>> start(Start wanted);
};

/// The stream proxy of one component. Control shard.
class BytestreamHandler {
 public:
  /// `service` must outlive the handler; `jid` is the component's, `parent_domain` its parent's.
  BytestreamHandler(ProxyService& service, std::string parent_domain, std::string jid);

  /// Registers routes, identity and feature (S5B-01).
  void attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info);

  /// S5B-02 to -05.
  [[nodiscard]] xmpp::Reply answer_address(const xmpp::Iq& iq);
  /// S5B-06 to -15.
  [[nodiscard]] runtime::Task<xmpp::Reply> activate(xmpp::Iq iq);

 private:
  [[nodiscard]] runtime::Task<xmpp::Reply> try_activate(xmpp::Iq iq);
  [[nodiscard]] base::Result<void> check(const xmpp::Jid& user) const;

  ProxyService& service_;
  std::string parent_domain_;
  std::string jid_;
};

/// What `<query sid='…'><activate>JID</activate></query>` asks for.
struct ActivateRequest {
  std::string sid;  ///< exactly as received
  xmpp::Jid target;
};

/// Errors: errors::bad_activation, errors::bad_target (S5B-11, S5B-12).
[[nodiscard]] base::Result<ActivateRequest> parse_activate(const xmpp::Element& query,
                                                           std::size_t sid_bytes_max);

}  // namespace bellhop::bytestream

// Why a user would be refused a session now, or would not.
#pragma once

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/policy_service.pb.h"
#include "component/xmpp/jid.hpp"

namespace bellhop::admin {

/// What a relay for calls would say, besides rules and quotas.
struct ExplainRelay {
  bool is_channel = false;  ///< a relay channel of XEP-0278, not an allocation
  bool is_offered =
      false;  ///< some component offers it, and the configuration has not switched it off
  std::uint32_t own = 0;  ///< channels or allocations of the JID
  std::uint32_t own_max = 0;
  std::uint32_t all = 0;  ///< allocations of everybody
  std::uint32_t all_max = 0;
  std::uint32_t free_ports = 0;  ///< of the relayed address that has most
};

/// What the decision depends on besides policy and usage.
struct ExplainInput {
  xmpp::Jid user;
  bool is_open = true;
  std::vector<std::string> parent_domains;  ///< of the components
  /// Of the JID, its domain and everybody, for kinds that store files; empty: for the others.
  std::vector<files::StorageUse> stored = {};
  std::optional<ExplainRelay> relay = std::nullopt;  ///< for kinds that relay calls
};

/// Makes the same checks as policy::Admission, all of them, in its order; then those of the
/// store or the relay.
[[nodiscard]] v1::ExplainAccessResponse explain_access(const Core& core, const ExplainInput& input);

}  // namespace bellhop::admin

// Why a user would be refused a session now, or would not.
#pragma once

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/policy_service.pb.h"
#include "component/xmpp/jid.hpp"

namespace bellhop::admin {

/// What the decision depends on besides policy and usage.
struct ExplainInput {
  xmpp::Jid user;
  bool is_open = true;
  std::vector<std::string> parent_domains;  ///< of the components
  /// Of the JID, its domain and everybody, for kinds that store files; empty: for the others.
  std::vector<files::StorageUse> stored = {};
};

/// Makes the same checks as policy::Admission, all of them, in its order; then those of the store.
[[nodiscard]] v1::ExplainAccessResponse explain_access(const Core& core, const ExplainInput& input);

}  // namespace bellhop::admin

// Which JID may use the services.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "component/base/error.hpp"
#include "component/xmpp/jid.hpp"
#include "config/settings.hpp"

namespace bellhop::proxy {

/// The access lists of one component. Pure; a copy may live anywhere.
class AccessPolicy {
 public:
  /// `parent_domain` is the component's. Entries that are no JIDs match nobody (validation of the
  /// configuration reports them).
  AccessPolicy(const config::AccessSettings& settings, std::string_view parent_domain);

  /// Deny wins over allow; a JID wins over its domain on the same side; nothing listed means no.
  /// Errors: errors::user_not_allowed, with the deciding rule as detail.
  [[nodiscard]] base::Result<void> check(const xmpp::Jid& user) const;

 private:
  std::unordered_set<std::string> allow_domains_, allow_jids_, deny_domains_, deny_jids_;
  bool allows_all_ = false;
};

}  // namespace bellhop::proxy

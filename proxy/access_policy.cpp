#include "proxy/access_policy.hpp"

#include <vector>

#include "proxy/errors.hpp"

namespace bellhop::proxy {
namespace {

// Prepared, so that comparing bytes compares JIDs.
std::unordered_set<std::string> prepared(const std::vector<std::string>& entries) {
  std::unordered_set<std::string> result;
  for (const std::string& entry : entries) {
    if (const auto jid = xmpp::Jid::parse(entry)) result.emplace(jid->bare());
  }
  return result;
}

}  // namespace

AccessPolicy::AccessPolicy(const config::AccessSettings& settings, std::string_view parent_domain)
    : allow_domains_(prepared(settings.allow_domains)),
      allow_jids_(prepared(settings.allow_jids)),
      deny_domains_(prepared(settings.deny_domains)),
      deny_jids_(prepared(settings.deny_jids)) {
  for (const std::string& entry : settings.allow_domains) allows_all_ |= entry == "*";
  if (!settings.parent_domain) return;
  if (const auto parent = xmpp::Jid::parse(parent_domain)) allow_domains_.insert(parent->text());
}

base::Result<void> AccessPolicy::check(const xmpp::Jid& user) const {
  const std::string bare(user.bare());
  const std::string domain(user.domain());
  if (deny_jids_.contains(bare)) return base::Error(errors::user_not_allowed, "access.deny_jids");
  if (allow_jids_.contains(bare) && !deny_domains_.contains(domain)) return {};
  if (deny_domains_.contains(domain)) {
    return base::Error(errors::user_not_allowed, "access.deny_domains");
  }
  if (allows_all_ || allow_domains_.contains(domain)) return {};
  return base::Error(errors::user_not_allowed, "not in access.allow_domains or allow_jids");
}

}  // namespace bellhop::proxy

#include "proxy/session_caps.hpp"

#include "proxy/errors.hpp"

namespace bellhop::proxy {

base::Result<void> SessionCaps::acquire(const xmpp::Jid& user) {
  if (running_ >= limits_.total) return base::Error(errors::sessions_total);
  if (count_of(by_domain_, user.domain()) >= limits_.per_domain) {
    return base::Error(errors::sessions_of_domain, std::string(user.domain()));
  }
  if (count_of(by_jid_, user.bare()) >= limits_.per_jid) {
    return base::Error(errors::sessions_of_jid, std::string(user.bare()));
  }
  ++running_;
  ++by_domain_[std::string(user.domain())];
  ++by_jid_[std::string(user.bare())];
  return {};
}

void SessionCaps::release(const xmpp::Jid& user) {
  BELLHOP_ASSERT(running_ > 0);
  --running_;
  decrement(by_domain_, user.domain());
  decrement(by_jid_, user.bare());
}

std::uint32_t SessionCaps::count_of(const Counts& counts, std::string_view key) {
  const auto row = counts.find(std::string(key));
  return row == counts.end() ? 0 : row->second;
}

void SessionCaps::decrement(Counts& counts, std::string_view key) {
  const auto row = counts.find(std::string(key));
  BELLHOP_ASSERT(row != counts.end());
  if (--row->second == 0) counts.erase(row);
}

}  // namespace bellhop::proxy

#include "component/policy/admission.hpp"

#include "component/policy/errors.hpp"

namespace bellhop::policy {

using runtime::LimitScope;
using runtime::SessionLimits;

Admission::Admission(PolicyPtr policy)
    : policy_(std::move(policy)), exhausted_(std::make_shared<Exhausted>()) {}

base::Result<void> Admission::check(const xmpp::Jid& user, std::string_view parent_domain,
                                    SystemTime now) const {
  const auto decision = policy_->access(user.bare(), parent_domain, now);
  if (!decision.is_allowed) return base::Error(errors::user_not_allowed, decision.detail);
  if (exhausted_->empty()) return {};
  const Subject jid = Subject::of_jid(user.bare());
  const Subject domain = Subject::of_domain(user.domain());
  if (exhausted_->contains(jid.text())) return base::Error(errors::bytes_of_jid, jid.key);
  if (exhausted_->contains(domain.text())) return base::Error(errors::bytes_of_domain, domain.key);
  if (exhausted_->contains(Subject{}.text())) return base::Error(errors::bytes_total);
  return {};
}

base::Result<SessionLimits> Admission::acquire(const xmpp::Jid& user, base::TimePoint now) {
  const Subject jid = Subject::of_jid(user.bare());
  const Subject domain = Subject::of_domain(user.domain());
  if (!has_room(Subject{}, total_.sessions)) return base::Error(errors::sessions_total);
  if (!has_room(domain, running_of(by_domain_, domain.key))) {
    return base::Error(errors::sessions_of_domain, domain.key);
  }
  if (!has_room(jid, running_of(by_jid_, jid.key))) {
    return base::Error(errors::sessions_of_jid, jid.key);
  }
  SessionLimits limits;
  if (const RateLimit* each = policy_->rate({Subject::Type::each_session, {}})) {
    limits.of(LimitScope::session) =
        std::make_shared<base::TokenBucket>(each->bytes_per_second, now);
  }
  const auto enter = [&](Account& account, const Subject& subject, LimitScope scope) {
    if (account.sessions++ == 0) renew(account, subject, now);
    limits.of(scope) = account.bucket;
  };
  enter(by_jid_[jid.key], jid, LimitScope::jid);
  enter(by_domain_[domain.key], domain, LimitScope::domain);
  enter(total_, Subject{}, LimitScope::total);
  return limits;
}

void Admission::release(const xmpp::Jid& user) {
  BELLHOP_ASSERT(total_.sessions > 0);
  --total_.sessions;
  give_back(by_jid_, user.bare());
  give_back(by_domain_, user.domain());
}

void Admission::apply(PolicyPtr policy, base::TimePoint now) {
  policy_ = std::move(policy);
  for (auto& [key, account] : by_jid_) renew(account, Subject::of_jid(key), now);
  for (auto& [key, account] : by_domain_) renew(account, Subject::of_domain(key), now);
  renew(total_, Subject{}, now);
}

Admission::LimitsByJid Admission::limits_of_running() const {
  LimitsByJid limits;
  limits.reserve(by_jid_.size());
  for (const auto& [key, account] : by_jid_) {
    SessionLimits& row = limits[key];
    row.of(LimitScope::jid) = account.bucket;
    row.of(LimitScope::domain) = by_domain_.at(std::string(domain_of(key))).bucket;
    row.of(LimitScope::total) = total_.bucket;
  }
  return limits;
}

bool Admission::has_room(const Subject& subject, std::uint32_t running) const {
  const Quota* quota = policy_->quota(subject);
  return quota == nullptr || quota->sessions == 0 || running < quota->sessions;
}

// The bucket that the policy asks for; the same one where only its rate is another.
void Admission::renew(Account& account, const Subject& subject, base::TimePoint now) const {
  const RateLimit* limit = policy_->rate(subject);
  if (limit == nullptr) {
    account.bucket.reset();
  } else if (!account.bucket) {
    account.bucket = std::make_shared<base::TokenBucket>(limit->bytes_per_second, now);
  } else if (account.bucket->rate() != limit->bytes_per_second) {
    account.bucket->restart(limit->bytes_per_second, now);
  }
}

std::uint32_t Admission::running_of(const Accounts& accounts, std::string_view key) {
  const auto row = accounts.find(std::string(key));
  return row == accounts.end() ? 0 : row->second.sessions;
}

void Admission::give_back(Accounts& accounts, std::string_view key) {
  const auto row = accounts.find(std::string(key));
  BELLHOP_ASSERT(row != accounts.end());
  if (--row->second.sessions == 0) accounts.erase(row);
}

}  // namespace bellhop::policy

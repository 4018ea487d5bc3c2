// Lets sessions in or refuses them, and keeps account of what runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "component/policy/policy.hpp"
#include "component/runtime/session_limits.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::policy {

/// The texts of subjects that have used up a quota of bytes.
using Exhausted = std::unordered_set<std::string>;

/// The running sessions of all kinds by who asked for them, and the buckets they share. Rows vanish
/// with the last session, so its size is bounded by the sessions. No I/O; control shard.
class Admission {
 public:
  explicit Admission(PolicyPtr policy);

  /// Whether `user` may use a service of the component whose parent is `parent_domain`, as far as
  /// rules and quotas of bytes go. Errors: errors::user_not_allowed, bytes_of_*.
  [[nodiscard]] base::Result<void> check(const xmpp::Jid& user, std::string_view parent_domain,
                                         SystemTime now) const;

  /// Counts one more session, or says which cap is reached: errors::sessions_*. Nothing is counted
  /// then. The limits that the session obeys.
  [[nodiscard]] base::Result<runtime::SessionLimits> acquire(const xmpp::Jid& user,
                                                             base::TimePoint now);
  /// Takes back one acquire() for the same user.
  void release(const xmpp::Jid& user);

  [[nodiscard]] std::uint32_t running() const { return total_.sessions; }
  [[nodiscard]] const PolicyPtr& policy() const { return policy_; }

  /// Other rules from now on. Buckets keep their place, so a changed rate is in force at once for
  /// those that have one; limits_of_running() is for the others.
  void apply(PolicyPtr policy, base::TimePoint now);
  void set_exhausted(std::shared_ptr<const Exhausted> subjects) {
    exhausted_ = std::move(subjects);
  }

  /// By bare JID, for each that has a running session. Without the bucket of the session itself.
  using LimitsByJid = std::unordered_map<std::string, runtime::SessionLimits>;
  [[nodiscard]] LimitsByJid limits_of_running() const;

 private:
  struct Account {
    std::uint32_t sessions = 0;
    std::shared_ptr<base::TokenBucket> bucket;
  };
  using Accounts = std::unordered_map<std::string, Account>;

  [[nodiscard]] bool has_room(const Subject& subject, std::uint32_t running) const;
  void renew(Account& account, const Subject& subject, base::TimePoint now) const;
  [[nodiscard]] static std::uint32_t running_of(const Accounts& accounts, std::string_view key);
  static void give_back(Accounts& accounts, std::string_view key);

  PolicyPtr policy_;
  std::shared_ptr<const Exhausted> exhausted_;
  Accounts by_jid_;
  Accounts by_domain_;
  Account total_;
};

}  // namespace bellhop::policy

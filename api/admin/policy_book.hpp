// The rules of the configuration and those set at run time, side by side.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/admin/call.hpp"
#include "api/observe/policy_store.hpp"
#include "component/policy/policy.hpp"

namespace bellhop::admin {

/// Rules of one sort that may be set at run time.
inline constexpr std::size_t kRuntimeRulesMax = 10'000;

/// What there is to decide by; make() turns it into a Policy. No I/O; the admin thread.
class PolicyBook {
 public:
  /// The sorts, as they are stored.
  static constexpr std::string_view kAccess = "access";
  static constexpr std::string_view kQuota = "quota";
  static constexpr std::string_view kRate = "rate";

  void configure(policy::Rules rules, bool allows_parent);
  /// Rows of the store are in force from now on; those that do not read are left out and counted.
  [[nodiscard]] std::size_t restore(const std::vector<observe::PolicyRow>& rows);

  /// What to store for a rule that is to be set; restore() of it puts the rule in force. Errors:
  /// failed_precondition, there are too many.
  [[nodiscard]] ApiResult<observe::PolicyRow> row_of(policy::AccessRule rule,
                                                     const Caller& caller) const;
  [[nodiscard]] ApiResult<observe::PolicyRow> row_of(policy::Quota quota,
                                                     const Caller& caller) const;
  [[nodiscard]] ApiResult<observe::PolicyRow> row_of(policy::RateLimit limit,
                                                     const Caller& caller) const;
  /// Whether something was set at run time for this subject.
  [[nodiscard]] bool has(std::string_view sort, const std::string& subject) const;
  /// Takes out what was set at run time, if there is something.
  void remove(std::string_view sort, const std::string& subject);
  /// Access rules that have expired by then, taken out; their subjects.
  [[nodiscard]] std::vector<std::string> remove_expired(policy::SystemTime now);

  [[nodiscard]] policy::PolicyPtr make() const;

 private:
  template <typename Rule>
  using Table = std::map<std::string, Rule>;  // by subject

  policy::Rules configured_;
  bool allows_parent_ = true;
  Table<policy::AccessRule> access_;
  Table<policy::Quota> quotas_;
  Table<policy::RateLimit> rates_;
};

}  // namespace bellhop::admin

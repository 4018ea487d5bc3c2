// Who may use Bellhop and how much: what the configuration and the admin API say together.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "component/policy/subject.hpp"
#include "config/origin.hpp"
#include "config/settings.hpp"

namespace bellhop::policy {

using SystemTime = std::chrono::system_clock::time_point;

/// Where a value comes from, for people.
struct Origin {
  std::string source;  ///< `runtime`, `file`, `environment`, `command line`, `default`
  std::string detail;  ///< the option and its line, or who set it
};

/// Who may, or may not.
struct AccessRule {
  Subject subject;  ///< a JID, a domain, or total for everybody
  bool allows = false;
  std::string comment;
  std::optional<SystemTime> expires;
  Origin origin;
};

/// Said explicitly, so that no other row is asked.
inline constexpr std::uint64_t kNoByteLimit = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint32_t kNoSessionLimit = std::numeric_limits<std::uint32_t>::max();

/// How much may be moved or run at once; 0: a rule does not say, so the next row does (Policy).
struct Quota {
  Subject subject;
  std::uint64_t daily_bytes = 0;    ///< delivered within a day (UTC), every kind of session
  std::uint64_t monthly_bytes = 0;  ///< within a calendar month (UTC)
  std::uint32_t sessions = 0;       ///< at one time
  Origin origin;
  std::uint64_t stored_bytes = 0;  ///< in the file store at one time, granted slots included
  std::uint64_t stored_files = 0;  ///< likewise
  std::uint64_t file_bytes = 0;    ///< of a single file
};

/// How fast all sessions of a subject together may be, or each session by itself.
struct RateLimit {
  Subject subject;
  std::uint64_t bytes_per_second = 0;  ///< both directions together; above 0
  Origin origin;
};

/// Rules of one source, in no order; one per subject and sort.
struct Rules {
  std::vector<AccessRule> access;
  std::vector<Quota> quotas;
  std::vector<RateLimit> rates;
};

/// What the options `access.*`, `quota.*`, `proxy.sessions_*` and `proxy.rate_*` say.
[[nodiscard]] Rules configured_rules(const config::Settings& settings,
                                     const config::Origins& origins);

/// An immutable set of rules; any thread. What was set at run time wins over the configuration, the
/// exact subject over "each".
class Policy {
 public:
  struct Decision {
    bool is_allowed = false;
    std::string detail;  ///< the deciding rule, for the log and for explain
    Origin origin;       ///< of that rule; empty source: none matched
  };

  /// `allows_parent`: whether users of a component's parent domain may (`access.parent_domain`).
  Policy(Rules configured, Rules runtime, bool allows_parent);

  /// Run time rules first: the JID's, its domain's, everybody's; the first that there is decides.
  /// Then the configuration: deny wins over allow; nothing listed means no. `bare_jid` is prepared;
  /// `parent_domain` need not be.
  [[nodiscard]] Decision access(std::string_view bare_jid, std::string_view parent_domain,
                                SystemTime now) const;

  /// For a JID, a domain or total; null: none. Each limit by itself is that of the first row that
  /// says it: the subject's own (run time, configuration), then that for each JID or domain; 0 if
  /// none does. The origin is that of the first row.
  [[nodiscard]] const Quota* quota(const Subject& subject) const;
  /// For a JID, a domain, each session or total; null: none.
  [[nodiscard]] const RateLimit* rate(const Subject& subject) const;

  /// In order of precedence, then of subject.
  [[nodiscard]] const std::vector<AccessRule>& access_rules() const { return access_rules_; }
  /// In order of subject; configured ones that are overridden are left out.
  [[nodiscard]] std::vector<const Quota*> quotas() const;
  [[nodiscard]] std::vector<const RateLimit*> rates() const;

  /// When the first rule that expires does; empty: none.
  [[nodiscard]] std::optional<SystemTime> next_expiry() const;

 private:
  using AccessTable = std::unordered_map<std::string, AccessRule>;  // by subject

  void complete_quotas();
  [[nodiscard]] const AccessRule* find(const AccessTable& rules, const Subject& subject,
                                       SystemTime now) const;

  AccessTable runtime_access_;
  AccessTable configured_allow_;
  AccessTable configured_deny_;
  std::vector<AccessRule> access_rules_;
  std::unordered_map<std::string, Quota> quotas_;
  std::unordered_map<std::string, RateLimit> rates_;
  bool allows_parent_;
};

using PolicyPtr = std::shared_ptr<const Policy>;

}  // namespace bellhop::policy

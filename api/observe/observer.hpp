// The admin side's picture of everything that runs: made from what the shards hand over, read by
// every service, and never by the shards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "api/observe/history.hpp"
#include "api/observe/rate_window.hpp"
#include "api/observe/talker_windows.hpp"
#include "api/observe/usage_ledger.hpp"
#include "component/base/ulid.hpp"
#include "component/policy/policy.hpp"
#include "component/runtime/session.hpp"

namespace bellhop::observe {

using SystemTime = std::chrono::system_clock::time_point;

[[nodiscard]] Second second_of(SystemTime time);

/// A session as it was when its shard last handed over.
struct SessionRow {
  runtime::SessionFacts facts;
  std::size_t shard = 0;
  std::string bare_jid;  ///< of the requester
  runtime::SessionBytes bytes;
  SystemTime last_progress;
  std::uint64_t rate_limit = 0;        ///< its own one, bytes per second; 0: none
  std::unique_ptr<RateWindow> window;  ///< null: it moved nothing within the last minute
  runtime::EndReason reason = runtime::EndReason::none;  ///< none: it runs

  [[nodiscard]] std::string_view domain() const { return policy::domain_of(bare_jid); }
  [[nodiscard]] ByteRates rates(Second now) const;
};

/// Sums over the sessions of one kind, domain or JID, or all.
struct Group {
  std::uint64_t bytes = 0;  ///< delivered since Bellhop started
  std::uint64_t dropped = 0;
  std::uint32_t sessions = 0;  ///< running
  std::unique_ptr<RateWindow> window;

  [[nodiscard]] ByteRates rates(Second now) const;
};

/// What became of the sessions of one kind, for the metrics.
struct KindTotals {
  std::uint64_t started = 0;
  std::map<runtime::EndReason, std::uint64_t> ended;
  std::vector<std::uint64_t> duration_buckets;  ///< one for each of kDurationBounds, and +Inf
  std::vector<std::uint64_t> bytes_buckets;     ///< one for each of kBytesBounds, and +Inf
  double duration_sum = 0;                      ///< seconds
  std::uint64_t bytes_sum = 0;
};

/// Upper bounds of the histograms: seconds and bytes.
inline constexpr std::array<double, 8> kDurationBounds{0.1, 1, 10, 60, 600, 3600, 21600, 86400};
inline constexpr std::array<double, 8> kBytesBounds{
    4096, 65536, 1048576, 16777216, 268435456, 1073741824, 10737418240, 107374182400};

/// Told of each change, on the admin thread; may not add or remove listeners within the call.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void on_started(const SessionRow& row) = 0;
  /// Bytes or limit.
  virtual void on_moved(const SessionRow& row) = 0;
  /// `row` vanishes after the call.
  virtual void on_ended(const SessionRow& row) = 0;
};

/// Domains and JIDs with a Group of their own at most. Beyond that domains count as kOtherName; a
/// JID that runs nothing makes room.
inline constexpr std::size_t kDomainGroupsMax = 1'000;
inline constexpr std::size_t kJidGroupsMax = 100'000;

/// Totals, groups, history, heaviest users and usage are all made from the same deltas, one after
/// the other, so they agree to the byte. One thread (the admin thread).
class Observer {
 public:
  using Rows = std::map<base::Ulid, SessionRow>;
  using Groups = std::unordered_map<std::string, Group>;

  Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// What a shard handed over.
  void take(std::size_t shard, runtime::SessionBatch batch);

  [[nodiscard]] const Rows& sessions() const { return rows_; }
  /// Null: it does not run.
  [[nodiscard]] const SessionRow* find(const base::Ulid& id) const;

  [[nodiscard]] const Group& total() const { return total_; }
  [[nodiscard]] const Groups& kinds() const { return kinds_; }
  [[nodiscard]] const Groups& domains() const { return domains_; }
  [[nodiscard]] const Groups& jids() const { return jids_; }
  /// By domain, NUL, kind.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& bytes_by_domain_and_kind() const {
    return by_domain_and_kind_;
  }
  [[nodiscard]] const std::map<std::string, KindTotals>& kind_totals() const {
    return kind_totals_;
  }
  [[nodiscard]] History& history() { return history_; }
  [[nodiscard]] const TalkerWindows& talkers(bool by_domain) const {
    return by_domain ? talking_domains_ : talking_jids_;
  }
  [[nodiscard]] UsageLedger& ledger() { return ledger_; }
  [[nodiscard]] const UsageLedger& ledger() const { return ledger_; }

  /// `listener` must be taken out before it is destroyed.
  void add(SessionListener& listener);
  void remove(SessionListener& listener);

  /// The rules whose quotas of bytes are watched.
  void set_policy(policy::PolicyPtr policy, Second now);
  /// Subjects whose quota of bytes is used up; the flag says whether they changed since last asked.
  [[nodiscard]] const std::unordered_set<std::string>& exhausted() const { return exhausted_; }
  [[nodiscard]] bool has_exhausted_changed() const { return has_exhausted_changed_; }
  [[nodiscard]] bool take_exhausted_changed() {
    return std::exchange(has_exhausted_changed_, false);
  }

  /// Once a second: forgets windows and groups that are idle, begins a new day.
  void tick(Second now);

 private:
  void start(std::size_t shard, runtime::SessionFacts facts);
  void count(SessionRow& row, const runtime::SessionBytes& bytes, SystemTime at);
  void finish(const runtime::SessionEnding& ending);
  void charge(const SessionRow& row, std::uint64_t bytes, Second now);
  void check_quota(const policy::Subject& subject, const UsageLedger::Usage& usage);
  void check_all_quotas(Second now);
  [[nodiscard]] std::string domain_key(std::string_view domain) const;
  [[nodiscard]] Group& group_of_domain(std::string_view domain);
  [[nodiscard]] Group& group_of_jid(const std::string& bare_jid);
  void set_running(const SessionRow& row, int change, Second now);

  Rows rows_;
  Group total_;
  Groups kinds_;
  Groups domains_;
  Groups jids_;
  std::map<std::string, std::uint64_t> by_domain_and_kind_;
  std::map<std::string, std::uint32_t> running_by_domain_and_kind_;
  std::map<std::string, KindTotals> kind_totals_;
  History history_;
  TalkerWindows talking_jids_;
  TalkerWindows talking_domains_;
  UsageLedger ledger_;
  policy::PolicyPtr policy_;
  std::unordered_set<std::string> exhausted_;
  bool has_exhausted_changed_ = false;
  std::vector<SessionListener*> listeners_;
};

}  // namespace bellhop::observe

#include "api/observe/observer.hpp"

#include <algorithm>

namespace bellhop::observe {
namespace {

using policy::Subject;

constexpr std::size_t kTalkerCounters = 4096;
constexpr std::size_t kTalkerDomainCounters = 256;

void add_to(std::unique_ptr<RateWindow>& window, Second now, std::uint64_t bytes) {
  if (bytes == 0) return;
  if (!window) window = std::make_unique<RateWindow>();
  window->add(now, bytes);
}

void add_to(Group& group, Second now, std::uint64_t bytes, std::uint64_t dropped) {
  group.bytes += bytes;
  group.dropped += dropped;
  add_to(group.window, now, bytes);
}

ByteRates rates_of(const std::unique_ptr<RateWindow>& window, Second now) {
  return window ? window->rates(now) : ByteRates{};
}

void drop_if_idle(std::unique_ptr<RateWindow>& window, Second now) {
  if (window && window->is_idle(now)) window.reset();
}

template <std::size_t n>
void count_into(std::vector<std::uint64_t>& buckets, const std::array<double, n>& bounds,
                double value) {
  buckets.resize(n + 1);
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), value);
  ++buckets[static_cast<std::size_t>(bound - bounds.begin())];
}

std::string joined(std::string_view domain, std::string_view kind) {
  std::string key(domain);
  key += '\0';
  key += kind;
  return key;
}

}  // namespace

Second second_of(SystemTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

ByteRates SessionRow::rates(Second now) const {
  return rates_of(window, now);
}

ByteRates Group::rates(Second now) const {
  return rates_of(window, now);
}

Observer::Observer() : talking_jids_(kTalkerCounters), talking_domains_(kTalkerDomainCounters) {}

void Observer::take(std::size_t shard, runtime::SessionBatch batch) {
  for (runtime::SessionFacts& facts : batch.started) start(shard, std::move(facts));
  for (const runtime::SessionProgress& progress : batch.moved) {
    const auto found = rows_.find(progress.id);
    if (found == rows_.end()) continue;  // collected and ended before it was followed
    found->second.rate_limit = progress.rate_limit;
    count(found->second, progress.bytes, progress.at);
    for (SessionListener* listener : listeners_) listener->on_moved(found->second);
  }
  for (const runtime::SessionEnding& ending : batch.ended) finish(ending);
}

void Observer::start(std::size_t shard, runtime::SessionFacts facts) {
  const base::Ulid id = facts.id;
  SessionRow& row = rows_[id];
  row.bare_jid = facts.requester.substr(0, facts.requester.find('/'));
  row.last_progress = facts.started;
  row.facts = std::move(facts);
  row.shard = shard;
  ++kind_totals_[std::string(row.facts.kind)].started;
  set_running(row, 1, second_of(row.facts.started));
  for (SessionListener* listener : listeners_) listener->on_started(row);
}

void Observer::count(SessionRow& row, const runtime::SessionBytes& bytes, SystemTime at) {
  const runtime::SessionBytes moved = bytes.since(row.bytes);
  row.bytes = bytes;
  const std::uint64_t delivered = moved.delivered();
  if (delivered == 0 && moved.dropped == 0) return;
  const Second now = second_of(at);
  row.last_progress = at;
  add_to(row.window, now, delivered);
  add_to(total_, now, delivered, moved.dropped);
  add_to(kinds_[std::string(row.facts.kind)], now, delivered, moved.dropped);
  add_to(group_of_domain(row.domain()), now, delivered, moved.dropped);
  add_to(group_of_jid(row.bare_jid), now, delivered, moved.dropped);
  by_domain_and_kind_[joined(domain_key(row.domain()), row.facts.kind)] += delivered;
  history_.add(now, row.facts.kind, row.domain(), row.bare_jid, delivered);
  talking_jids_.add(now, row.bare_jid, delivered);
  talking_domains_.add(now, row.domain(), delivered);
  charge(row, delivered, now);
}

void Observer::charge(const SessionRow& row, std::uint64_t bytes, Second now) {
  // The first bytes of a day mostly come before its first tick; either frees who was exhausted.
  if (ledger_.advance(now)) check_all_quotas(now);
  const std::array subjects{Subject::of_jid(row.bare_jid), Subject::of_domain(row.domain()),
                            Subject{}};
  for (const Subject& subject : subjects) {
    check_quota(subject, ledger_.add(now, subject.text(), bytes));
  }
}

void Observer::check_quota(const Subject& subject, const UsageLedger::Usage& usage) {
  if (!policy_) return;
  const policy::Quota* quota = policy_->quota(subject);
  if (quota == nullptr) return;
  const bool is_over = (quota->daily_bytes > 0 && usage.day_bytes >= quota->daily_bytes) ||
                       (quota->monthly_bytes > 0 && usage.month_bytes >= quota->monthly_bytes);
  if (is_over && exhausted_.insert(subject.text()).second) has_exhausted_changed_ = true;
}

void Observer::check_all_quotas(Second now) {
  const bool had_changed = has_exhausted_changed_;
  const auto before = std::exchange(exhausted_, {});
  ledger_.for_each(now, [this](const std::string& text, const UsageLedger::Usage& usage) {
    if (const auto subject = Subject::parse(text)) check_quota(*subject, usage);
  });
  has_exhausted_changed_ = had_changed || before != exhausted_;
}

void Observer::set_policy(policy::PolicyPtr policy, Second now) {
  policy_ = std::move(policy);
  check_all_quotas(now);
}

void Observer::finish(const runtime::SessionEnding& ending) {
  const auto found = rows_.find(ending.id);
  if (found == rows_.end()) return;
  SessionRow& row = found->second;
  count(row, ending.bytes, ending.at);
  row.reason = ending.reason;
  KindTotals& totals = kind_totals_[std::string(row.facts.kind)];
  ++totals.ended[ending.reason];
  const std::chrono::duration<double> lasted = ending.at - row.facts.started;
  totals.duration_sum += lasted.count();
  totals.bytes_sum += row.bytes.delivered();
  count_into(totals.duration_buckets, kDurationBounds, lasted.count());
  count_into(totals.bytes_buckets, kBytesBounds, static_cast<double>(row.bytes.delivered()));
  set_running(row, -1, second_of(ending.at));
  for (SessionListener* listener : listeners_) listener->on_ended(row);
  rows_.erase(found);
}

void Observer::set_running(const SessionRow& row, int change, Second now) {
  const auto shift = [change](std::uint32_t& value) {
    value += static_cast<std::uint32_t>(change);
  };
  shift(total_.sessions);
  shift(kinds_[std::string(row.facts.kind)].sessions);
  shift(group_of_domain(row.domain()).sessions);
  shift(group_of_jid(row.bare_jid).sessions);
  const std::string domain = domain_key(row.domain());
  std::uint32_t& running = running_by_domain_and_kind_[joined(domain, row.facts.kind)];
  shift(running);
  history_.set_sessions(now, row.facts.kind, domain, running);
}

const SessionRow* Observer::find(const base::Ulid& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

// Groups of domains are never removed, so a domain keeps the key it began with.
std::string Observer::domain_key(std::string_view domain) const {
  std::string key(domain);
  if (domains_.contains(key) || domains_.size() < kDomainGroupsMax) return key;
  return std::string(kOtherName);
}

Group& Observer::group_of_domain(std::string_view domain) {
  return domains_[domain_key(domain)];
}

Group& Observer::group_of_jid(const std::string& bare_jid) {
  return jids_[bare_jid];
}

void Observer::add(SessionListener& listener) {
  listeners_.push_back(&listener);
}

void Observer::remove(SessionListener& listener) {
  std::erase(listeners_, &listener);
}

void Observer::tick(Second now) {
  for (auto& [id, row] : rows_) drop_if_idle(row.window, now);
  for (Groups* groups : {&kinds_, &domains_, &jids_}) {
    for (auto& [key, group] : *groups) drop_if_idle(group.window, now);
  }
  drop_if_idle(total_.window, now);
  if (jids_.size() > kJidGroupsMax) {
    std::erase_if(jids_, [](const auto& entry) {
      return entry.second.sessions == 0 && !entry.second.window;
    });
  }
  if (ledger_.advance(now)) check_all_quotas(now);
}

}  // namespace bellhop::observe

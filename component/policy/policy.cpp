#include "component/policy/policy.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "component/xmpp/jid.hpp"

namespace bellhop::policy {
namespace {

Origin origin_of(const config::Origins& origins, const std::string& option) {
  const auto row = origins.find(option);
  if (row == origins.end()) return {"default", option};
  switch (row->second.source) {
    case config::Origin::Source::environment:
      return {"environment", option};
    case config::Origin::Source::command_line:
      return {"command line", option};
    case config::Origin::Source::file:
    case config::Origin::Source::derived:
      break;
  }
  return {"file", option + ", " + config::to_text(row->second)};
}

// Entries that are no JIDs, or not only a domain where one belongs, match nobody (validation of the
// configuration reports them).
void add_access(Rules& rules, const std::vector<std::string>& entries, bool allows, bool is_domain,
                const Origin& origin) {
  for (const std::string& entry : entries) {
    AccessRule rule{{}, allows, {}, {}, origin};
    if (is_domain && entry == "*") {
      rules.access.push_back(std::move(rule));
      continue;
    }
    const auto jid = xmpp::Jid::parse(entry);
    if (!jid || (is_domain && !jid->is_domain_only())) continue;
    rule.subject = is_domain ? Subject::of_domain(jid->domain()) : Subject::of_jid(jid->bare());
    rules.access.push_back(std::move(rule));
  }
}

// The parent stands in the configuration as the operator wrote it; a user's domain is prepared.
bool is_parent(std::string_view parent_domain, std::string_view domain) {
  if (parent_domain == domain) return true;
  const auto parent = xmpp::Jid::parse(parent_domain);
  return parent && parent->text() == domain;
}

template <typename Row>
std::vector<const Row*> sorted(const std::unordered_map<std::string, Row>& rows) {
  std::vector<const Row*> result;
  result.reserve(rows.size());
  for (const auto& [key, row] : rows) result.push_back(&row);
  std::sort(result.begin(), result.end(), [](const Row* a, const Row* b) {
    return std::pair(a->subject.type, a->subject.key) < std::pair(b->subject.type, b->subject.key);
  });
  return result;
}

// The subject whose row stands for those that have none of their own.
std::optional<Subject> each_of(const Subject& subject) {
  if (subject.type == Subject::Type::jid) return Subject{Subject::Type::each_jid, {}};
  if (subject.type == Subject::Type::domain) return Subject{Subject::Type::each_domain, {}};
  return std::nullopt;
}

// Fills in what `quota` does not say.
void complete(Quota& quota, const Quota& from) {
  if (quota.daily_bytes == 0) quota.daily_bytes = from.daily_bytes;
  if (quota.monthly_bytes == 0) quota.monthly_bytes = from.monthly_bytes;
  if (quota.sessions == 0) quota.sessions = from.sessions;
  if (quota.stored_bytes == 0) quota.stored_bytes = from.stored_bytes;
  if (quota.stored_files == 0) quota.stored_files = from.stored_files;
  if (quota.file_bytes == 0) quota.file_bytes = from.file_bytes;
}

template <typename Row>
const Row* find_row(const std::unordered_map<std::string, Row>& rows, const Subject& subject) {
  if (const auto row = rows.find(subject.text()); row != rows.end()) return &row->second;
  const auto each = each_of(subject);
  if (!each) return nullptr;
  const auto row = rows.find(each->text());
  return row == rows.end() ? nullptr : &row->second;
}

}  // namespace

Rules configured_rules(const config::Settings& settings, const config::Origins& origins) {
  Rules rules;
  const config::AccessSettings& access = settings.access;
  const auto from = [&origins](const char* option) { return origin_of(origins, option); };
  add_access(rules, access.deny_jids, false, false, from("access.deny_jids"));
  add_access(rules, access.deny_domains, false, true, from("access.deny_domains"));
  add_access(rules, access.allow_jids, true, false, from("access.allow_jids"));
  add_access(rules, access.allow_domains, true, true, from("access.allow_domains"));

  const config::ProxySettings& proxy = settings.proxy;
  const config::QuotaSettings& quota = settings.quota;
  const bool has_jid_quota = quota.daily_bytes_per_jid > 0 || quota.monthly_bytes_per_jid > 0;
  const bool has_domain_quota =
      quota.daily_bytes_per_domain > 0 || quota.monthly_bytes_per_domain > 0;
  rules.quotas.push_back(
      {{Subject::Type::each_jid, {}},
       quota.daily_bytes_per_jid,
       quota.monthly_bytes_per_jid,
       proxy.sessions_per_jid_max,
       from(has_jid_quota ? quota.daily_bytes_per_jid > 0 ? "quota.daily_bytes_per_jid"
                                                          : "quota.monthly_bytes_per_jid"
                          : "proxy.sessions_per_jid_max"),
       quota.stored_bytes_per_jid,
       quota.stored_files_per_jid});
  rules.quotas.push_back(
      {{Subject::Type::each_domain, {}},
       quota.daily_bytes_per_domain,
       quota.monthly_bytes_per_domain,
       proxy.sessions_per_domain_max,
       from(has_domain_quota ? quota.daily_bytes_per_domain > 0 ? "quota.daily_bytes_per_domain"
                                                                : "quota.monthly_bytes_per_domain"
                             : "proxy.sessions_per_domain_max"),
       quota.stored_bytes_per_domain,
       quota.stored_files_per_domain});
  rules.quotas.push_back({{Subject::Type::total, {}},
                          0,
                          0,
                          proxy.sessions_max,
                          from("proxy.sessions_max"),
                          quota.stored_bytes_total,
                          quota.stored_files_total,
                          settings.files.file_bytes_max});

  const auto add_rate = [&](Subject::Type type, std::uint64_t rate, const char* option) {
    if (rate > 0) rules.rates.push_back({{type, {}}, rate, from(option)});
  };
  add_rate(Subject::Type::each_session, proxy.rate_per_session, "proxy.rate_per_session");
  add_rate(Subject::Type::each_jid, proxy.rate_per_jid, "proxy.rate_per_jid");
  add_rate(Subject::Type::total, proxy.rate_total, "proxy.rate_total");
  return rules;
}

Policy::Policy(Rules configured, Rules runtime, bool allows_parent)
    : allows_parent_(allows_parent) {
  // Precedence: the JID, its domain, everybody; in the configuration all denials come first.
  const auto by_subject = [](const AccessRule& a, const AccessRule& b) {
    const auto rank = [](const AccessRule& rule) {
      return rule.subject.type == Subject::Type::jid      ? 0
             : rule.subject.type == Subject::Type::domain ? 1
                                                          : 2;
    };
    return std::tuple(rank(a), a.subject.key) < std::tuple(rank(b), b.subject.key);
  };
  const auto by_precedence = [&by_subject](const AccessRule& a, const AccessRule& b) {
    return a.allows == b.allows ? by_subject(a, b) : b.allows;
  };
  std::sort(runtime.access.begin(), runtime.access.end(), by_subject);
  std::sort(configured.access.begin(), configured.access.end(), by_precedence);
  for (const AccessRule& rule : runtime.access) runtime_access_.emplace(rule.subject.text(), rule);
  for (const AccessRule& rule : configured.access) {
    (rule.allows ? configured_allow_ : configured_deny_).emplace(rule.subject.text(), rule);
  }
  access_rules_ = std::move(runtime.access);
  std::move(configured.access.begin(), configured.access.end(), std::back_inserter(access_rules_));
  // The first of a subject stays; of quotas, what it does not say is taken from the others.
  for (Rules* rules : {&runtime, &configured}) {
    for (Quota& quota : rules->quotas) {
      const auto [row, is_first] = quotas_.emplace(quota.subject.text(), quota);
      if (!is_first) complete(row->second, quota);
    }
    for (RateLimit& rate : rules->rates) rates_.emplace(rate.subject.text(), std::move(rate));
  }
  complete_quotas();
}

// The tables are looked up for each session: what a row inherits is written into it.
void Policy::complete_quotas() {
  for (auto& [text, quota] : quotas_) {
    const auto each = each_of(quota.subject);
    if (!each) continue;
    const auto row = quotas_.find(each->text());
    if (row != quotas_.end()) complete(quota, row->second);
  }
}

const AccessRule* Policy::find(const AccessTable& rules, const Subject& subject,
                               SystemTime now) const {
  const auto row = rules.find(subject.text());
  if (row == rules.end()) return nullptr;
  if (row->second.expires && *row->second.expires <= now) return nullptr;
  return &row->second;
}

Policy::Decision Policy::access(std::string_view bare_jid, std::string_view parent_domain,
                                SystemTime now) const {
  const std::string_view domain = domain_of(bare_jid);
  const std::array subjects{Subject::of_jid(bare_jid), Subject::of_domain(domain), Subject{}};
  for (const AccessTable* rules : {&runtime_access_, &configured_deny_}) {
    for (const Subject& subject : subjects) {
      const AccessRule* rule = find(*rules, subject, now);
      if (rule == nullptr) continue;
      return {rule->allows, (rule->allows ? "allowed by " : "denied by ") + subject.text(),
              rule->origin};
    }
  }
  for (const Subject& subject : subjects) {
    const AccessRule* rule = find(configured_allow_, subject, now);
    if (rule != nullptr) return {true, "allowed by " + subject.text(), rule->origin};
  }
  if (allows_parent_ && is_parent(parent_domain, domain)) {
    return {true, "a user of the parent domain", {"default", "access.parent_domain"}};
  }
  return {false, "no rule allows this user", {}};
}

const Quota* Policy::quota(const Subject& subject) const {
  return find_row(quotas_, subject);
}

const RateLimit* Policy::rate(const Subject& subject) const {
  return find_row(rates_, subject);
}

std::vector<const Quota*> Policy::quotas() const {
  return sorted(quotas_);
}

std::vector<const RateLimit*> Policy::rates() const {
  return sorted(rates_);
}

std::optional<SystemTime> Policy::next_expiry() const {
  std::optional<SystemTime> first;
  for (const AccessRule& rule : access_rules_) {
    if (rule.expires && (!first || *rule.expires < *first)) first = rule.expires;
  }
  return first;
}

}  // namespace bellhop::policy

#include "api/admin/policy_api.hpp"

#include <algorithm>
#include <array>

#include "api/admin/convert.hpp"
#include "api/admin/turn_api.hpp"

namespace bellhop::admin {
namespace {

using policy::Subject;
using runtime::Task;

// Kinds of sessions that users begin.
constexpr std::array<std::string_view, 6> kKinds{"socks5", "upload", "download",
                                                 "dav",    "turn",   "relay-channel"};

// Rows in the order of their keys, a page of them behind the token's key.
template <typename Row>
struct Page {
  std::vector<Row> rows;
  std::string next;
};

template <typename Row, typename Request>
ApiResult<Page<Row>> page_of(const Core& core, std::vector<std::pair<std::string, Row>> all,
                             const Request& request, const std::string& query) {
  const auto size = page_size(request.page_size());
  if (!size) return size.error();
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  auto row = all.begin();
  if (!request.page_token().empty()) {
    const auto key = core.page_tokens.read(request.page_token(), query);
    if (!key) return ApiError(key.error()).at("page_token");
    row = std::upper_bound(all.begin(), all.end(), *key,
                           [](const std::string& k, const auto& each) { return k < each.first; });
  }
  Page<Row> page;
  for (; row != all.end() && page.rows.size() < *size; ++row) {
    page.rows.push_back(std::move(row->second));
    if (page.rows.size() == *size && std::next(row) != all.end()) {
      page.next = core.page_tokens.make(row->first, query);
    }
  }
  return page;
}

// Rules in the order in which they are asked.
std::string key_of(const policy::AccessRule& rule) {
  const bool is_runtime = rule.origin.source == "runtime";
  const char layer = is_runtime ? '0' : rule.allows ? '2' : '1';
  const char rank = rule.subject.type == Subject::Type::jid      ? '0'
                    : rule.subject.type == Subject::Type::domain ? '1'
                                                                 : '2';
  return std::string{layer, rank} + rule.subject.key;
}

std::string key_of(const Subject& subject) {
  return std::to_string(static_cast<int>(subject.type)) + subject.key;
}

// How the relay stands for a user; on the control shard.
ExplainRelay relay_of(const api::Control& control, const std::string& user, bool is_channel) {
  const api::Control::Parts& parts = control.parts();
  ExplainRelay relay;
  relay.is_channel = is_channel;
  const auto status = control.turn();
  if (!status) return relay;
  const config::TurnSettings& settings = parts.settings.turn;
  relay.own = parts.turn->allocations_of(user);
  relay.own_max = settings.allocations_per_user_max;
  if (is_channel) {
    relay.own = parts.channels == nullptr ? 0 : parts.channels->channels_of(user);
    relay.own_max = settings.relay_channels_per_user_max;
  }
  relay.is_offered = !is_channel || (parts.channels != nullptr && relay.own_max > 0);
  relay.all = status->allocations;
  relay.all_max = status->allocations_max;
  for (const api::TurnStatus::Relay& each : status->relays) {
    relay.free_ports = std::max(relay.free_ports, each.free_ports);
    if (is_channel) break;  // channels are of the first address
  }
  return relay;
}

template <typename Message, typename Fill>
v1::Event policy_event(std::string summary, const Message& message, Fill fill) {
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_POLICY);
  event.set_summary(std::move(summary));
  fill(event, message);
  return event;
}

}  // namespace

Task<ApiResult<v1::ListAccessRulesResponse>> PolicyApi::list_access(
    Caller, v1::ListAccessRulesRequest request) {
  std::vector<std::pair<std::string, v1::AccessRule>> rows;
  for (const auto& rule : core_.policy->access_rules()) {
    rows.emplace_back(key_of(rule), to_proto(rule));
  }
  auto page = page_of(core_, std::move(rows), request, "access");
  if (!page) co_return page.error();
  v1::ListAccessRulesResponse response;
  for (auto& row : page->rows) *response.add_access_rules() = std::move(row);
  response.set_next_page_token(page->next);
  co_return response;
}

Task<ApiResult<v1::SetAccessRuleResponse>> PolicyApi::set_access(Caller caller,
                                                                 v1::SetAccessRuleRequest request) {
  auto rule = from_proto(request.access_rule());
  if (!rule) co_return rule.error();
  if (rule->expires && *rule->expires <= std::chrono::system_clock::now()) {
    co_return bad("access_rule.expire_time", "is past");
  }
  auto row = core_.book.row_of(*rule, caller);
  if (!row) co_return row.error();
  rule->origin = {"runtime", caller.identity};
  v1::SetAccessRuleResponse response;
  *response.mutable_access_rule() = to_proto(*rule);
  if (request.validate_only()) {
    PolicyBook tried = core_.book;
    (void)tried.restore({*row});
    co_await core_.refresh();
    response.set_ended_session_count(denied_sessions(*tried.make()));
    co_return response;
  }
  auto ended = co_await put(std::move(*row));
  if (!ended) co_return ended.error();
  response.set_ended_session_count(*ended);
  core_.events.publish(policy_event(
      "an access rule was set", response.access_rule(),
      [](v1::Event& event, const v1::AccessRule& set) { *event.mutable_access_rule() = set; }));
  co_return response;
}

std::uint64_t PolicyApi::denied_sessions(const policy::Policy& policy) const {
  const auto& components = core_.parts.settings.components;
  const auto now = std::chrono::system_clock::now();
  std::uint64_t count = 0;
  for (const auto& [id, row] : core_.observer.sessions()) {
    const bool is_allowed =
        std::any_of(components.begin(), components.end(), [&](const auto& each) {
          return policy.access(row.bare_jid, each.parent_domain, now).is_allowed;
        });
    count += is_allowed ? 0 : 1;
  }
  return count;
}

Task<ApiResult<v1::DeleteAccessRuleResponse>> PolicyApi::delete_access(
    Caller, v1::DeleteAccessRuleRequest request) {
  const auto removed = co_await remove(PolicyBook::kAccess, request.name(), "accessRules");
  if (!removed) co_return removed.error();
  co_return v1::DeleteAccessRuleResponse();
}

Task<ApiResult<v1::ListQuotasResponse>> PolicyApi::list_quotas(Caller,
                                                               v1::ListQuotasRequest request) {
  co_await core_.refresh();
  std::vector<policy::Quota> quotas;
  for (const policy::Quota* quota : core_.policy->quotas()) quotas.push_back(*quota);
  std::vector<v1::Quota> shown = co_await with_usage(quotas);
  std::vector<std::pair<std::string, v1::Quota>> rows;
  for (std::size_t i = 0; i < quotas.size(); ++i) {
    rows.emplace_back(key_of(quotas[i].subject), std::move(shown[i]));
  }
  auto page = page_of(core_, std::move(rows), request, "quotas");
  if (!page) co_return page.error();
  v1::ListQuotasResponse response;
  for (auto& row : page->rows) *response.add_quotas() = std::move(row);
  response.set_next_page_token(page->next);
  co_return response;
}

Task<ApiResult<v1::SetQuotaResponse>> PolicyApi::set_quota(Caller caller,
                                                           v1::SetQuotaRequest request) {
  auto quota = from_proto(request.quota());
  if (!quota) co_return quota.error();
  auto row = core_.book.row_of(*quota, caller);
  if (!row) co_return row.error();
  co_await core_.refresh();
  v1::SetQuotaResponse response;
  quota->origin = {"runtime", caller.identity};
  if (!request.validate_only()) {
    const auto ended = co_await put(std::move(*row));
    if (!ended) co_return ended.error();
    *quota = *core_.policy->quota(quota->subject);
  }
  std::vector<policy::Quota> quotas(1, *quota);
  *response.mutable_quota() = std::move((co_await with_usage(std::move(quotas))).front());
  if (request.validate_only()) co_return response;
  core_.events.publish(
      policy_event("a quota was set", response.quota(),
                   [](v1::Event& event, const v1::Quota& set) { *event.mutable_quota() = set; }));
  co_return response;
}

Task<ApiResult<v1::DeleteQuotaResponse>> PolicyApi::delete_quota(Caller,
                                                                 v1::DeleteQuotaRequest request) {
  const auto removed = co_await remove(PolicyBook::kQuota, request.name(), "quotas");
  if (!removed) co_return removed.error();
  co_return v1::DeleteQuotaResponse();
}

v1::Usage PolicyApi::moved_by(const Subject& subject) const {
  const observe::Observer& observer = core_.observer;
  const auto used = observer.ledger().of(subject.text(), Core::now());
  v1::Usage usage;
  usage.set_daily_bytes(used.day_bytes);
  usage.set_monthly_bytes(used.month_bytes);
  const auto sessions = [&subject](const observe::Observer::Groups& groups) {
    const auto row = groups.find(subject.key);
    return row == groups.end() ? 0U : row->second.sessions;
  };
  if (subject.type == Subject::Type::jid) usage.set_session_count(sessions(observer.jids()));
  if (subject.type == Subject::Type::domain) usage.set_session_count(sessions(observer.domains()));
  if (subject.type == Subject::Type::total) usage.set_session_count(observer.total().sessions);
  return usage;
}

Task<std::vector<v1::Usage>> PolicyApi::usages_of(std::vector<Subject> subjects) const {
  std::vector<v1::Usage> usages;
  for (const Subject& subject : subjects) usages.push_back(moved_by(subject));
  files::FileStore* store = core_.files();
  if (store == nullptr) co_return usages;
  const std::vector<files::StorageUse> stored = co_await store->uses_of(std::move(subjects));
  for (std::size_t i = 0; i < usages.size(); ++i) {
    usages[i].set_stored_bytes(stored[i].bytes);
    usages[i].set_stored_file_count(stored[i].files);
  }
  co_return usages;
}

Task<std::vector<v1::Quota>> PolicyApi::with_usage(std::vector<policy::Quota> quotas) const {
  std::vector<Subject> subjects;
  for (const policy::Quota& quota : quotas) subjects.push_back(quota.subject);
  const std::vector<v1::Usage> usages = co_await usages_of(std::move(subjects));
  std::vector<v1::Quota> shown;
  for (std::size_t i = 0; i < quotas.size(); ++i) {
    shown.push_back(to_proto(quotas[i]));
    const bool is_each = quotas[i].subject.type == Subject::Type::each_jid ||
                         quotas[i].subject.type == Subject::Type::each_domain;
    if (!is_each) *shown.back().mutable_usage() = usages[i];
  }
  co_return shown;
}

Task<ApiResult<v1::GetUsageResponse>> PolicyApi::usage(Caller, v1::GetUsageRequest request) {
  const auto subject = Subject::parse(request.subject());
  if (!subject) co_return ApiError(subject.error()).at("subject");
  const bool has_usage = subject->type == Subject::Type::jid ||
                         subject->type == Subject::Type::domain ||
                         subject->type == Subject::Type::total;
  if (!has_usage) co_return bad("subject", "use jid:USER@DOMAIN, domain:DOMAIN or total");
  co_await core_.refresh();
  v1::GetUsageResponse response;
  std::vector<Subject> subjects(1, *subject);
  *response.mutable_usage() = std::move((co_await usages_of(std::move(subjects))).front());
  if (const policy::Quota* quota = core_.policy->quota(*subject)) {
    *response.mutable_quota() = to_proto(*quota);
  }
  co_return response;
}

Task<ApiResult<v1::ListRateLimitsResponse>> PolicyApi::list_rates(
    Caller, v1::ListRateLimitsRequest request) {
  std::vector<std::pair<std::string, v1::RateLimit>> rows;
  for (const policy::RateLimit* limit : core_.policy->rates()) {
    rows.emplace_back(key_of(limit->subject), to_proto(*limit));
  }
  auto page = page_of(core_, std::move(rows), request, "rates");
  if (!page) co_return page.error();
  v1::ListRateLimitsResponse response;
  for (auto& row : page->rows) *response.add_rate_limits() = std::move(row);
  response.set_next_page_token(page->next);
  co_return response;
}

Task<ApiResult<v1::SetRateLimitResponse>> PolicyApi::set_rate(Caller caller,
                                                              v1::SetRateLimitRequest request) {
  auto limit = from_proto(request.rate_limit());
  if (!limit) co_return limit.error();
  auto row = core_.book.row_of(*limit, caller);
  if (!row) co_return row.error();
  limit->origin = {"runtime", caller.identity};
  v1::SetRateLimitResponse response;
  *response.mutable_rate_limit() = to_proto(*limit);
  if (request.validate_only()) co_return response;
  const auto ended = co_await put(std::move(*row));
  if (!ended) co_return ended.error();
  core_.events.publish(policy_event(
      "a rate limit was set", response.rate_limit(),
      [](v1::Event& event, const v1::RateLimit& set) { *event.mutable_rate_limit() = set; }));
  co_return response;
}

Task<ApiResult<v1::DeleteRateLimitResponse>> PolicyApi::delete_rate(
    Caller, v1::DeleteRateLimitRequest request) {
  const auto removed = co_await remove(PolicyBook::kRate, request.name(), "rateLimits");
  if (!removed) co_return removed.error();
  co_return v1::DeleteRateLimitResponse();
}

Task<ApiResult<v1::ExplainAccessResponse>> PolicyApi::explain(Caller,
                                                              v1::ExplainAccessRequest request) {
  const auto jid = xmpp::Jid::parse(request.jid());
  if (!jid) co_return ApiError(jid.error()).at("jid");
  const std::string kind = request.kind().empty() ? "socks5" : request.kind();
  if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
    co_return bad("kind",
                  "there is no such kind of session; use socks5, upload, download, dav,"
                  " turn or relay-channel");
  }
  co_await core_.refresh();
  auto is_open = [&control = core_.parts.control] { return control.node().is_open; };
  const bool open = co_await core_.on_control(is_open);
  ExplainInput input{*jid, open, {}, {}};
  if (kind == "turn" || kind == "relay-channel") {
    co_await add_relay(input, kind == "relay-channel");
    co_return explain_access(core_, input);
  }
  for (const auto& component : core_.parts.settings.components) {
    input.parent_domains.push_back(component.parent_domain);
  }
  const bool is_storing = kind == "upload" || kind == "dav";
  if (is_storing && core_.files() != nullptr) {
    std::vector<Subject> subjects{Subject::of_jid(jid->bare()), Subject::of_domain(jid->domain()),
                                  Subject{}};
    input.stored = co_await core_.files()->uses_of(std::move(subjects));
  }
  co_return explain_access(core_, input);
}

Task<> PolicyApi::add_relay(ExplainInput& input, bool is_channel) {
  input.parent_domains = parents_with(core_.parts.settings, config::Service::turn);
  auto ask = [&control = core_.parts.control, user = std::string(input.user.bare()), is_channel] {
    return relay_of(control, user, is_channel);
  };
  input.relay = co_await core_.on_control(std::move(ask));
}

Task<ApiResult<std::uint64_t>> PolicyApi::put(observe::PolicyRow row) {
  auto store = [row](api::State& state) { return state.policy.set(row); };
  const auto stored = co_await core_.on_store(std::move(store));
  if (!stored) co_return ApiError(stored.error());
  (void)core_.book.restore({row});
  co_return co_await core_.apply_policy();
}

Task<ApiResult<void>> PolicyApi::remove(std::string_view sort, std::string name,
                                        std::string collection) {
  const auto id = id_in(name, collection);
  if (!id) co_return id.error();
  const auto subject = Subject::parse(*id);
  if (!subject) co_return ApiError(subject.error()).at("name");
  const std::string text = subject->text();
  if (!core_.book.has(sort, text)) {
    co_return ApiError(errors::not_found, "nothing was set at run time for " + text, "name");
  }
  auto erase = [sort, text](api::State& state) { return state.policy.remove(sort, text); };
  const auto erased = co_await core_.on_store(std::move(erase));
  if (!erased) co_return ApiError(erased.error());
  core_.book.remove(sort, text);
  (void)co_await core_.apply_policy();
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_POLICY);
  event.set_summary(name + " was removed");
  core_.events.publish(std::move(event));
  co_return ApiResult<void>();
}

Task<> PolicyApi::remove_expired() {
  const auto subjects = core_.book.remove_expired(std::chrono::system_clock::now());
  if (subjects.empty()) co_return;
  auto erase = [subjects](api::State& state) -> base::Result<void> {
    for (const std::string& subject : subjects) {
      const auto erased = state.policy.remove(PolicyBook::kAccess, subject);
      if (!erased) return erased.error();
    }
    return {};
  };
  (void)co_await core_.on_store(std::move(erase));
  (void)co_await core_.apply_policy();
}

}  // namespace bellhop::admin

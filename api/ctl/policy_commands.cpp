#include "api/ctl/policy_commands.hpp"

#include <limits>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"
#include "bellhop/admin/v1/policy_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Policy = v1::PolicyService::Stub;

constexpr std::int32_t kPageSize = 1'000;  // of the API, most

struct SubjectOptions {
  std::string subject;
};

// A limit: 0 where no row says one, the greatest number where one says that there is none.
std::string limit_text(std::uint64_t bytes) {
  const bool is_none = bytes == 0 || bytes == std::numeric_limits<std::uint64_t>::max();
  return is_none ? "-" : format_bytes(bytes);
}
template <typename Count>
std::string count_text(Count count) {
  const bool is_none = count == 0 || count == std::numeric_limits<Count>::max();
  return is_none ? "-" : std::to_string(count);
}

std::string origin_text(const v1::Origin& origin) {
  if (origin.detail().empty()) return origin.source();
  return origin.source() + ": " + origin.detail();
}

// Follows the pages of a list and merges them into one answer.
template <typename Request, typename Response>
grpc::Status list_all(Client& client,
                      grpc::Status (Policy::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                      Response& all) {
  Request request;
  request.set_page_size(kPageSize);
  while (true) {
    Response page;
    const grpc::Status status = client.call(method, request, page);
    if (!status.ok()) return status;
    all.MergeFrom(page);
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  all.clear_next_page_token();
  return grpc::Status::OK;
}

template <typename Request, typename Response>
ExitCode print_list(Client& client,
                    grpc::Status (Policy::*method)(grpc::ClientContext*, const Request&, Response*),
                    Table table, void (*add_rows)(Table&, const Response&)) {
  Response all;
  const grpc::Status status = list_all<Request, Response>(client, method, all);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(all);
    return ExitCode::ok;
  }
  add_rows(table, all);
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

// The rule, quota or limit with the subject of the options.
template <typename Request, typename Response>
ExitCode delete_one(Client& client, std::string_view collection, const SubjectOptions& options,
                    grpc::Status (Policy::*method)(grpc::ClientContext*, const Request&,
                                                   Response*)) {
  const auto subject = parse_subject(short_name(collection, options.subject));
  if (!subject) return client.refuse("SUBJECT: " + subject.error().detail());
  Request request;
  request.set_name(full_name(collection, *subject));
  Response response;
  const grpc::Status status = client.call(method, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else {
    client.out() << "deleted " << clean(request.name()) << '\n';
  }
  return ExitCode::ok;
}

// ---- access ----

constexpr std::string_view kAccessPrefix = "accessRules/";

struct AccessOptions {
  std::string subject;
  std::string action;
  std::string comment;
  std::string expires;
  bool is_dry_run = false;
};

Table access_table() {
  return Table({{.title = "SUBJECT", .may_cut = true},
                {.title = "ACTION"},
                {.title = "UNTIL"},
                {.title = "FROM", .may_cut = true},
                {.title = "COMMENT", .may_cut = true}});
}

void add_access_row(Table& table, const v1::AccessRule& rule) {
  const bool is_allow = rule.action() == v1::RULE_ACTION_ALLOW;
  table.add({rule.subject(), Cell(is_allow ? "allow" : "deny", is_allow ? Tone::good : Tone::bad),
             rule.has_expire_time() ? format_moment(to_moment(rule.expire_time())) : "-",
             origin_text(rule.origin()), rule.comment()});
}

void add_access_rows(Table& table, const v1::ListAccessRulesResponse& response) {
  for (const v1::AccessRule& rule : response.access_rules()) add_access_row(table, rule);
}

ExitCode list_access(Client& client, const NoOptions&) {
  return print_list<v1::ListAccessRulesRequest>(client, &Policy::ListAccessRules, access_table(),
                                                add_access_rows);
}

base::Result<v1::SetAccessRuleRequest> access_request(const Client& client,
                                                      const AccessOptions& options) {
  const auto subject = parse_subject(options.subject);
  if (!subject) return subject.error();
  v1::SetAccessRuleRequest request;
  v1::AccessRule& rule = *request.mutable_access_rule();
  rule.set_subject(*subject);
  rule.set_action(options.action == "allow" ? v1::RULE_ACTION_ALLOW : v1::RULE_ACTION_DENY);
  rule.set_comment(options.comment);
  if (!options.expires.empty()) {
    const auto moment = parse_future(options.expires, client.now());
    if (!moment) return moment.error();
    *rule.mutable_expire_time() = to_timestamp(*moment);
  }
  return request;
}

// A rule that ends sessions is asked about with their number.
ExitCode confirm_access(Client& client, v1::SetAccessRuleRequest request) {
  if (client.options().is_yes) return ExitCode::ok;
  request.set_validate_only(true);
  v1::SetAccessRuleResponse response;
  const grpc::Status status = client.call(&Policy::SetAccessRule, request, response);
  if (!status.ok()) return client.report(status);
  if (response.ended_session_count() == 0) return ExitCode::ok;
  return client.confirm("This ends " + std::to_string(response.ended_session_count()) +
                        " running session(s). Go on?");
}

ExitCode set_access(Client& client, const AccessOptions& options) {
  auto request = access_request(client, options);
  if (!request) return client.refuse(request.error().detail());
  if (options.is_dry_run) {
    request->set_validate_only(true);
  } else if (const ExitCode answer = confirm_access(client, *request); answer != ExitCode::ok) {
    return answer;
  }
  v1::SetAccessRuleResponse response;
  const grpc::Status status = client.call(&Policy::SetAccessRule, *request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table = access_table();
  add_access_row(table, response.access_rule());
  table.print(client.out(), client.style());
  client.out() << (options.is_dry_run ? "would end " : "ended ") << response.ended_session_count()
               << " session(s)\n";
  return ExitCode::ok;
}

ExitCode delete_access(Client& client, const SubjectOptions& options) {
  return delete_one<v1::DeleteAccessRuleRequest, v1::DeleteAccessRuleResponse>(
      client, kAccessPrefix, options, &Policy::DeleteAccessRule);
}

// ---- quota ----

constexpr std::string_view kQuotaPrefix = "quotas/";

struct QuotaOptions {
  std::string subject;
  std::uint64_t daily_bytes = 0;
  std::uint64_t monthly_bytes = 0;
  std::uint32_t session_count = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t stored_file_count = 0;
  std::uint64_t file_bytes = 0;
  bool is_dry_run = false;
};

Table quota_table() {
  return Table({{.title = "SUBJECT", .may_cut = true},
                {.title = "A DAY", .align = Align::right},
                {.title = "USED", .align = Align::right},
                {.title = "A MONTH", .align = Align::right},
                {.title = "USED", .align = Align::right},
                {.title = "SESSIONS", .align = Align::right},
                {.title = "NOW", .align = Align::right},
                {.title = "STORED", .align = Align::right},
                {.title = "USED", .align = Align::right},
                {.title = "FILES", .align = Align::right},
                {.title = "NOW", .align = Align::right},
                {.title = "A FILE", .align = Align::right},
                {.title = "FROM", .may_cut = true}});
}

// Used up, nearly, or not.
Tone usage_tone(std::uint64_t used, std::uint64_t limit) {
  if (limit == 0) return Tone::plain;
  if (used >= limit) return Tone::bad;
  return used >= limit - limit / 5 ? Tone::warning : Tone::plain;
}

void add_quota_row(Table& table, const v1::Quota& quota) {
  const v1::Usage& usage = quota.usage();
  const bool has_usage = quota.has_usage();
  const auto used = [&](std::uint64_t amount, std::uint64_t limit) {
    return Cell(has_usage ? format_bytes(amount) : "-", usage_tone(amount, limit));
  };
  table.add({quota.subject(), limit_text(quota.daily_bytes()),
             used(usage.daily_bytes(), quota.daily_bytes()), limit_text(quota.monthly_bytes()),
             used(usage.monthly_bytes(), quota.monthly_bytes()), count_text(quota.session_count()),
             has_usage ? std::to_string(usage.session_count()) : "-",
             limit_text(quota.stored_bytes()), used(usage.stored_bytes(), quota.stored_bytes()),
             count_text(quota.stored_file_count()),
             Cell(has_usage ? std::to_string(usage.stored_file_count()) : "-",
                  usage_tone(usage.stored_file_count(), quota.stored_file_count())),
             limit_text(quota.file_bytes()), origin_text(quota.origin())});
}

void add_quota_rows(Table& table, const v1::ListQuotasResponse& response) {
  for (const v1::Quota& quota : response.quotas()) add_quota_row(table, quota);
}

ExitCode list_quotas(Client& client, const NoOptions&) {
  return print_list<v1::ListQuotasRequest>(client, &Policy::ListQuotas, quota_table(),
                                           add_quota_rows);
}

ExitCode set_quota(Client& client, const QuotaOptions& options) {
  const auto subject = parse_subject(options.subject);
  if (!subject) return client.refuse("SUBJECT: " + subject.error().detail());
  const bool says_something = options.daily_bytes != 0 || options.monthly_bytes != 0 ||
                              options.session_count != 0 || options.stored_bytes != 0 ||
                              options.stored_file_count != 0 || options.file_bytes != 0;
  if (!says_something) {
    return client.refuse("give --daily, --monthly, --sessions, --stored, --files or --file");
  }
  v1::SetQuotaRequest request;
  v1::Quota& quota = *request.mutable_quota();
  quota.set_subject(*subject);
  quota.set_daily_bytes(options.daily_bytes);
  quota.set_monthly_bytes(options.monthly_bytes);
  quota.set_session_count(options.session_count);
  quota.set_stored_bytes(options.stored_bytes);
  quota.set_stored_file_count(options.stored_file_count);
  quota.set_file_bytes(options.file_bytes);
  request.set_validate_only(options.is_dry_run);
  v1::SetQuotaResponse response;
  const grpc::Status status = client.call(&Policy::SetQuota, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table = quota_table();
  add_quota_row(table, response.quota());
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

ExitCode delete_quota(Client& client, const SubjectOptions& options) {
  return delete_one<v1::DeleteQuotaRequest, v1::DeleteQuotaResponse>(client, kQuotaPrefix, options,
                                                                     &Policy::DeleteQuota);
}

// ---- rate ----

constexpr std::string_view kRatePrefix = "rateLimits/";

struct RateOptions {
  std::string subject;
  std::uint64_t rate = 0;
  bool is_dry_run = false;
};

Table rate_table() {
  return Table({{.title = "SUBJECT", .may_cut = true},
                {.title = "RATE", .align = Align::right},
                {.title = "FROM", .may_cut = true}});
}

void add_rate_row(Table& table, const v1::RateLimit& limit) {
  table.add({limit.subject(), format_rate(limit.bytes_per_second()), origin_text(limit.origin())});
}

void add_rate_rows(Table& table, const v1::ListRateLimitsResponse& response) {
  for (const v1::RateLimit& limit : response.rate_limits()) add_rate_row(table, limit);
}

ExitCode list_rates(Client& client, const NoOptions&) {
  return print_list<v1::ListRateLimitsRequest>(client, &Policy::ListRateLimits, rate_table(),
                                               add_rate_rows);
}

ExitCode set_rate(Client& client, const RateOptions& options) {
  const auto subject = parse_subject(options.subject);
  if (!subject) return client.refuse("SUBJECT: " + subject.error().detail());
  v1::SetRateLimitRequest request;
  request.mutable_rate_limit()->set_subject(*subject);
  request.mutable_rate_limit()->set_bytes_per_second(options.rate);
  request.set_validate_only(options.is_dry_run);
  v1::SetRateLimitResponse response;
  const grpc::Status status = client.call(&Policy::SetRateLimit, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table = rate_table();
  add_rate_row(table, response.rate_limit());
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

ExitCode delete_rate(Client& client, const SubjectOptions& options) {
  return delete_one<v1::DeleteRateLimitRequest, v1::DeleteRateLimitResponse>(
      client, kRatePrefix, options, &Policy::DeleteRateLimit);
}

// ---- usage, explain ----

std::string of_limit(const std::string& used, const std::string& limit) {
  return limit == "-" ? used + ", no limit" : used + " of " + limit;
}

ExitCode show_usage(Client& client, const SubjectOptions& options) {
  const auto subject = parse_subject(options.subject);
  if (!subject) return client.refuse("SUBJECT: " + subject.error().detail());
  v1::GetUsageRequest request;
  request.set_subject(*subject);
  v1::GetUsageResponse response;
  const grpc::Status status = client.call(&Policy::GetUsage, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  const v1::Usage& usage = response.usage();
  const v1::Quota& quota = response.quota();
  FieldList fields;
  fields.add("subject", *subject);
  fields.add("today", {of_limit(format_bytes(usage.daily_bytes()), limit_text(quota.daily_bytes())),
                       usage_tone(usage.daily_bytes(), quota.daily_bytes())});
  fields.add("this month",
             {of_limit(format_bytes(usage.monthly_bytes()), limit_text(quota.monthly_bytes())),
              usage_tone(usage.monthly_bytes(), quota.monthly_bytes())});
  fields.add("sessions",
             {of_limit(std::to_string(usage.session_count()), count_text(quota.session_count())),
              usage_tone(usage.session_count(), quota.session_count())});
  fields.add("stored",
             {of_limit(format_bytes(usage.stored_bytes()), limit_text(quota.stored_bytes())),
              usage_tone(usage.stored_bytes(), quota.stored_bytes())});
  fields.add("files", {of_limit(std::to_string(usage.stored_file_count()),
                                count_text(quota.stored_file_count())),
                       usage_tone(usage.stored_file_count(), quota.stored_file_count())});
  fields.add("a file", limit_text(quota.file_bytes()) == "-"
                           ? "no limit"
                           : "at most " + limit_text(quota.file_bytes()));
  fields.add("limits from", quota.subject().empty()
                                ? std::string()
                                : quota.subject() + " (" + origin_text(quota.origin()) + ")");
  fields.print(client.out(), client.style());
  return ExitCode::ok;
}

struct ExplainOptions {
  std::string jid;
  std::string kind;
};

ExitCode explain(Client& client, const ExplainOptions& options) {
  v1::ExplainAccessRequest request;
  request.set_jid(options.jid);
  request.set_kind(options.kind);
  v1::ExplainAccessResponse response;
  const grpc::Status status = client.call(&Policy::ExplainAccess, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  const Style& style = client.style();
  const bool is_allowed = response.is_allowed();
  client.out() << style.painted(is_allowed ? "allowed" : "refused",
                                is_allowed ? Tone::good : Tone::bad);
  if (!response.reason().empty()) client.out() << " (" << clean(response.reason()) << ")";
  client.out() << ": " << clean(response.summary()) << '\n';
  Table table({{.title = "CHECK"},
               {.title = "PASSED"},
               {.title = "DETAIL", .may_cut = true},
               {.title = "FROM", .may_cut = true}});
  for (const v1::ExplainStep& step : response.steps()) {
    table.add({step.check(),
               Cell(step.is_passed() ? "yes" : "no", step.is_passed() ? Tone::good : Tone::bad),
               step.detail(), step.has_origin() ? origin_text(step.origin()) : ""});
  }
  table.print(client.out(), style);
  return ExitCode::ok;
}

constexpr const char* kSubjectHelp =
    "jid:alice@example.org, domain:example.org, jid:* (each user), domain:* (each domain) or"
    " total; alice@example.org and example.org will do";

void add_subject(const Command& command, std::string& subject) {
  command.add_option("SUBJECT", subject, kSubjectHelp)
      .require()
      .call_value("")
      .offer_words({"jid:", "domain:", "jid:*", "domain:*", "total"});
}

void add_access(CommandTree& tree, const Command& policy) {
  const Command access = tree.noun(policy, "access", "Who may use Bellhop.");
  tree.verb<NoOptions>(access,
                       {.name = "list",
                        .summary = "The rules, in the order in which they are asked.",
                        .example = "bellhopctl policy access list"},
                       list_access);
  const auto [command, options] = tree.verb<AccessOptions>(
      access,
      {.name = "set",
       .summary = "Adds a rule or replaces it; sessions that it denies are ended. Asks then.",
       .example = "bellhopctl policy access set mallory@example.org deny --comment 'spam'"
                  " --expires 7d\n"
                  "bellhopctl policy access set domain:example.net allow"},
      set_access);
  add_subject(command, options.subject);
  command.add_option("ACTION", options.action).require().accept_words({"allow", "deny"});
  command.add_option("--comment", options.comment, "why, for people").call_value("TEXT");
  command.add_moment("--expires", options.expires, "in so long, or at that moment");
  command.add_flag("--dry-run", options.is_dry_run, "only check it, and count the sessions");
  const auto [removal, which] =
      tree.verb<SubjectOptions>(access,
                                {.name = "delete",
                                 .summary = "Removes a rule that was set at run time.",
                                 .example = "bellhopctl policy access delete mallory@example.org"},
                                delete_access);
  add_subject(removal, which.subject);
}

void add_quota(CommandTree& tree, const Command& policy) {
  const Command quota = tree.noun(policy, "quota", "How much may be moved.");
  tree.verb<NoOptions>(quota,
                       {.name = "list",
                        .summary = "Quotas, and what is used of them.",
                        .example = "bellhopctl policy quota list"},
                       list_quotas);
  const auto [command, options] = tree.verb<QuotaOptions>(
      quota,
      {.name = "set",
       .summary = "Sets the quota of a subject; sessions over it are ended. Limits that are not"
                  " given are those of the configuration, or for jid:* and domain:*.",
       .example = "bellhopctl policy quota set 'jid:*' --daily 2G --sessions 4\n"
                  "bellhopctl policy quota set example.org --monthly 1T --stored 100G"},
      set_quota);
  add_subject(command, options.subject);
  command.add_size_limit("--daily", options.daily_bytes, "bytes within a day (UTC)");
  command.add_size_limit("--monthly", options.monthly_bytes, "bytes within a month (UTC)");
  command.add_count_limit("--sessions", options.session_count, "at one time");
  command.add_size_limit("--stored", options.stored_bytes, "bytes in the file store at one time");
  command.add_size_limit("--files", options.stored_file_count, "files in the store at one time")
      .call_value("N|none");
  command.add_size_limit("--file", options.file_bytes, "bytes of a single file");
  command.add_flag("--dry-run", options.is_dry_run, "only check it");
  const auto [removal, which] =
      tree.verb<SubjectOptions>(quota,
                                {.name = "delete",
                                 .summary = "Removes a quota that was set at run time.",
                                 .example = "bellhopctl policy quota delete 'jid:*'"},
                                delete_quota);
  add_subject(removal, which.subject);
}

void add_rate_commands(CommandTree& tree, const Command& policy) {
  const Command rate = tree.noun(policy, "rate", "How fast all sessions of a subject may be.");
  tree.verb<NoOptions>(
      rate, {.name = "list", .summary = "Rate limits.", .example = "bellhopctl policy rate list"},
      list_rates);
  const auto [command, options] =
      tree.verb<RateOptions>(rate,
                             {.name = "set",
                              .summary = "Sets the rate limit of a subject, at least 1 KiB/s.",
                              .example = "bellhopctl policy rate set total 100M\n"
                                         "bellhopctl policy rate set 'session:*' 5Mi"},
                             set_rate);
  add_subject(command, options.subject);
  command.add_rate("RATE", options.rate, "bytes per second, both directions: 500k, 10Mi")
      .require()
      .call_value("");
  command.add_flag("--dry-run", options.is_dry_run, "only check it");
  const auto [removal, which] =
      tree.verb<SubjectOptions>(rate,
                                {.name = "delete",
                                 .summary = "Removes a rate limit that was set at run time.",
                                 .example = "bellhopctl policy rate delete total"},
                                delete_rate);
  add_subject(removal, which.subject);
}

}  // namespace

void add_policy_commands(CommandTree& tree) {
  const Command policy =
      tree.noun(tree.root(), "policy", "Who may do what, and how much: access, quota, rate.");
  add_access(tree, policy);
  add_quota(tree, policy);
  add_rate_commands(tree, policy);
  const auto [usage, usage_options] =
      tree.verb<SubjectOptions>(policy,
                                {.name = "usage",
                                 .summary = "What a user or domain has used of its quota.",
                                 .example = "bellhopctl policy usage alice@example.org"},
                                show_usage);
  add_subject(usage, usage_options.subject);
  const auto [command, options] = tree.verb<ExplainOptions>(
      tree.root(),
      {.name = "explain",
       .summary = "Why a JID would be refused a session now, or would not.",
       .example = "bellhopctl explain alice@example.org --kind upload"},
      explain);
  command.add_option("JID", options.jid, "bare or full").require().call_value("");
  command.add_option("--kind", options.kind, "of session; default socks5")
      .accept_words({"socks5", "upload", "download", "dav", "turn", "relay-channel"});
}

}  // namespace bellhop::ctl

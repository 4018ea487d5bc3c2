#include "api/admin/convert.hpp"

#include <algorithm>

namespace bellhop::admin {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t kCommentBytesMax = 256;
constexpr std::uint64_t kRateMin = 1024;
constexpr std::uint64_t kRateMax = std::uint64_t{1} << 40;

ApiResult<policy::Subject> subject_from(const std::string& text, const std::string& field) {
  if (text.empty()) return bad(field, "must be given");
  auto subject = policy::Subject::parse(text);
  if (!subject) return ApiError(subject.error()).at(field);
  return *subject;
}

}  // namespace

google::protobuf::Timestamp to_proto(SystemTime time) {
  const auto whole = std::chrono::floor<seconds>(time);
  google::protobuf::Timestamp result;
  result.set_seconds(whole.time_since_epoch().count());
  result.set_nanos(static_cast<std::int32_t>(duration_cast<nanoseconds>(time - whole).count()));
  return result;
}

google::protobuf::Timestamp to_proto_time(Second second) {
  google::protobuf::Timestamp result;
  result.set_seconds(second);
  return result;
}

google::protobuf::Duration to_proto(base::Duration duration) {
  const auto whole = duration_cast<seconds>(duration);
  google::protobuf::Duration result;
  result.set_seconds(whole.count());
  result.set_nanos(static_cast<std::int32_t>(duration_cast<nanoseconds>(duration - whole).count()));
  return result;
}

pb::Rates to_proto(const observe::ByteRates& rates) {
  pb::Rates result;
  result.set_last_second_bytes_per_second(rates.second);
  result.set_ten_seconds_bytes_per_second(rates.ten_seconds);
  result.set_minute_bytes_per_second(rates.minute);
  return result;
}

pb::Session to_proto(const observe::SessionRow& row, Second now) {
  const bool is_running = row.reason == runtime::EndReason::none;
  pb::Session session;
  session.set_name("sessions/" + row.facts.id.text());
  session.set_kind(std::string(row.facts.kind));
  session.set_state(is_running ? pb::SESSION_STATE_ACTIVE : pb::SESSION_STATE_ENDED);
  session.set_requester(row.facts.requester);
  session.set_target(row.facts.target);
  session.set_domain(std::string(row.domain()));
  session.set_first_endpoint(row.facts.first);
  session.set_second_endpoint(row.facts.second);
  *session.mutable_create_time() = to_proto(row.facts.started);
  *session.mutable_last_progress_time() = to_proto(row.last_progress);
  session.set_first_to_second_bytes(row.bytes.first_to_second);
  session.set_second_to_first_bytes(row.bytes.second_to_first);
  session.set_dropped_bytes(row.bytes.dropped);
  *session.mutable_rates() = to_proto(row.rates(now));
  session.set_limit_bytes_per_second(row.rate_limit);
  if (!is_running) session.set_end_reason(std::string(runtime::to_text(row.reason)));
  return session;
}

pb::BandwidthGroup to_proto(const std::string& key, const observe::Group& group, Second now) {
  pb::BandwidthGroup result;
  result.set_key(key);
  result.set_total_bytes(group.bytes);
  result.set_session_count(group.sessions);
  *result.mutable_rates() = to_proto(group.rates(now));
  return result;
}

pb::Upstream to_proto(const api::UpstreamStatus& upstream) {
  using State = xmpp::Stream::Status::State;
  pb::Upstream result;
  result.set_name("upstreams/" + upstream.jid);
  result.set_jid(upstream.jid);
  result.set_server(upstream.server);
  result.set_is_encrypted(upstream.is_encrypted);
  switch (upstream.status.state) {
    case State::connecting:
      result.set_state(pb::UPSTREAM_STATE_CONNECTING);
      break;
    case State::attached:
      result.set_state(pb::UPSTREAM_STATE_ATTACHED);
      break;
    case State::refused:
      result.set_state(pb::UPSTREAM_STATE_REFUSED);
      break;
  }
  *result.mutable_state_time() = to_proto(upstream.status.since);
  result.set_last_error(upstream.status.last_error);
  return result;
}

pb::Origin to_proto(const policy::Origin& origin) {
  pb::Origin result;
  result.set_source(origin.source);
  result.set_detail(origin.detail);
  return result;
}

pb::AccessRule to_proto(const policy::AccessRule& rule) {
  pb::AccessRule result;
  result.set_subject(rule.subject.text());
  result.set_name("accessRules/" + result.subject());
  result.set_action(rule.allows ? pb::RULE_ACTION_ALLOW : pb::RULE_ACTION_DENY);
  result.set_comment(rule.comment);
  if (rule.expires) *result.mutable_expire_time() = to_proto(*rule.expires);
  *result.mutable_origin() = to_proto(rule.origin);
  return result;
}

pb::Quota to_proto(const policy::Quota& quota) {
  pb::Quota result;
  result.set_subject(quota.subject.text());
  result.set_name("quotas/" + result.subject());
  result.set_daily_bytes(quota.daily_bytes);
  result.set_monthly_bytes(quota.monthly_bytes);
  result.set_session_count(quota.sessions);
  result.set_stored_bytes(quota.stored_bytes);
  result.set_stored_file_count(quota.stored_files);
  result.set_file_bytes(quota.file_bytes);
  *result.mutable_origin() = to_proto(quota.origin);
  return result;
}

pb::RateLimit to_proto(const policy::RateLimit& limit) {
  pb::RateLimit result;
  result.set_subject(limit.subject.text());
  result.set_name("rateLimits/" + result.subject());
  result.set_bytes_per_second(limit.bytes_per_second);
  *result.mutable_origin() = to_proto(limit.origin);
  return result;
}

ApiResult<policy::AccessRule> from_proto(const pb::AccessRule& rule) {
  using Type = policy::Subject::Type;
  auto subject = subject_from(rule.subject(), "access_rule.subject");
  if (!subject) return subject.error();
  if (subject->type != Type::jid && subject->type != Type::domain && subject->type != Type::total) {
    return bad("access_rule.subject", "use jid:USER@DOMAIN, domain:DOMAIN or total");
  }
  if (rule.action() != pb::RULE_ACTION_ALLOW && rule.action() != pb::RULE_ACTION_DENY) {
    return bad("access_rule.action", "must be RULE_ACTION_ALLOW or RULE_ACTION_DENY");
  }
  if (rule.comment().size() > kCommentBytesMax) {
    return bad("access_rule.comment", "at most 256 bytes");
  }
  policy::AccessRule result{
      *subject, rule.action() == pb::RULE_ACTION_ALLOW, rule.comment(), {}, {}};
  if (rule.has_expire_time()) {
    const auto& time = rule.expire_time();
    if (time.seconds() <= 0 || time.seconds() > kYear2200 || time.nanos() < 0) {
      return bad("access_rule.expire_time", "must be a time between 1970 and 2200");
    }
    result.expires = SystemTime(seconds(time.seconds()));
  }
  return result;
}

ApiResult<policy::Quota> from_proto(const pb::Quota& quota) {
  auto subject = subject_from(quota.subject(), "quota.subject");
  if (!subject) return subject.error();
  if (subject->type == policy::Subject::Type::each_session) {
    return bad("quota.subject", "a session has no quota");
  }
  policy::Quota result;
  result.subject = *subject;
  result.daily_bytes = quota.daily_bytes();
  result.monthly_bytes = quota.monthly_bytes();
  result.sessions = quota.session_count();
  result.stored_bytes = quota.stored_bytes();
  result.stored_files = quota.stored_file_count();
  result.file_bytes = quota.file_bytes();
  return result;
}

ApiResult<policy::RateLimit> from_proto(const pb::RateLimit& limit) {
  auto subject = subject_from(limit.subject(), "rate_limit.subject");
  if (!subject) return subject.error();
  if (limit.bytes_per_second() < kRateMin || limit.bytes_per_second() > kRateMax) {
    return bad("rate_limit.bytes_per_second", "must be between 1024 and 2^40");
  }
  return policy::RateLimit{*subject, limit.bytes_per_second(), {}};
}

ApiResult<base::Ulid> session_id(const std::string& name, const std::string& field) {
  constexpr std::string_view kPrefix = "sessions/";
  std::string_view text = name;
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  const auto id = base::Ulid::parse(text);
  if (!id) return bad(field, "must be sessions/ and 26 letters and digits");
  return *id;
}

ApiResult<std::string> id_in(const std::string& name, const std::string& collection) {
  const std::string prefix = collection + "/";
  if (!name.starts_with(prefix) || name.size() == prefix.size()) {
    return bad("name", "must begin with " + prefix);
  }
  return name.substr(prefix.size());
}

ApiResult<base::Duration> duration_from(const google::protobuf::Duration& duration,
                                        base::Duration fallback, base::Duration minimum,
                                        base::Duration maximum, const std::string& field) {
  if (duration.seconds() == 0 && duration.nanos() == 0) return fallback;
  const bool is_sane = duration.nanos() >= 0 && duration.nanos() < 1'000'000'000 &&
                       duration.seconds() >= 0 &&
                       duration.seconds() <= duration_cast<seconds>(maximum).count();
  const auto value = is_sane ? base::Duration(seconds(duration.seconds())) +
                                   base::Duration(nanoseconds(duration.nanos()))
                             : base::Duration(-1);
  if (value < minimum || value > maximum) {
    const auto milliseconds = [](base::Duration d) {
      return std::to_string(duration_cast<std::chrono::milliseconds>(d).count());
    };
    return bad(field, "must be between " + milliseconds(minimum) + " and " + milliseconds(maximum) +
                          " ms");
  }
  return value;
}

ApiResult<std::size_t> page_size(std::int32_t wanted, std::size_t fallback, std::size_t maximum) {
  if (wanted < 0) return bad("page_size", "must not be negative");
  if (wanted == 0) return fallback;
  return std::min(static_cast<std::size_t>(wanted), maximum);
}

}  // namespace bellhop::admin

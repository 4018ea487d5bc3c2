// Our values as messages and back, at the bounds of what is accepted.
#include "api/admin/convert.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using policy::Subject;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();

template <typename Result>
void expect_bad(const Result& result, const std::string& field) {
  ASSERT_FALSE(result) << field;
  EXPECT_EQ(result.error().field(), field);
  EXPECT_EQ(result.error().kind().grpc_code, base::GrpcCode::invalid_argument);
}

google::protobuf::Duration duration(std::int64_t whole, std::int32_t nanos = 0) {
  google::protobuf::Duration result;
  result.set_seconds(whole);
  result.set_nanos(nanos);
  return result;
}

TEST(Convert, TimesHaveNanosThatAreNotNegative) {
  const auto time = to_proto(SystemTime(seconds(5) + nanoseconds(7)));
  EXPECT_EQ(time.seconds(), 5);
  EXPECT_EQ(time.nanos(), 7);
  const auto before = to_proto(SystemTime(nanoseconds(-1)));
  EXPECT_EQ(before.seconds(), -1);
  EXPECT_EQ(before.nanos(), 999'999'999);
  EXPECT_EQ(to_proto_time(1'700'000'000).seconds(), 1'700'000'000);
}

TEST(Convert, DurationsHavePartsOfOneSign) {
  const auto positive = to_proto(base::Duration(1500ms));
  EXPECT_EQ(positive.seconds(), 1);
  EXPECT_EQ(positive.nanos(), 500'000'000);
  const auto negative = to_proto(base::Duration(-1500ms));
  EXPECT_EQ(negative.seconds(), -1);
  EXPECT_EQ(negative.nanos(), -500'000'000);
}

TEST(Convert, DurationsAreTakenWithinTheirRange) {
  const auto read = [](const google::protobuf::Duration& value) {
    return duration_from(value, 1s, 200ms, 1h, "interval");
  };
  EXPECT_EQ(read({}).value(), 1s);
  EXPECT_EQ(read(duration(0, 200'000'000)).value(), 200ms);
  EXPECT_EQ(read(duration(3600)).value(), 1h);
  EXPECT_EQ(read(duration(1, 999'999'999)).value(), 1'999'999'999ns);
  for (const auto& value :
       {duration(0, 199'999'999), duration(3600, 1), duration(-1), duration(0, -1), duration(1, -1),
        duration(-1, 1), duration(1, 1'000'000'000), duration(kLast), duration(kFirst),
        duration(kLast, 999'999'999), duration(0, INT32_MIN)}) {
    expect_bad(read(value), "interval");
  }
}

TEST(Convert, PagesHaveASizeFromOneToAThousand) {
  EXPECT_EQ(page_size(0).value(), 100U);
  EXPECT_EQ(page_size(0, 10).value(), 10U);
  EXPECT_EQ(page_size(1).value(), 1U);
  EXPECT_EQ(page_size(1000).value(), 1000U);
  EXPECT_EQ(page_size(1001).value(), 1000U);
  EXPECT_EQ(page_size(INT32_MAX).value(), 1000U);
  expect_bad(page_size(-1), "page_size");
  expect_bad(page_size(INT32_MIN), "page_size");
}

TEST(Convert, SessionsAreNamedByTheirUlid) {
  const base::Ulid id = base::Ulid::parse("01HQZX3V9GABCDEFGHJKMNPQRS").value();
  EXPECT_EQ(session_id("sessions/01HQZX3V9GABCDEFGHJKMNPQRS", "name").value(), id);
  EXPECT_EQ(session_id("01hqzx3v9gabcdefghjkmnpqrs", "name").value(), id);
  for (const char* name : {"", "sessions/", "sessions/sessions/01HQZX3V9GABCDEFGHJKMNPQRS",
                           "sessions/01HQZX3V9GABCDEFGHJKMNPQR", "Sessions/x",
                           "sessions/01HQZX3V9GABCDEFGHJKMNPQRSS", "sessions/../../etc/passwd"}) {
    expect_bad(session_id(name, "session.name"), "session.name");
  }
  expect_bad(session_id(std::string(1 << 20, '0'), "name"), "name");
}

TEST(Convert, NamesAreOfTheirCollection) {
  EXPECT_EQ(id_in("quotas/total", "quotas").value(), "total");
  EXPECT_EQ(id_in("quotas/jid:a@b/c", "quotas").value(), "jid:a@b/c");
  for (const char* name :
       {"", "quotas", "quotas/", "total", "/quotas/total", "Quotas/total", "accessRules/total"}) {
    expect_bad(id_in(name, "quotas"), "name");
  }
}

pb::AccessRule access_rule(const std::string& subject) {
  pb::AccessRule rule;
  rule.set_subject(subject);
  rule.set_action(pb::RULE_ACTION_DENY);
  return rule;
}

TEST(Convert, AccessRulesComeBackAsTheyWere) {
  const policy::AccessRule rule{Subject::of_jid("alice@example.org"),
                                true,
                                "für Ü",
                                SystemTime(seconds(1'800'000'000)),
                                {"runtime", "uid:0"}};
  const pb::AccessRule message = to_proto(rule);
  EXPECT_EQ(message.name(), "accessRules/jid:alice@example.org");
  EXPECT_EQ(message.origin().source(), "runtime");
  EXPECT_EQ(message.origin().detail(), "uid:0");
  const auto read = from_proto(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject, rule.subject);
  EXPECT_EQ(read->allows, rule.allows);
  EXPECT_EQ(read->comment, rule.comment);
  EXPECT_EQ(read->expires, rule.expires);
  EXPECT_TRUE(read->origin.source.empty()) << "who asks does not say who set it";
}

TEST(Convert, AccessRulesAreForUsersDomainsAndEverybody) {
  for (const char* subject : {"jid:a@b.example", "domain:b.example", "total"}) {
    EXPECT_TRUE(from_proto(access_rule(subject))) << subject;
  }
  for (const char* subject : {"", "jid:*", "domain:*", "session:*", "jid:a@b.example/r",
                              "jid:", "alice@example.org", "TOTAL", "jid:a@b@c\xFF"}) {
    expect_bad(from_proto(access_rule(subject)), "access_rule.subject");
  }
}

TEST(Convert, AccessRulesHaveAnActionAndAShortComment) {
  pb::AccessRule rule = access_rule("total");
  for (const int action : {0, 3, -1, 1000}) {
    rule.set_action(static_cast<pb::RuleAction>(action));
    expect_bad(from_proto(rule), "access_rule.action");
  }
  rule.set_action(pb::RULE_ACTION_ALLOW);
  rule.set_comment(std::string(256, 'x'));
  EXPECT_TRUE(from_proto(rule));
  rule.set_comment(std::string(257, 'x'));
  expect_bad(from_proto(rule), "access_rule.comment");
}

TEST(Convert, AccessRulesExpireBetween1970And2200) {
  pb::AccessRule rule = access_rule("total");
  auto& time = *rule.mutable_expire_time();
  for (const std::int64_t second : {std::int64_t{1}, std::int64_t{7'258'118'400}}) {
    time.set_seconds(second);
    EXPECT_EQ(from_proto(rule).value().expires, SystemTime(seconds(second)));
  }
  for (const std::int64_t second :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{7'258'118'401}, kLast, kFirst}) {
    time.set_seconds(second);
    expect_bad(from_proto(rule), "access_rule.expire_time");
  }
  time.set_seconds(1);
  time.set_nanos(-1);
  expect_bad(from_proto(rule), "access_rule.expire_time");
}

TEST(Convert, QuotasComeBackAsTheyWere) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const char* subject :
       {"jid:a@b.example", "domain:b.example", "jid:*", "domain:*", "total"}) {
    policy::Quota quota{Subject::parse(subject).value(), kMost, 7, UINT32_MAX, {}};
    quota.stored_bytes = kMost - 1;
    quota.stored_files = 8;
    quota.file_bytes = 9;
    const auto read = from_proto(to_proto(quota));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->subject, quota.subject);
    EXPECT_EQ(read->daily_bytes, kMost);
    EXPECT_EQ(read->monthly_bytes, 7U);
    EXPECT_EQ(read->sessions, UINT32_MAX);
    EXPECT_EQ(read->stored_bytes, kMost - 1);
    EXPECT_EQ(read->stored_files, 8U);
    EXPECT_EQ(read->file_bytes, 9U);
    EXPECT_EQ(to_proto(*read).SerializeAsString(), to_proto(quota).SerializeAsString());
  }
  EXPECT_EQ(from_proto(to_proto(policy::Quota{}))->stored_bytes, 0U) << "says nothing";
  pb::Quota quota;
  expect_bad(from_proto(quota), "quota.subject");
  quota.set_subject("session:*");
  expect_bad(from_proto(quota), "quota.subject");
}

TEST(Convert, RateLimitsAreBetween1024And2To40) {
  pb::RateLimit limit;
  limit.set_subject("session:*");
  for (const std::uint64_t rate : {std::uint64_t{1024}, std::uint64_t{1} << 40}) {
    limit.set_bytes_per_second(rate);
    const auto read = from_proto(limit);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_proto(*read).bytes_per_second(), rate);
    EXPECT_EQ(to_proto(*read).name(), "rateLimits/session:*");
  }
  for (const std::uint64_t rate :
       {std::uint64_t{0}, std::uint64_t{1023}, (std::uint64_t{1} << 40) + 1, UINT64_MAX}) {
    limit.set_bytes_per_second(rate);
    expect_bad(from_proto(limit), "rate_limit.bytes_per_second");
  }
  limit.set_subject("nobody");
  expect_bad(from_proto(limit), "rate_limit.subject");
}

TEST(Convert, ASessionShowsHowFarItIsAndWhyItEnded) {
  observe::SessionRow row;
  row.facts = {base::Ulid{},  "socks5",          "alice@example.org/r",   "bob@example.net/d",
               "192.0.2.1:1", "[2001:db8::1]:2", SystemTime(seconds(100))};
  row.bare_jid = "alice@example.org";
  row.bytes = {5, 6, 7};
  row.rate_limit = 2048;
  row.last_progress = SystemTime(seconds(105));
  pb::Session session = to_proto(row, 106);
  EXPECT_EQ(session.name(), "sessions/" + base::Ulid{}.text());
  EXPECT_EQ(session.state(), pb::SESSION_STATE_ACTIVE);
  EXPECT_EQ(session.end_reason(), "");
  EXPECT_EQ(session.domain(), "example.org");
  EXPECT_EQ(session.first_to_second_bytes(), 5U);
  EXPECT_EQ(session.second_to_first_bytes(), 6U);
  EXPECT_EQ(session.dropped_bytes(), 7U);
  EXPECT_EQ(session.limit_bytes_per_second(), 2048U);
  EXPECT_EQ(session.create_time().seconds(), 100);
  EXPECT_EQ(session.last_progress_time().seconds(), 105);
  row.reason = runtime::EndReason::quota;
  session = to_proto(row, 106);
  EXPECT_EQ(session.state(), pb::SESSION_STATE_ENDED);
  EXPECT_EQ(session.end_reason(), "quota");
}

TEST(Convert, AnUpstreamShowsItsState) {
  using State = xmpp::Stream::Status::State;
  const std::array states{std::pair(State::connecting, pb::UPSTREAM_STATE_CONNECTING),
                          std::pair(State::attached, pb::UPSTREAM_STATE_ATTACHED),
                          std::pair(State::refused, pb::UPSTREAM_STATE_REFUSED)};
  for (const auto& [state, shown] : states) {
    const pb::Upstream upstream = to_proto(api::UpstreamStatus{
        "b.example.org", "127.0.0.1:5347", true, {state, SystemTime(seconds(9)), "conflict"}});
    EXPECT_EQ(upstream.name(), "upstreams/b.example.org");
    EXPECT_EQ(upstream.state(), shown);
    EXPECT_EQ(upstream.state_time().seconds(), 9);
    EXPECT_EQ(upstream.last_error(), "conflict");
    EXPECT_TRUE(upstream.is_encrypted());
  }
}

}  // namespace
}  // namespace bellhop::admin

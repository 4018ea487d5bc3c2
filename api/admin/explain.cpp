#include "api/admin/explain.hpp"

#include "api/admin/convert.hpp"
#include "component/policy/errors.hpp"
#include "proxy/errors.hpp"
#include "proxy/files/errors.hpp"
#include "relay/errors.hpp"

namespace bellhop::admin {
namespace {

using policy::Quota;
using policy::Subject;

// Collects the steps; the first that fails gives the reason.
class Explanation {
 public:
  void step(std::string check, bool is_passed, std::string detail, const policy::Origin& origin,
            const base::ErrorKind& refusal) {
    v1::ExplainStep& row = *response_.add_steps();
    row.set_check(std::move(check));
    row.set_is_passed(is_passed);
    row.set_detail(std::move(detail));
    if (!origin.source.empty()) *row.mutable_origin() = to_proto(origin);
    if (is_passed || !response_.reason().empty()) return;
    response_.set_reason(std::string(refusal.name));
    response_.set_summary(std::string(refusal.text) + " (" + row.check() + ": " + row.detail() +
                          ")");
  }

  [[nodiscard]] v1::ExplainAccessResponse take() {
    response_.set_is_allowed(response_.reason().empty());
    if (response_.is_allowed()) response_.set_summary("A new session would be granted now.");
    return std::move(response_);
  }

 private:
  v1::ExplainAccessResponse response_;
};

std::string of_limit(std::uint64_t used, std::uint64_t limit, const char* unit) {
  return std::to_string(used) + " of " + std::to_string(limit) + " " + unit;
}

void explain_access_rules(const Core& core, const ExplainInput& input, Explanation& explanation) {
  policy::Policy::Decision decision;
  for (const std::string& parent : input.parent_domains) {
    decision = core.policy->access(input.user.bare(), parent, std::chrono::system_clock::now());
    if (decision.is_allowed) break;
  }
  explanation.step("access rules", decision.is_allowed, decision.detail, decision.origin,
                   policy::errors::user_not_allowed);
}

struct QuotaOf {
  Subject subject;
  const char* who;
  std::uint32_t sessions;
  const base::ErrorKind& no_bytes;
  const base::ErrorKind& no_sessions;
  const base::ErrorKind& no_room;
  const base::ErrorKind& no_files;
};

bool limits(std::uint64_t bytes) {
  return bytes > 0 && bytes != policy::kNoByteLimit;
}

void explain_bytes(const Core& core, const QuotaOf& row, Explanation& explanation) {
  const Quota* quota = core.policy->quota(row.subject);
  if (quota == nullptr) return;
  const auto usage = core.observer.ledger().of(row.subject.text(), Core::now());
  const std::string of_whom = std::string(" quota of ") + row.who;
  if (limits(quota->daily_bytes)) {
    explanation.step("daily" + of_whom, usage.day_bytes < quota->daily_bytes,
                     of_limit(usage.day_bytes, quota->daily_bytes, "bytes used today"),
                     quota->origin, row.no_bytes);
  }
  if (limits(quota->monthly_bytes)) {
    explanation.step("monthly" + of_whom, usage.month_bytes < quota->monthly_bytes,
                     of_limit(usage.month_bytes, quota->monthly_bytes, "bytes used this month"),
                     quota->origin, row.no_bytes);
  }
}

void explain_sessions(const Core& core, const QuotaOf& row, Explanation& explanation) {
  const Quota* quota = core.policy->quota(row.subject);
  if (quota == nullptr || quota->sessions == 0) return;
  if (quota->sessions == policy::kNoSessionLimit) return;
  explanation.step(std::string("sessions of ") + row.who, row.sessions < quota->sessions,
                   of_limit(row.sessions, quota->sessions, "sessions run"), quota->origin,
                   row.no_sessions);
}

void explain_stored(const Core& core, const QuotaOf& row, const files::StorageUse& use,
                    Explanation& explanation) {
  const Quota* quota = core.policy->quota(row.subject);
  if (quota == nullptr) return;
  if (limits(quota->stored_bytes)) {
    explanation.step(std::string("stored bytes of ") + row.who, use.bytes < quota->stored_bytes,
                     of_limit(use.bytes, quota->stored_bytes, "bytes taken"), quota->origin,
                     row.no_room);
  }
  if (limits(quota->stored_files)) {
    explanation.step(std::string("stored files of ") + row.who, use.files < quota->stored_files,
                     of_limit(use.files, quota->stored_files, "files there"), quota->origin,
                     row.no_files);
  }
}

// Where the value of an option came from.
policy::Origin origin_of(const Core& core, const std::string& option) {
  using Source = config::Origin::Source;
  const auto row = core.parts.origins.find(option);
  if (row == core.parts.origins.end()) return {"default", option};
  if (row->second.source == Source::environment) return {"environment", option};
  if (row->second.source == Source::command_line) return {"command line", option};
  return {"file", option + ", " + config::to_text(row->second)};
}

// JRN-04: a channel has two pairs of ports.
constexpr std::uint32_t kPortsOfChannel = 4;

void explain_channel(const Core& core, const ExplainRelay& relay, Explanation& explanation) {
  explanation.step("channels of the JID", relay.own < relay.own_max,
                   of_limit(relay.own, relay.own_max, "channels run"),
                   origin_of(core, "turn.relay_channels_per_user_max"),
                   relay::errors::channels_of_jid);
}

// In the order of AllocationDesk.
void explain_allocation(const Core& core, const ExplainRelay& relay, Explanation& explanation) {
  explanation.step("allocations of the JID", relay.own < relay.own_max,
                   of_limit(relay.own, relay.own_max, "allocations run"),
                   origin_of(core, "turn.allocations_per_user_max"),
                   admin::errors::allocations_of_jid);
  explanation.step("allocations of everybody", relay.all < relay.all_max,
                   of_limit(relay.all, relay.all_max, "allocations run"),
                   origin_of(core, "turn.allocations_max"), admin::errors::allocations_total);
}

void explain_relay(const Core& core, const ExplainRelay& relay, Explanation& explanation) {
  if (!relay.is_offered) return;  // said already
  if (relay.is_channel) {
    explain_channel(core, relay, explanation);
  } else {
    explain_allocation(core, relay, explanation);
  }
  const std::uint32_t wanted = relay.is_channel ? kPortsOfChannel : 1;
  explanation.step("free ports", relay.free_ports >= wanted,
                   std::to_string(relay.free_ports) + " are free", origin_of(core, "turn.port_max"),
                   relay::errors::no_ports);
}

void explain_offered(const ExplainRelay& relay, Explanation& explanation) {
  const char* const detail = relay.is_offered ? "a component offers it" : "no component offers it";
  explanation.step("service offered", relay.is_offered, detail, {}, admin::errors::not_offered);
}

std::uint32_t sessions_of(const observe::Observer::Groups& groups, const std::string& key) {
  const auto row = groups.find(key);
  return row == groups.end() ? 0 : row->second.sessions;
}

}  // namespace

v1::ExplainAccessResponse explain_access(const Core& core, const ExplainInput& input) {
  namespace errors = policy::errors;
  namespace stored = files::errors;
  const observe::Observer& observer = core.observer;
  const std::string bare(input.user.bare());
  const std::string domain(input.user.domain());
  Explanation explanation;
  if (input.relay) explain_offered(*input.relay, explanation);
  explanation.step("service open", input.is_open,
                   input.is_open ? "new sessions are taken" : "draining or stopping", {},
                   input.relay ? relay::errors::relay_closed : proxy::errors::proxy_closed);
  explain_access_rules(core, input, explanation);
  const std::array quotas{
      QuotaOf{Subject::of_jid(bare), "the JID", sessions_of(observer.jids(), bare),
              errors::bytes_of_jid, errors::sessions_of_jid, stored::stored_of_jid,
              stored::files_of_jid},
      QuotaOf{Subject::of_domain(domain), "the domain", sessions_of(observer.domains(), domain),
              errors::bytes_of_domain, errors::sessions_of_domain, stored::stored_of_domain,
              stored::files_of_domain},
      QuotaOf{Subject{}, "everybody", observer.total().sessions, errors::bytes_total,
              errors::sessions_total, stored::stored_total, stored::files_total},
  };
  for (const QuotaOf& row : quotas) explain_bytes(core, row, explanation);
  for (auto row = quotas.rbegin(); row != quotas.rend(); ++row) {
    explain_sessions(core, *row, explanation);
  }
  for (std::size_t i = 0; i < input.stored.size(); ++i) {
    explain_stored(core, quotas.at(i), input.stored[i], explanation);
  }
  if (input.relay) explain_relay(core, *input.relay, explanation);
  return explanation.take();
}

}  // namespace bellhop::admin

#include "api/admin/policy_book.hpp"

#include <google/protobuf/util/json_util.h>

#include "api/admin/convert.hpp"
#include "api/admin/json.hpp"

namespace bellhop::admin {
namespace {

// A stored rule is checked again as if it had just been sent.
template <typename Message, typename Table>
bool restore_into(Table& table, const observe::PolicyRow& row) {
  Message message;
  if (!google::protobuf::util::JsonStringToMessage(row.value, &message).ok()) return false;
  auto rule = from_proto(message);
  if (!rule || rule->subject.text() != row.subject) return false;
  rule->origin = {"runtime", row.changed_by};
  table.insert_or_assign(rule->subject.text(), std::move(*rule));
  return true;
}

template <typename Table, typename Rule>
ApiResult<observe::PolicyRow> make_row(const Table& table, Rule rule, std::string_view sort,
                                       const Caller& caller) {
  const std::string subject = rule.subject.text();
  if (table.size() >= kRuntimeRulesMax && !table.contains(subject)) {
    return ApiError(errors::failed_precondition, "there are 10000 of them already");
  }
  rule.origin = {"runtime", caller.identity};
  return observe::PolicyRow{std::string(sort), subject, to_json(to_proto(rule)), caller.identity,
                            observe::second_of(std::chrono::system_clock::now())};
}

template <typename Table>
auto values_of(const Table& table) {
  std::vector<typename Table::mapped_type> values;
  for (const auto& [subject, rule] : table) values.push_back(rule);
  return values;
}

}  // namespace

void PolicyBook::configure(policy::Rules rules, bool allows_parent) {
  configured_ = std::move(rules);
  allows_parent_ = allows_parent;
}

std::size_t PolicyBook::restore(const std::vector<observe::PolicyRow>& rows) {
  std::size_t left_out = 0;
  for (const observe::PolicyRow& row : rows) {
    bool is_read = false;
    if (row.type == kAccess) is_read = restore_into<pb::AccessRule>(access_, row);
    if (row.type == kQuota) is_read = restore_into<pb::Quota>(quotas_, row);
    if (row.type == kRate) is_read = restore_into<pb::RateLimit>(rates_, row);
    left_out += is_read ? 0 : 1;
  }
  return left_out;
}

ApiResult<observe::PolicyRow> PolicyBook::row_of(policy::AccessRule rule,
                                                 const Caller& caller) const {
  return make_row(access_, std::move(rule), kAccess, caller);
}

ApiResult<observe::PolicyRow> PolicyBook::row_of(policy::Quota quota, const Caller& caller) const {
  return make_row(quotas_, std::move(quota), kQuota, caller);
}

ApiResult<observe::PolicyRow> PolicyBook::row_of(policy::RateLimit limit,
                                                 const Caller& caller) const {
  return make_row(rates_, std::move(limit), kRate, caller);
}

bool PolicyBook::has(std::string_view sort, const std::string& subject) const {
  return (sort == kAccess && access_.contains(subject)) ||
         (sort == kQuota && quotas_.contains(subject)) ||
         (sort == kRate && rates_.contains(subject));
}

void PolicyBook::remove(std::string_view sort, const std::string& subject) {
  if (sort == kAccess) access_.erase(subject);
  if (sort == kQuota) quotas_.erase(subject);
  if (sort == kRate) rates_.erase(subject);
}

std::vector<std::string> PolicyBook::remove_expired(policy::SystemTime now) {
  std::vector<std::string> subjects;
  for (auto row = access_.begin(); row != access_.end();) {
    const bool is_over = row->second.expires && *row->second.expires <= now;
    if (is_over) subjects.push_back(row->first);
    row = is_over ? access_.erase(row) : std::next(row);
  }
  return subjects;
}

policy::PolicyPtr PolicyBook::make() const {
  policy::Rules runtime{values_of(access_), values_of(quotas_), values_of(rates_)};
  return std::make_shared<policy::Policy>(configured_, std::move(runtime), allows_parent_);
}

}  // namespace bellhop::admin

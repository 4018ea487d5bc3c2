#include "proxy/http/conditions.hpp"

#include <algorithm>

#include "proxy/http/http_date.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using std::chrono::sys_seconds;
using Comparison = bool (*)(const EntityTag&, const EntityTag&);

bool is_among(const EntityTagList& list, const Validators& current, Comparison is_same) {
  if (list.is_any) return true;
  return current.entity_tag && std::ranges::any_of(list.tags, [&](const EntityTag& tag) {
           return is_same(tag, *current.entity_tag);
         });
}

// RFC 9110 §13.1.1.
bool holds_if_match(std::string_view value, const Validators* current) {
  const auto list = EntityTagList::parse(value);
  return list && current != nullptr && is_among(*list, *current, matches_strongly);
}

// RFC 9110 §13.1.2. What was not understood holds for a GET, which then sends the content, and
// fails for a change.
bool holds_if_none_match(std::string_view value, MethodKind method, const Validators* current) {
  const auto list = EntityTagList::parse(value);
  if (!list) return method == MethodKind::retrieval;
  return current == nullptr || !is_among(*list, *current, matches_weakly);
}

// Whether the content is not newer than the date of a field; nothing if the field is to be ignored
// (RFC 9110 §13.1.3, §13.1.4: no valid date, or a resource without one).
std::optional<bool> is_unmodified_since(std::string_view value, const Validators* current,
                                        sys_seconds now) {
  if (current == nullptr || !current->last_modified) return std::nullopt;
  const auto date = parse_http_date(trim(value), now);
  if (!date) return std::nullopt;
  return *current->last_modified <= *date;
}

}  // namespace

Verdict evaluate_conditions(MethodKind method, const ConditionFields& fields,
                            const Validators* current, sys_seconds now) {
  // Steps 1 and 2: If-Unmodified-Since counts only without If-Match.
  if (fields.if_match) {
    if (!holds_if_match(*fields.if_match, current)) return Verdict::precondition_failed;
  } else if (fields.if_unmodified_since) {
    const auto holds = is_unmodified_since(*fields.if_unmodified_since, current, now);
    if (!holds.value_or(true)) return Verdict::precondition_failed;
  }
  // Step 3.
  if (fields.if_none_match) {
    if (holds_if_none_match(*fields.if_none_match, method, current)) return Verdict::go_on;
    return method == MethodKind::retrieval ? Verdict::not_modified : Verdict::precondition_failed;
  }
  // Step 4: only without If-None-Match, and only GET and HEAD.
  if (method == MethodKind::retrieval && fields.if_modified_since) {
    const auto is_unmodified = is_unmodified_since(*fields.if_modified_since, current, now);
    if (is_unmodified.value_or(false)) return Verdict::not_modified;
  }
  return Verdict::go_on;  // steps 5 and 6: Range is obeyed or not by may_send_range()
}

bool may_send_range(std::optional<std::string_view> if_range, const Validators& current,
                    sys_seconds now) {
  if (!if_range) return true;
  const std::string_view value = trim(*if_range);
  if (const auto tag = EntityTag::parse(value)) {
    return current.entity_tag && matches_strongly(*tag, *current.entity_tag);
  }
  const auto date = parse_http_date(value, now);
  // RFC 9110 §13.1.5: an exact match, not "not newer".
  return date && current.is_date_strong && current.last_modified == date;
}

}  // namespace bellhop::http

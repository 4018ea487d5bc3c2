// Conditional requests (RFC 9110 §13), as a decision about values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/http/entity_tag.hpp"

namespace bellhop::http {

/// RFC 9110 §13: what a condition that fails means depends on this alone.
enum class MethodKind : std::uint8_t {
  retrieval,  ///< GET and HEAD
  other,
};

/// The fields of a request that hold conditions; those it lacks are empty. Several lines of one
/// field are joined by commas (RFC 9110 §5.3). If-Range is apart: may_send_range().
struct ConditionFields {
  std::optional<std::string_view> if_match = std::nullopt;
  std::optional<std::string_view> if_unmodified_since = std::nullopt;
  std::optional<std::string_view> if_none_match = std::nullopt;
  std::optional<std::string_view> if_modified_since = std::nullopt;
};

/// What identifies the current content of a resource.
struct Validators {
  std::optional<EntityTag> entity_tag = std::nullopt;
  std::optional<std::chrono::sys_seconds> last_modified = std::nullopt;
  /// RFC 9110 §8.8.2.2: the content cannot change twice within one second, so that Last-Modified
  /// tells two contents apart. True for files that never change.
  bool is_date_strong = false;
};

/// What the conditions of a request say.
enum class Verdict : std::uint8_t {
  go_on,
  not_modified,         ///< 304
  precondition_failed,  ///< 412
};

/// RFC 9110 §13.2.2, in its order. `current` is null for a resource that does not exist. Dates that
/// do not parse are ignored (§13.1.3, §13.1.4). Lists of tags that do not parse match nothing: the
/// content goes out once more, but nothing is changed on a condition that was not understood.
/// `now` is for dates of two-digit years.
[[nodiscard]] Verdict evaluate_conditions(MethodKind method, const ConditionFields& fields,
                                          const Validators* current, std::chrono::sys_seconds now);

/// RFC 9110 §13.1.5: whether the Range of a request that came with this If-Range is obeyed; if not,
/// the whole content is sent. Without If-Range it is. Compared strongly.
[[nodiscard]] bool may_send_range(std::optional<std::string_view> if_range,
                                  const Validators& current, std::chrono::sys_seconds now);

}  // namespace bellhop::http

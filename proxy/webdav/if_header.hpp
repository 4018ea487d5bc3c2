// The If header: what state a request counts on, and which lock tokens it submits (RFC 4918 §10.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"

namespace bellhop::webdav {

/// Bounds on one header; common clients send at most two lists.
inline constexpr std::size_t kIfBytesMax = 8 * 1024;
inline constexpr std::size_t kIfConditionsMax = 128;

/// One condition (§10.4.2).
struct IfCondition {
  enum class Kind : std::uint8_t { state_token, entity_tag };

  Kind kind;
  bool is_negated = false;
  std::string value;  ///< the token without its brackets, or the tag with quotes and `W/`
  friend bool operator==(const IfCondition&, const IfCondition&) = default;
};

/// Conditions that must all hold for one resource; never empty.
struct IfList {
  std::string resource = {};  ///< the Resource-Tag as it was written; "" is the Request-URI
  std::vector<IfCondition> conditions = {};
  friend bool operator==(const IfList&, const IfList&) = default;
};

/// A whole header: at least one list, either all with a resource or all without.
struct IfHeader {
  std::vector<IfList> lists;

  /// Every state token, each once, wherever it stands: it counts as submitted even where it is
  /// negated or its list is false (§10.4.1). Without `DAV:no-lock`, which is never a lock.
  [[nodiscard]] std::vector<std::string> submitted_tokens() const;

  friend bool operator==(const IfHeader&, const IfHeader&) = default;
};

/// Errors: errors::bad_if for a syntax error, an empty header, or one beyond the bounds (DAV-49).
[[nodiscard]] base::Result<IfHeader> parse_if(std::string_view header);

/// `header` in its one form: parse_if() makes the same of it.
[[nodiscard]] std::string to_string(const IfHeader& header);

/// What can be said of a resource; an unmapped one has nothing (§10.4.4).
struct IfState {
  std::string etag = {};                 ///< with its quotes; "" if it has none
  std::vector<std::string> tokens = {};  ///< of all locks whose scope it is in
};

/// The state of a resource by its tag, "" for the Request-URI. None: not a resource of ours, whose
/// state nobody here knows.
using IfStateLookup = std::function<std::optional<IfState>(std::string_view resource)>;

/// Whether any list holds (§10.4.3). Entity tags are compared weakly: one of the two functions must
/// be used, and a proxy may have weakened a tag on its way. A list about a foreign resource never
/// holds, not even by `Not`.
[[nodiscard]] bool holds(const IfHeader& header, const IfStateLookup& lookup);

/// The one lock that a refresh names (§9.10.2). Errors: errors::bad_if if the header is absent or
/// submits another number of tokens.
[[nodiscard]] base::Result<std::string> refreshed_token(const std::optional<IfHeader>& header);

}  // namespace bellhop::webdav

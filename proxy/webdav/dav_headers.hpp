// Request headers of WebDAV (RFC 4918 §10) except If, which has a file of its own. Values are what
// stands behind the colon; surrounding blanks are skipped.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::webdav {

/// RFC 4918 §10.2.
enum class Depth : std::uint8_t { zero, one, infinity };

/// "0", "1" or "infinity".
[[nodiscard]] std::string_view to_string(Depth depth);

/// Which depths a method takes.
enum class DepthRule : std::uint8_t {
  any,               ///< PROPFIND
  zero_or_infinity,  ///< COPY of a collection, LOCK
  infinity_only,     ///< DELETE and MOVE of a collection
};

/// The depth of a request; without the header it is infinity (DAV-20, DAV-27, DAV-29, DAV-40). Not
/// to be asked about resources without members, where the header is ignored (§10.2), except by LOCK
/// and PROPFIND. Errors: errors::bad_depth.
[[nodiscard]] base::Result<Depth> parse_depth(std::optional<std::string_view> header,
                                              DepthRule rule);

/// RFC 4918 §10.6.
enum class Overwrite : std::uint8_t { yes, no };

/// Without the header it is Overwrite::yes. Errors: errors::bad_overwrite.
[[nodiscard]] base::Result<Overwrite> parse_overwrite(std::optional<std::string_view> header);

/// How long locks live (RFC 4918 §6.6).
struct TimeoutPolicy {
  std::chrono::seconds by_default = std::chrono::minutes(10);  ///< if nothing is asked for
  std::chrono::seconds min = std::chrono::seconds(10);  ///< a lock of 0 seconds would be no lock
  std::chrono::seconds max = std::chrono::hours(24);    ///< what Infinite gets
};

/// How many wishes of one Timeout header are looked at.
inline constexpr std::size_t kTimeoutWishesMax = 16;

/// The time that is granted: the first wish that can be understood, brought within the policy
/// (DAV-43). A header without any is as if it were absent: a server need not consider it (§10.7).
[[nodiscard]] std::chrono::seconds grant_timeout(std::optional<std::string_view> header,
                                                 const TimeoutPolicy& policy);

/// "Second-600", as it stands in lockdiscovery (§14.29).
[[nodiscard]] std::string format_timeout(std::chrono::seconds timeout);

/// How long a state token may be: ours have 45 characters.
inline constexpr std::size_t kStateTokenBytesMax = 512;

/// A Coded-URL, `<urn:uuid:…>`, without its brackets (§10.1, §10.5). Any characters but blanks,
/// controls and brackets pass: a token that is none simply matches no lock. Errors:
/// errors::bad_lock_token, also for an absent header (DAV-44).
[[nodiscard]] base::Result<std::string> parse_lock_token(std::optional<std::string_view> header);

}  // namespace bellhop::webdav

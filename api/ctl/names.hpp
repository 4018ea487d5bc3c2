// Names of the API, as people type them: short.
#pragma once

#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::ctl {

inline constexpr std::string_view kSessionPrefix = "sessions/";
inline constexpr std::string_view kFilePrefix = "files/";
inline constexpr std::string_view kUpstreamPrefix = "upstreams/";

/// `prefix` + `text`, or `text` if it begins with `prefix`.
[[nodiscard]] std::string full_name(std::string_view prefix, std::string_view text);

/// `name` without `prefix`.
[[nodiscard]] std::string_view short_name(std::string_view prefix, std::string_view name);

/// `jid` without its resource.
[[nodiscard]] std::string_view bare_jid(std::string_view jid);

/// Whom a policy is for: `jid:…`, `domain:…`, `session:*` and `total` stay as they are,
/// `alice@example.org` becomes `jid:alice@example.org`, `example.org` becomes `domain:example.org`.
/// errors::bad_argument for text that is empty or has another prefix.
[[nodiscard]] base::Result<std::string> parse_subject(std::string_view text);

}  // namespace bellhop::ctl

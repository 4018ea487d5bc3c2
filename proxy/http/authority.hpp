// Host and port as they stand in Host (RFC 9110 §7.2) and in absolute targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::http {

/// A DNS name has at most 253 characters; brackets, colon and port come to it.
inline constexpr std::size_t kAuthorityBytesMax = 253 + 8;

/// Who is asked. Two are alike if all spellings of the same name or address and port are.
struct Authority {
  std::string host;        ///< in lower case, an address in its canonical form without brackets
  std::uint16_t port = 0;  ///< 0: not said, and the scheme has none of its own

  /// `host[:port]`, with an IPv6 address in brackets. Errors: errors::bad_authority, also for an
  /// empty host and for `user@` before it (RFC 9110 §4.2.4).
  [[nodiscard]] static base::Result<Authority> parse(std::string_view text,
                                                     std::uint16_t default_port);

  friend bool operator==(const Authority&, const Authority&) = default;
};

/// The port of `http` and `https` (RFC 9110 §4.2); 0 for any other scheme.
[[nodiscard]] std::uint16_t default_port(std::string_view scheme);

}  // namespace bellhop::http

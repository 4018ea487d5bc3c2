// Credentials in Authorization (RFC 9110 §11.6.2): Basic (RFC 7617) and Bearer (RFC 6750).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "config/secret.hpp"

namespace bellhop::http {

/// A JID has 3071 bytes at most (RFC 7622 §3.1).
inline constexpr std::size_t kUserBytesMax = 3071;
inline constexpr std::size_t kPasswordBytesMax = 1024;
inline constexpr std::size_t kBearerTokenBytesMax = 4096;

/// A user and a password, in UTF-8 without control characters (RFC 7617 §2).
struct BasicCredentials {
  std::string user;  ///< not empty; has no colon as it came, but may after decoding
  config::Secret password;
};

/// Reads `Basic …`. Errors: errors::no_credentials for another scheme and for an empty value,
/// errors::bad_credentials for what is not base64 of `user:password` within the maxima above. The
/// detail of an error quotes nothing.
[[nodiscard]] base::Result<BasicCredentials> parse_basic(std::string_view authorization);

/// Reads `Bearer …`: the token, a view into `authorization`. Errors as with parse_basic().
[[nodiscard]] base::Result<std::string_view> parse_bearer(std::string_view authorization);

/// XEP-0070 §4.3.1 (HVX-02), of the realm `xmpp`: user and password are a JID and a transaction id
/// whose characters outside of US-ASCII were percent-encoded before base64. A `%` that begins no
/// escape stays: JIDs of gateways hold such. Errors: errors::bad_credentials if this leaves the
/// rules of BasicCredentials.
[[nodiscard]] base::Result<BasicCredentials> decode_confirmation(
    const BasicCredentials& credentials);

}  // namespace bellhop::http

// Bearer tokens of the web page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/admin/call.hpp"

namespace bellhop::admin {

/// 32 random bytes. Throws std::runtime_error if OpenSSL has none: start-up only.
[[nodiscard]] std::string make_page_secret();

/// A token that says who made it and what it allows: `full.<who>.<tag>`, each part in the alphabet
/// of URLs, the tag an HMAC-SHA256 with `secret`. Good for as long as the secret is: no table.
[[nodiscard]] std::string make_page_token(std::string_view secret, const Caller& caller);

/// Whom a token made with this secret is for; empty: it was not. Takes the same time whatever is
/// wrong with the tag.
[[nodiscard]] std::optional<Caller> read_page_token(std::string_view secret,
                                                    std::string_view token);

/// Compares in a time that depends on the lengths only.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace bellhop::admin

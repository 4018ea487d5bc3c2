// XEP-0114 §3: proof that a component knows the secret.
#pragma once

#include <string>
#include <string_view>

namespace bellhop::xmpp {

/// Lower-case hex SHA-1 of `stream_id` followed by `secret`: 40 characters, the text of
/// `<handshake/>`. `stream_id` is the id of the server's header after XML unescaping. The result
/// lets a listener try secrets offline, so it is never logged (CMP-16).
[[nodiscard]] std::string handshake_digest(std::string_view stream_id, std::string_view secret);

}  // namespace bellhop::xmpp

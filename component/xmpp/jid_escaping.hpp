// XEP-0106: how an arbitrary text, such as another JID, becomes a localpart and back.
#pragma once

#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::xmpp {

/// Escapes the ten characters of XEP-0106 §3.2; a backslash only where it would otherwise read as
/// an escape (§4.2 rule 3). Applying it twice is undone by unescaping twice. The result is to be
/// prepared and compared in this form, never unescaped (§4.1 rule 5). Errors: errors::jid_malformed
/// for empty text and for text that begins or ends with a space, because "\20" may be neither first
/// nor last (§4.1 rule 6).
[[nodiscard]] base::Result<std::string> escape_localpart(std::string_view text);

/// Undoes exactly the ten sequences of XEP-0106 §3.3, lower-case hex only; everything else stays,
/// and so does "\20" at either end. For display and for the outside world only.
[[nodiscard]] std::string unescape_localpart(std::string_view localpart);

}  // namespace bellhop::xmpp

// Dates in XMPP (XEP-0082) and the mark of late delivery (XEP-0203).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::xmpp {

/// A moment in UTC to the millisecond.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// `CCYY-MM-DDThh:mm:ss[.sss]Z`; the fraction is left out when it is 0. Years 0 to 9999; others are
/// cut to that range, because the profile has four digits (XEP-0082 §2.1).
[[nodiscard]] std::string format_date_time(Timestamp time);

/// Reads the DateTime profile (XEP-0082 §3.2): any offset or `Z`, any number of fraction digits, of
/// which those beyond milliseconds are cut off. Errors: errors::bad_request.
[[nodiscard]] base::Result<Timestamp> parse_date_time(std::string_view text);

/// `<delay xmlns='urn:xmpp:delay' from='…' stamp='…'/>` (XEP-0203 §2): `from` is who delayed the
/// stanza.
[[nodiscard]] Element make_delay(const Jid& from, Timestamp stamp);

}  // namespace bellhop::xmpp

// Dates in HTTP fields (RFC 9110 §5.6.7).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bellhop::http {

/// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. Years 0 to 9999; others are cut to that range,
/// because the form has four digits.
[[nodiscard]] std::string format_http_date(std::chrono::sys_seconds time);

/// Reads IMF-fixdate and the two obsolete forms, of RFC 850 and of asctime(). A year of two digits
/// is the one that is at most 50 years after `now`. Whether the day of the week belongs to the date
/// is not checked; a leap second is the second after it. Nothing for any other text: the fields
/// that hold dates are then ignored (RFC 9110 §13.1.3, §13.1.4).
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                                      std::chrono::sys_seconds now);

}  // namespace bellhop::http

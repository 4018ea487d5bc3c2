// Percent-encoding (RFC 3986 §2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bellhop::http {

/// `text` with each byte outside of `kept` and of A-Z a-z 0-9 as `%` and two upper-case digits.
[[nodiscard]] std::string encode_percent(std::string_view text, std::string_view kept);

/// Undoes one layer of encoding. Nothing if a `%` is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

/// The same, but a `%` that begins no escape stays.
[[nodiscard]] std::string decode_percent_leniently(std::string_view text);

}  // namespace bellhop::http

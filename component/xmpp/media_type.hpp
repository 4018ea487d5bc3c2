// Media types (RFC 9110 §8.3.1) in one spelling.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bellhop::xmpp {

/// Bytes of a media type with its parameters. RFC 6838 §4.2: type and subtype up to 127 each.
inline constexpr std::size_t kMediaTypeBytesMax = 512;
/// The media type of a file of which nothing is known (XEP-0363 §7).
inline constexpr std::string_view kDefaultMediaType = "application/octet-stream";

/// A media type of RFC 9110 §8.3.1 as it is stored: type, subtype and names of parameters in lower
/// case, `; ` before each parameter. Empty: it is none, or longer than kMediaTypeBytesMax.
[[nodiscard]] std::optional<std::string> normalise_media_type(std::string_view text);

}  // namespace bellhop::xmpp

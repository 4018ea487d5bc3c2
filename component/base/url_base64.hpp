// Base64 for URLs and header fields (RFC 4648 §5), without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bellhop::base {

[[nodiscard]] std::string to_url_base64(std::string_view bytes);

/// Nothing unless `text` is the one way to write its bytes: no padding, no blanks, no bits left
/// over.
[[nodiscard]] std::optional<std::string> from_url_base64(std::string_view text);

}  // namespace bellhop::base

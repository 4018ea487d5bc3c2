// Keys of the long-term credential mechanism (RFC 8489 §9.2, §18.5).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::stun {

/// What signs the messages of one user in one realm: 16 bytes (MD5) or 32 (SHA-256).
struct Key {
  std::array<std::uint8_t, 32> bytes{};
  std::uint8_t size = 0;

  [[nodiscard]] Bytes view() const { return {bytes.data(), size}; }
};

/// Hash of `user:realm:password`. The texts are prepared (OpaqueString) by whoever has them.
[[nodiscard]] Key long_term_key(PasswordAlgorithm algorithm, std::string_view user,
                                std::string_view realm, std::string_view password);

using UserHash = std::array<std::uint8_t, 32>;

/// RFC 8489 §14.4: SHA-256 of `user:realm`.
[[nodiscard]] UserHash user_hash(std::string_view user, std::string_view realm);

}  // namespace bellhop::stun

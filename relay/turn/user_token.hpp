// Who a user is, in a text that tells nobody (EXD-08).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/secret.hpp"

namespace bellhop::turn {

/// Seals and opens tokens with AES-SIV (RFC 5297) under a key made of a secret by HKDF (RFC 5869):
/// without a nonce, because what stands beside the token takes its place, and without memory.
/// Immutable, any thread.
class UserTokens {
 public:
  /// Bytes that a token has beyond those of its text, before base64.
  static constexpr std::size_t kOverheadBytes = 16;
  /// Longest text that is sealed.
  static constexpr std::size_t kTextBytesMax = 1024;

  explicit UserTokens(const config::Secret& secret);
  UserTokens(const UserTokens&) = default;
  UserTokens& operator=(const UserTokens&) = default;
  UserTokens(UserTokens&&) = default;
  UserTokens& operator=(UserTokens&&) = default;
  ~UserTokens();

  /// Letters, digits, `-` and `_`. Neither `text` nor `beside` is empty. The same token for the
  /// same two, another one throughout if either differs.
  [[nodiscard]] std::string seal(std::string_view text, std::string_view beside) const;
  /// The text; nothing unless seal() of the same secret made `token` with the same `beside`.
  [[nodiscard]] std::optional<std::string> open(std::string_view token,
                                                std::string_view beside) const;

 private:
  // RFC 5297 §6: AES-256 needs a key for the code and one to encrypt with.
  std::array<std::uint8_t, 64> key_{};
};

}  // namespace bellhop::turn

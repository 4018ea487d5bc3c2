// Names and passwords that nobody can guess, by OpenSSL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::xmpp {

/// What an id is made of: 128 bits.
inline constexpr std::size_t kRandomIdBytes = 16;

/// 32 hex digits.
[[nodiscard]] inline std::string random_id() {
  return to_hex(base::random_bytes(kRandomIdBytes));
}

/// 100 random bits in four groups that can be read out and typed: `xxxxx-xxxxx-xxxxx-xxxxx`.
[[nodiscard]] inline std::string random_password() {
  // Without i, l, o and u, which are misread or make words.
  constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr std::size_t kCharacters = 20;
  static_assert(kLetters.size() == 32);  // so five bits of a byte choose evenly
  const std::string bytes = base::random_bytes(kCharacters);
  std::string password;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 5 == 0) password += '-';
    password += kLetters[static_cast<unsigned char>(bytes[i]) & 31u];
  }
  return password;
}

}  // namespace bellhop::xmpp

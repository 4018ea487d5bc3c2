// Unguessable bytes by OpenSSL.
#pragma once

#include <openssl/rand.h>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

namespace bellhop::base {

/// Fills at most 2^31 - 1 bytes. Any thread. Throws std::runtime_error when OpenSSL has none, which
/// only a broken installation can cause.
inline void fill_random(std::span<unsigned char> bytes) {
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
}

/// The same as a new string. Not for secrets that are to be wiped.
[[nodiscard]] inline std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  fill_random({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return bytes;
}

}  // namespace bellhop::base

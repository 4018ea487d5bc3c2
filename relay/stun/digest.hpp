// Digests over pieces of memory, without allocation. For the sources of this folder only.
#pragma once

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "relay/stun/bytes.hpp"

// The low-level digests are declared deprecated in favour of EVP, but are kept. An HMAC-SHA1 of 160
// bytes takes 0.20 us and no memory by them; 0.35 us and an allocation by EVP digests fetched once,
// 1.1 us and several by HMAC() and EVP_Q_mac() (OpenSSL 3.0, SHA extensions). Forged requests cost
// just that.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace bellhop::stun {

/// RFC 1321.
struct Md5 {
  using Context = MD5_CTX;
  static constexpr std::size_t kBytes = MD5_DIGEST_LENGTH;
  static constexpr auto kInit = MD5_Init;
  static constexpr auto kUpdate = MD5_Update;
  static constexpr auto kFinal = MD5_Final;
};

/// RFC 3174.
struct Sha1 {
  using Context = SHA_CTX;
  static constexpr std::size_t kBytes = SHA_DIGEST_LENGTH;
  static constexpr auto kInit = SHA1_Init;
  static constexpr auto kUpdate = SHA1_Update;
  static constexpr auto kFinal = SHA1_Final;
};

/// RFC 6234.
struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr std::size_t kBytes = SHA256_DIGEST_LENGTH;
  static constexpr auto kInit = SHA256_Init;
  static constexpr auto kUpdate = SHA256_Update;
  static constexpr auto kFinal = SHA256_Final;
};

/// Of the parts one after the other; `digest` has room for Hash::kBytes, and may be one of them.
template <typename Hash>
void hash(std::initializer_list<Bytes> parts, std::uint8_t* digest) {
  typename Hash::Context context;
  Hash::kInit(&context);
  for (const Bytes part : parts) Hash::kUpdate(&context, part.data(), part.size());
  Hash::kFinal(digest, &context);
}

}  // namespace bellhop::stun

#pragma GCC diagnostic pop

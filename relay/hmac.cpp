#include "relay/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

// The low-level digests are declared deprecated in favour of EVP, but are kept (stun/integrity.cpp
// has figures).
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace bellhop::relay {
namespace {

struct Sha1 {
  using Context = SHA_CTX;
  static constexpr auto kInit = SHA1_Init;
  static constexpr auto kUpdate = SHA1_Update;
  static constexpr auto kFinal = SHA1_Final;
};

struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr auto kInit = SHA256_Init;
  static constexpr auto kUpdate = SHA256_Update;
  static constexpr auto kFinal = SHA256_Final;
};

using Block = std::array<std::uint8_t, 64>;  // RFC 2104 §2: B, of both

template <typename Hash>
void hash(std::string_view first, std::string_view second, std::uint8_t* digest) {
  typename Hash::Context context;
  Hash::kInit(&context);
  Hash::kUpdate(&context, first.data(), first.size());
  Hash::kUpdate(&context, second.data(), second.size());
  Hash::kFinal(digest, &context);
}

// RFC 2104 §2: H(key ^ opad, H(key ^ ipad, text)); a key longer than a block is hashed first.
template <typename Hash, std::size_t bytes>
Code<bytes> hmac(std::string_view key, std::string_view text) {
  Block pad{};
  if (key.size() > pad.size()) {
    hash<Hash>(key, {}, pad.data());
  } else {
    std::ranges::copy(key, pad.begin());
  }
  Code<bytes> code{};
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  hash<Hash>(to_text(pad), text, code.data());
  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5C;
  hash<Hash>(to_text(pad), to_text(code), code.data());
  OPENSSL_cleanse(pad.data(), pad.size());
  return code;
}

}  // namespace

Code<20> hmac_sha1(std::string_view key, std::string_view text) {
  return hmac<Sha1, 20>(key, text);
}

Code<32> hmac_sha256(std::string_view key, std::string_view text) {
  return hmac<Sha256, 32>(key, text);
}

}  // namespace bellhop::relay

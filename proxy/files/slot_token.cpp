#include "proxy/files/slot_token.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "component/base/error.hpp"
#include "component/base/url_base64.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::files {
namespace {

constexpr std::size_t kTagBytes = 32;  // HMAC-SHA-256, whole
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kClaimBytes = kIdBytes + sizeof(std::uint64_t);

std::string pack(const SlotClaims& claims) {
  std::string bytes(claims.id.bytes.begin(), claims.id.bytes.end());
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(claims.size >> shift));
  }
  return bytes;
}

SlotClaims unpack(std::string_view bytes) {
  SlotClaims claims;
  std::copy_n(bytes.begin(), kIdBytes, claims.id.bytes.begin());
  for (const char c : bytes.substr(kIdBytes)) {
    claims.size = (claims.size << 8) | static_cast<unsigned char>(c);
  }
  return claims;
}

}  // namespace

SlotTokens::SlotTokens(config::Secret secret) : secret_(std::move(secret)) {
  BELLHOP_ASSERT(secret_.reveal().size() == kSecretBytes);
}

std::string SlotTokens::make(const SlotClaims& claims) const {
  const std::string packed = pack(claims);
  return base::to_url_base64(packed + tag(packed));
}

std::optional<SlotClaims> SlotTokens::read(std::string_view token) const {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const auto bytes = base::from_url_base64(token);
  if (!bytes || bytes->size() != kClaimBytes + kTagBytes) return std::nullopt;
  const std::string_view packed = std::string_view(*bytes).substr(0, kClaimBytes);
  const std::string wanted = tag(packed);
  if (CRYPTO_memcmp(wanted.data(), bytes->data() + kClaimBytes, kTagBytes) != 0) {
    return std::nullopt;
  }
  return unpack(packed);
}

std::string SlotTokens::tag(std::string_view claims) const {
  return xmpp::hmac_sha256(secret_.reveal(), claims);
}

}  // namespace bellhop::files

#include "api/admin/page_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

#include "api/admin/errors.hpp"
#include "component/base/random.hpp"
#include "component/base/url_base64.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::admin {
namespace {

// RFC 2104 §5: a truncated HMAC keeps at least half of its bytes.
constexpr std::size_t kTagBytes = 16;
// Every three bytes become four characters, without padding.
constexpr std::size_t kTokenBytesMax = (kTagBytes + PageTokens::kKeyBytesMax) * 4 / 3 + 1;

config::Secret random_secret() {
  std::array<unsigned char, PageTokens::kSecretBytes> bytes{};
  base::fill_random(bytes);
  config::Secret secret(std::string(bytes.begin(), bytes.end()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return secret;
}

}  // namespace

PageTokens::PageTokens() : PageTokens(random_secret()) {}

PageTokens::PageTokens(config::Secret secret) : secret_(std::move(secret)) {
  BELLHOP_ASSERT(secret_.reveal().size() == kSecretBytes);
}

std::string PageTokens::make(std::string_view key, std::string_view query) const {
  BELLHOP_ASSERT(key.size() <= kKeyBytesMax);
  return base::to_url_base64(tag(key, query).append(key));
}

base::Result<std::string> PageTokens::read(std::string_view token, std::string_view query) const {
  if (token.size() > kTokenBytesMax) return base::Error(errors::bad_page_token, "too long");
  auto bytes = base::from_url_base64(token);
  if (!bytes || bytes->size() < kTagBytes) {
    return base::Error(errors::bad_page_token, "not a page token");
  }
  std::string key = bytes->substr(kTagBytes);
  if (CRYPTO_memcmp(bytes->data(), tag(key, query).data(), kTagBytes) != 0) {
    return base::Error(errors::bad_page_token, "of another request or another process");
  }
  return key;
}

std::string PageTokens::tag(std::string_view key, std::string_view query) const {
  // The digest of the query has one length, so key and query cannot change places.
  const std::string input = xmpp::digest(EVP_sha256(), query).append(key);
  return xmpp::hmac_sha256(secret_.reveal(), input).substr(0, kTagBytes);
}

}  // namespace bellhop::admin

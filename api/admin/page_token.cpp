#include "api/admin/page_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>

#include "api/admin/errors.hpp"
#include "api/admin/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::admin {
namespace {

// RFC 2104 §5: a truncated HMAC keeps at least half of its bytes.
constexpr std::size_t kTagBytes = 16;
// Every three bytes become four characters, without padding.
constexpr std::size_t kTokenBytesMax = (kTagBytes + PageTokens::kKeyBytesMax) * 4 / 3 + 1;

config::Secret random_secret() {
  std::array<unsigned char, PageTokens::kSecretBytes> bytes{};
  fill_random(bytes);
  config::Secret secret(std::string(bytes.begin(), bytes.end()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return secret;
}

std::string to_url_base64(std::string_view bytes) {
  std::string text = xmpp::to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<unsigned> sextet(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return std::nullopt;
}

/// None unless `text` is the one way to write its bytes.
std::optional<std::string> from_url_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto value = sextet(c);
    if (!value) return std::nullopt;
    bits = (bits << 6) | *value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> count));
    bits &= (1U << count) - 1;
  }
  // What is left over pads the last byte with zeros; a whole character is never left over.
  if (count == 6 || bits != 0) return std::nullopt;
  return bytes;
}

}  // namespace

PageTokens::PageTokens() : PageTokens(random_secret()) {}

PageTokens::PageTokens(config::Secret secret) : secret_(std::move(secret)) {
  BELLHOP_ASSERT(secret_.reveal().size() == kSecretBytes);
}

std::string PageTokens::make(std::string_view key, std::string_view query) const {
  BELLHOP_ASSERT(key.size() <= kKeyBytesMax);
  return to_url_base64(tag(key, query).append(key));
}

base::Result<std::string> PageTokens::read(std::string_view token, std::string_view query) const {
  if (token.size() > kTokenBytesMax) return base::Error(errors::bad_page_token, "too long");
  auto bytes = from_url_base64(token);
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
  const std::string_view secret = secret_.reveal();
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  const auto* const done =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), bytes.data(), &size);
  BELLHOP_ASSERT(done != nullptr && size >= kTagBytes);
  return {bytes.begin(), bytes.begin() + kTagBytes};
}

}  // namespace bellhop::admin

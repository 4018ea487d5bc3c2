#include "relay/turn/nonce.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>

#include "component/base/random.hpp"
#include "component/base/url_base64.hpp"
#include "relay/hmac.hpp"

namespace bellhop::turn {
namespace {

// RFC 8489 §9.2: what tells a client that the four characters behind it are security features.
constexpr std::string_view kCookie = "obMatJos2";
constexpr std::size_t kFeatureChars = 4;
constexpr std::size_t kPrefixChars = kCookie.size() + kFeatureChars;

// A forger has one try per packet and gets a nonce for nothing, so 64 bits are plenty.
constexpr std::size_t kStampBytes = 4;
constexpr std::size_t kCodeBytes = 8;
static_assert(kPrefixChars + (kStampBytes + kCodeBytes) * 4 / 3 == NonceSource::kBytes);

using Prefix = std::array<char, kPrefixChars>;

// RFC 8489 §18.1: 24 bits in base64, the first bit being the most significant one.
Prefix prefix_of(const SecurityFeatures& features) {
  const std::uint8_t bits = static_cast<std::uint8_t>((features.password_algorithms ? 0x80u : 0u) |
                                                      (features.username_anonymity ? 0x40u : 0u));
  const std::string text = base::to_url_base64(std::string{static_cast<char>(bits), '\0', '\0'});
  Prefix prefix{};
  std::ranges::copy(text, std::ranges::copy(kCookie, prefix.begin()).out);
  return prefix;
}

void append_number(std::string& out, std::uint32_t value, std::size_t bytes) {
  while (bytes-- > 0) out += static_cast<char>(static_cast<std::uint8_t>(value >> (8 * bytes)));
}

std::int64_t seconds_of(base::TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Stamp and code, as bytes. The stamp is of the steady clock: its epoch and the key both end with
// this process, or with this boot of the machine.
std::string body_of(const relay::Code<32>& key, const Prefix& prefix, std::uint32_t stamp,
                    const base::IpEndpoint& client) {
  std::string signed_bytes(prefix.data(), prefix.size());
  append_number(signed_bytes, stamp, kStampBytes);
  const auto& address = client.address.bytes();
  signed_bytes.append(address.begin(), address.end());
  append_number(signed_bytes, client.port, sizeof client.port);

  std::string body;
  append_number(body, stamp, kStampBytes);
  const relay::Code<32> code = relay::hmac_sha256(relay::to_text(key), signed_bytes);
  return body.append(relay::to_text(code), 0, kCodeBytes);
}

std::uint32_t stamp_of(std::string_view body) {
  std::uint32_t stamp = 0;
  for (const char c : body.substr(0, kStampBytes)) {
    stamp = (stamp << 8) | static_cast<unsigned char>(c);
  }
  return stamp;
}

}  // namespace

NonceSource::NonceSource(SecurityFeatures features, std::chrono::seconds lifetime)
    : features_(features), lifetime_(lifetime) {
  base::fill_random(key_);
}

NonceSource::Text NonceSource::make(const base::IpEndpoint& client, base::TimePoint now) const {
  const Prefix prefix = prefix_of(features_);
  const auto stamp = static_cast<std::uint32_t>(seconds_of(now));
  const std::string body = base::to_url_base64(body_of(key_, prefix, stamp, client));
  Text text{};
  std::ranges::copy(body, std::ranges::copy(prefix, text.begin()).out);
  return text;
}

bool NonceSource::is_valid(std::string_view nonce, const base::IpEndpoint& client,
                           base::TimePoint now) const {
  if (nonce.size() != kBytes) return false;
  const auto body = base::from_url_base64(nonce.substr(kPrefixChars));
  if (!body) return false;
  const Prefix prefix = prefix_of(features_);
  const std::uint32_t stamp = stamp_of(*body);
  const std::string wanted = body_of(key_, prefix, stamp, client);
  // The prefix is no secret; the code is.
  if (nonce.substr(0, kPrefixChars) != std::string_view(prefix.data(), prefix.size())) return false;
  if (CRYPTO_memcmp(body->data(), wanted.data(), wanted.size()) != 0) return false;
  // A stamp that lies ahead is of a shard that looked at the clock later than this one.
  return seconds_of(now) <= std::int64_t{stamp} + lifetime_.count();
}

}  // namespace bellhop::turn

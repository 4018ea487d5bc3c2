#include "proxy/webdav/password_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <vector>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::string_view kScheme = "scrypt";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTextBytesMax = 256;
constexpr std::size_t kParts = 6;

bool is_allowed(const HashCost& cost) {
  return cost.log2_n >= 1 && cost.log2_n <= kHashCostMax.log2_n && cost.r >= 1 &&
         cost.r <= kHashCostMax.r && cost.p >= 1 && cost.p <= kHashCostMax.p;
}

// Empty: OpenSSL could not.
std::string derive(std::string_view password, std::string_view salt, const HashCost& cost) {
  const std::uint64_t n = std::uint64_t{1} << cost.log2_n;
  // RFC 7914 §6: 128 * r * (N + p) bytes and a little; OpenSSL refuses more than it is told.
  const std::uint64_t memory_max = 128 * std::uint64_t{cost.r} * (n + cost.p + 2) + 1024 * 1024;
  std::string key(kKeyBytes, '\0');
  const int done = ::EVP_PBE_scrypt(password.data(), password.size(),
                                    reinterpret_cast<const unsigned char*>(salt.data()),
                                    salt.size(), n, cost.r, cost.p, memory_max,
                                    reinterpret_cast<unsigned char*>(key.data()), key.size());
  return done == 1 ? key : std::string();
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find('$');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<PasswordHash> PasswordHash::make(const config::Secret& password,
                                               const HashCost& cost) {
  std::string salt = base::random_bytes(kSaltBytes);
  std::string key = derive(password.reveal(), salt, cost);
  if (key.empty()) return std::nullopt;
  return PasswordHash(cost, std::move(salt), std::move(key));
}

std::optional<PasswordHash> PasswordHash::parse(std::string_view text) {
  if (text.size() > kTextBytesMax) return std::nullopt;
  const auto parts = split(text);
  if (parts.size() != kParts || parts[0] != kScheme) return std::nullopt;
  const auto log2_n = number(parts[1]);
  const auto r = number(parts[2]);
  const auto p = number(parts[3]);
  auto salt = xmpp::from_base64(parts[4]);
  auto key = xmpp::from_base64(parts[5]);
  if (!log2_n || !r || !p || !salt || !key) return std::nullopt;
  const HashCost cost{*log2_n, *r, *p};
  if (!is_allowed(cost) || salt->size() != kSaltBytes || key->size() != kKeyBytes) {
    return std::nullopt;
  }
  return PasswordHash(cost, std::move(*salt), std::move(*key));
}

std::string PasswordHash::text() const {
  std::string out(kScheme);
  for (const std::uint32_t part : {cost_.log2_n, cost_.r, cost_.p}) {
    out.append("$").append(std::to_string(part));
  }
  return out.append("$").append(xmpp::to_base64(salt_)).append("$").append(xmpp::to_base64(key_));
}

bool PasswordHash::matches(const config::Secret& password) const {
  const std::string key = derive(password.reveal(), salt_, cost_);
  return key.size() == key_.size() && ::CRYPTO_memcmp(key.data(), key_.data(), key.size()) == 0;
}

}  // namespace bellhop::webdav

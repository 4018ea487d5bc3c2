#include "api/admin/tokens.hpp"

#include <openssl/crypto.h>

#include <array>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::admin {
namespace {

constexpr std::size_t kTokenBytesMax = 1024;

std::string tag_of(std::string_view secret, std::string_view text) {
  return xmpp::to_hex(xmpp::hmac_sha256(secret, text));
}

}  // namespace

std::string make_page_secret() {
  return base::random_bytes(32);
}

std::string make_page_token(std::string_view secret, const Caller& caller) {
  const std::string role = caller.role == config::AdminRole::full ? "full" : "read";
  const std::string text = role + "." + xmpp::to_hex(caller.identity.substr(0, kTokenBytesMax / 4));
  return text + "." + tag_of(secret, text);
}

std::optional<Caller> read_page_token(std::string_view secret, std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const auto last = token.rfind('.');
  const auto first = token.find('.');
  if (last == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view text = token.substr(0, last);
  if (!equal_secrets(tag_of(secret, text), token.substr(last + 1))) return std::nullopt;
  const auto identity = xmpp::from_hex(text.substr(first + 1));
  if (!identity) return std::nullopt;
  const bool is_full = text.substr(0, first) == "full";
  return Caller{"page of " + *identity,
                is_full ? config::AdminRole::full : config::AdminRole::read};
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace bellhop::admin

#include "proxy/webdav/login_cache.hpp"

#include <openssl/crypto.h>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::size_t kKeyBytes = 32;

}  // namespace

LoginCache::LoginCache() : key_(base::random_bytes(kKeyBytes)) {}

std::string LoginCache::digest(std::string_view user, const config::Secret& password) const {
  // A user has no NUL in it, so that no two pairs make one text.
  std::string text(user);
  text.append(1, '\0').append(password.reveal());
  const config::Secret both(std::move(text));
  return xmpp::hmac_sha256(key_.reveal(), both.reveal());
}

bool LoginCache::holds(std::string_view user, const config::Secret& password,
                       std::uint64_t generation, base::TimePoint now) const {
  const auto found = rows_.find(std::string(user));
  if (found == rows_.end()) return false;
  const Row& row = found->second;
  if (row.generation != generation || now >= row.ends) return false;
  const std::string asked = digest(user, password);
  return asked.size() == row.digest.size() &&
         ::CRYPTO_memcmp(asked.data(), row.digest.data(), asked.size()) == 0;
}

void LoginCache::add(std::string_view user, const config::Secret& password,
                     std::uint64_t generation, base::TimePoint now) {
  const std::string name(user);
  if (const auto found = rows_.find(name); found != rows_.end()) {
    order_.erase(found->second.place);
    rows_.erase(found);
  }
  if (rows_.size() >= kUsersMax) {
    rows_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), name);
  rows_.emplace(name, Row{digest(user, password), generation, now + kKept, place});
}

}  // namespace bellhop::webdav

#include "relay/stun/key.hpp"

#include <openssl/evp.h>

#include <initializer_list>
#include <memory>

#include "component/base/error.hpp"

namespace bellhop::stun {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// The parts with colons between them, hashed.
template <typename Digest>
unsigned hash_joined(const EVP_MD* algorithm, std::initializer_list<std::string_view> parts,
                     Digest& digest) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool is_done = EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1;
  bool is_first = true;
  for (const std::string_view part : parts) {
    if (!is_first) is_done = is_done && EVP_DigestUpdate(context.get(), ":", 1) == 1;
    is_first = false;
    is_done = is_done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  unsigned size = 0;
  is_done = is_done && EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
  BELLHOP_ASSERT(is_done);  // only a broken installation of OpenSSL fails here
  return size;
}

}  // namespace

Key long_term_key(PasswordAlgorithm algorithm, std::string_view user, std::string_view realm,
                  std::string_view password) {
  Key key;
  const EVP_MD* hash = algorithm == PasswordAlgorithm::sha256 ? EVP_sha256() : EVP_md5();
  key.size = static_cast<std::uint8_t>(hash_joined(hash, {user, realm, password}, key.bytes));
  return key;
}

UserHash user_hash(std::string_view user, std::string_view realm) {
  UserHash hash{};
  hash_joined(EVP_sha256(), {user, realm}, hash);
  return hash;
}

}  // namespace bellhop::stun

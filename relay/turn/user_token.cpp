#include "relay/turn/user_token.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "component/base/error.hpp"
#include "component/base/url_base64.hpp"

namespace bellhop::turn {
namespace {

// RFC 5869 §3.2: keeps this key apart from whatever else is made of the secret.
constexpr std::string_view kPurpose = "Bellhop TURN user token 1";

template <auto release>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>>;

const unsigned char* to_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* to_bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

OSSL_PARAM octets(const char* name, std::string_view value) {
  // OpenSSL takes a pointer to what it may not write to as one to what it may.
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

void derive(std::string_view secret, std::array<std::uint8_t, 64>& key) {
  char hash[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
                                   octets(OSSL_KDF_PARAM_KEY, secret),
                                   octets(OSSL_KDF_PARAM_INFO, kPurpose),
                                   OSSL_PARAM_construct_end()};
  const Kdf hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  BELLHOP_ASSERT(hkdf != nullptr);  // only a broken installation of OpenSSL fails here and below
  const KdfContext context(EVP_KDF_CTX_new(hkdf.get()));
  BELLHOP_ASSERT(EVP_KDF_derive(context.get(), key.data(), key.size(), parameters) == 1);
}

enum class Direction : int { open = 0, seal = 1 };

// Ready for the text; `beside` is in it already.
CipherContext start(const std::array<std::uint8_t, 64>& key, std::string_view beside,
                    Direction direction) {
  const Cipher siv(EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr));
  CipherContext context(EVP_CIPHER_CTX_new());
  BELLHOP_ASSERT(siv != nullptr && context != nullptr);
  BELLHOP_ASSERT(EVP_CipherInit_ex2(context.get(), siv.get(), key.data(), nullptr,
                                    static_cast<int>(direction), nullptr) == 1);
  int size = 0;
  BELLHOP_ASSERT(EVP_CipherUpdate(context.get(), nullptr, &size, to_bytes(beside),
                                  static_cast<int>(beside.size())) == 1);
  return context;
}

}  // namespace

UserTokens::UserTokens(const config::Secret& secret) {
  derive(secret.reveal(), key_);
}

UserTokens::~UserTokens() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::string UserTokens::seal(std::string_view text, std::string_view beside) const {
  // Some releases of OpenSSL leave the code of something empty out (CVE-2023-2975).
  BELLHOP_ASSERT(!text.empty() && text.size() <= kTextBytesMax && !beside.empty());
  const CipherContext context = start(key_, beside, Direction::seal);
  std::string sealed(text.size(), '\0');
  std::string code(kOverheadBytes, '\0');
  int size = 0;
  BELLHOP_ASSERT(EVP_CipherUpdate(context.get(), to_bytes(sealed), &size, to_bytes(text),
                                  static_cast<int>(text.size())) == 1);
  BELLHOP_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                                     static_cast<int>(code.size()), code.data()) == 1);
  return base::to_url_base64(code + sealed);
}

std::optional<std::string> UserTokens::open(std::string_view token, std::string_view beside) const {
  // What is longer is none of ours, and is not worth decoding.
  if (token.size() > (kOverheadBytes + kTextBytesMax) * 4 / 3 + 1 || beside.empty()) {
    return std::nullopt;
  }
  auto code = base::from_url_base64(token);
  if (!code || code->size() <= kOverheadBytes) return std::nullopt;
  const std::string sealed = code->substr(kOverheadBytes);
  const CipherContext context = start(key_, beside, Direction::open);
  BELLHOP_ASSERT(
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kOverheadBytes, code->data()) == 1);
  std::string text(sealed.size(), '\0');
  int size = 0;
  const int is_genuine = EVP_CipherUpdate(context.get(), to_bytes(text), &size, to_bytes(sealed),
                                          static_cast<int>(sealed.size()));
  if (is_genuine != 1) return std::nullopt;
  return text;
}

}  // namespace bellhop::turn

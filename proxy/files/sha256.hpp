// SHA-256 of what comes piece by piece.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>
#include <string>

#include "component/base/error.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::files {

/// Movable, from one thread to another too.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    BELLHOP_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void update(std::span<const char> bytes) {
    const int done = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    BELLHOP_ASSERT(done == 1);
  }
  /// Lower-case hex; once, at the end.
  [[nodiscard]] std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    const int done = EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    BELLHOP_ASSERT(done == 1);
    return xmpp::to_hex({reinterpret_cast<const char*>(bytes.data()), size});
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace bellhop::files

// The checksum of one request's bytes (tus 1.0.0, "Checksum").
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "component/base/error.hpp"
#include "proxy/http/tus.hpp"

namespace bellhop::files {

/// Digests what passes by, if there is anything to compare it with.
class PieceDigest {
 public:
  explicit PieceDigest(std::optional<http::UploadChecksum> wanted) : wanted_(std::move(wanted)) {
    if (!wanted_) return;
    context_.reset(EVP_MD_CTX_new());
    BELLHOP_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), algorithm(), nullptr) == 1);
  }

  void update(std::span<const char> bytes) {
    if (!context_) return;
    const int done = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    BELLHOP_ASSERT(done == 1);
  }
  /// Once, at the end. True if nothing was announced.
  [[nodiscard]] bool matches() {
    if (!context_) return true;
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    const int done = EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    BELLHOP_ASSERT(done == 1);
    return size == wanted_->digest.size() &&
           CRYPTO_memcmp(bytes.data(), wanted_->digest.data(), size) == 0;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  [[nodiscard]] const EVP_MD* algorithm() const {
    switch (wanted_->algorithm) {
      case http::ChecksumAlgorithm::sha1:
        return EVP_sha1();
      case http::ChecksumAlgorithm::md5:
        return EVP_md5();
      case http::ChecksumAlgorithm::sha256:
        break;
    }
    return EVP_sha256();
  }

  std::optional<http::UploadChecksum> wanted_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace bellhop::files

#include "proxy/files/file_handle.hpp"

#include <openssl/evp.h>

#include <memory>

#include "component/base/error.hpp"

namespace bellhop::files {

FileHandles::FileHandles(config::Secret secret) : secret_(std::move(secret)) {
  BELLHOP_ASSERT(secret_.reveal().size() == kSecretBytes);
}

std::string FileHandles::make(const FileId& id) const {
  return ciphered(id, true).text();
}

std::optional<FileId> FileHandles::read(std::string_view handle) const {
  const auto block = FileId::parse(handle);
  if (!block) return std::nullopt;
  return ciphered(*block, false);
}

// One block of random bytes: what ECB lacks for longer texts is not needed.
FileId FileHandles::ciphered(const FileId& block, bool is_encrypting) const {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const auto* key = reinterpret_cast<const unsigned char*>(secret_.reveal().data());
  FileId result;
  int written = 0;
  const bool is_done =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key, nullptr,
                        is_encrypting ? 1 : 0) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), result.bytes.data(), &written, block.bytes.data(),
                       static_cast<int>(block.bytes.size())) == 1;
  // Fails only where OpenSSL lacks AES: a broken installation.
  BELLHOP_ASSERT(is_done && static_cast<std::size_t>(written) == result.bytes.size());
  return result;
}

}  // namespace bellhop::files

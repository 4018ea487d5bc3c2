#include "tests/support/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "tests/support/loopback.hpp"

namespace bellhop::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<FILE, decltype(&std::fclose)>;

File open_for_writing(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) throw Missed("cannot write " + path.string());
  return file;
}

}  // namespace

void write_identity(const std::filesystem::path& certificate, const std::filesystem::path& key,
                    const std::string& name) {
  const Key made_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free);
  const Certificate made(X509_new(), &X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), made_key.get());
  X509_NAME* subject = X509_get_subject_name(made.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  if (X509_sign(made.get(), made_key.get(), EVP_sha256()) <= 0) throw Missed("no certificate");
  PEM_write_X509(open_for_writing(certificate).get(), made.get());
  PEM_write_PrivateKey(open_for_writing(key).get(), made_key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
}

}  // namespace bellhop::test

#include "component/runtime/server_certificate.hpp"

#include <sys/stat.h>

#include <stdexcept>

#include "component/runtime/periodic.hpp"

namespace bellhop::runtime {
namespace {

std::string stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
         "/" + std::to_string(status.st_ino) + "/" + std::to_string(status.st_size);
}

// HUP-32, STN-18: TLS 1.2 or later.
ServerCertificate::Context make_context(const std::string& chain, const std::string& key) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION |
                       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  context->use_certificate_chain_file(chain);
  context->use_private_key_file(key, asio::ssl::context::pem);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    throw std::runtime_error("the key " + key + " is not that of " + chain);
  }
  return context;
}

}  // namespace

ServerCertificate::ServerCertificate(std::string chain_file, std::string key_file, Prepare prepare)
    : chain_file_(std::move(chain_file)),
      key_file_(std::move(key_file)),
      prepare_(std::move(prepare)) {
  load();
}

void ServerCertificate::load() {
  const std::string stamp = stamp_of(chain_file_) + stamp_of(key_file_);
  if (stamp == stamp_) return;
  Context made;
  try {
    made = make_context(chain_file_, key_file_);
  } catch (const std::exception& failure) {
    throw std::runtime_error("cannot use " + chain_file_ + ": " + failure.what());
  }
  if (prepare_) prepare_(*made);
  context_ = std::move(made);
  stamp_ = stamp;
}

Task<> ServerCertificate::watch(Executor executor, base::Log& log, base::Duration interval) {
  for (;;) {
    const bool goes_on = co_await sleep_for(executor, interval);
    if (!goes_on) co_return;
    try {
      load();
    } catch (const std::exception& failure) {
      log.write_limited(base::Severity::error, "certificate_unusable",
                        {{"reason", failure.what()}});
    }
  }
}

}  // namespace bellhop::runtime

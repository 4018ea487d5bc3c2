// The certificate of a TLS server, read again when its files change.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "component/base/log.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// One shard; contexts may be used on others.
class ServerCertificate {
 public:
  using Context = std::shared_ptr<asio::ssl::context>;
  /// What else a context of this server needs, such as ALPN.
  using Prepare = std::function<void(asio::ssl::context&)>;

  /// PEM files: the chain, its key. Throws std::runtime_error with one line when they cannot be
  /// used.
  ServerCertificate(std::string chain_file, std::string key_file, Prepare prepare = {});

  /// TLS 1.2 or later, without renegotiation; replaced as a whole, so connections keep theirs.
  [[nodiscard]] const Context& context() const { return context_; }
  /// Looks at the files every `interval` until cancelled. What cannot be used is logged as
  /// `certificate_unusable`, and the one in force stays: a file being replaced is not whole for a
  /// moment.
  [[nodiscard]] Task<> watch(Executor executor, base::Log& log, base::Duration interval);

 private:
  void load();

  std::string chain_file_;
  std::string key_file_;
  Prepare prepare_;
  std::string stamp_;
  Context context_;
};

}  // namespace bellhop::runtime

// Who may fetch a file from the folder of somebody else (XEP-0129 §4), on the shard of a request.
#pragma once

#include <string>

#include "proxy/http/basic_credentials.hpp"
#include "proxy/http/exchange.hpp"
#include "proxy/webdav/account_store.hpp"
#include "proxy/webdav/confirmations.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {

/// What a guest asks for, and who they say they are.
struct GuestRequest {
  FolderPath path;
  http::BasicCredentials credentials;
};

/// Lets guests in, in the order of HVX-03: the request must be one that they may make at all, the
/// file's list must have them, then they prove who they are. Until they have, each refusal is the
/// same, whether there is such a file or not.
class GuestDoor {
 public:
  struct Context {
    files::FileStore& store;
    AccountStore& accounts;
    Confirmations& confirmations;
    runtime::Executor control;  ///< the shard of `confirmations`
    std::string public_url;
  };

  explicit GuestDoor(Context context) : context_(std::move(context)) {}

  /// The file that may be sent. Errors: errors::bad_login for what is no JID with a transaction id,
  /// errors::not_owner, those of Confirmations, and of the store.
  [[nodiscard]] runtime::Task<base::Result<files::FileId>> admit(http::Exchange& exchange,
                                                                 LoginCache& logins,
                                                                 GuestRequest request);

 private:
  [[nodiscard]] base::Result<Claim> read_claim(const http::Exchange& exchange,
                                               const GuestRequest& request) const;
  [[nodiscard]] runtime::Task<base::Result<files::FileId>> find(const http::Exchange& exchange,
                                                                const FolderPath& path,
                                                                const xmpp::Jid& guest);
  [[nodiscard]] runtime::Task<base::Result<void>> prove(http::Exchange& exchange,
                                                        LoginCache& logins, Claim claim,
                                                        const GuestRequest& request);
  [[nodiscard]] bool was_logged_in(const LoginCache& logins,
                                   const http::BasicCredentials& credentials) const;
  [[nodiscard]] runtime::Task<bool> has_password(const http::Exchange& exchange, LoginCache& logins,
                                                 const GuestRequest& request);

  Context context_;
};

}  // namespace bellhop::webdav

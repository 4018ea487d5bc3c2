// WebDAV over HTTP: who asks, what they ask for, and the bytes of files.
#pragma once

#include <memory>
#include <vector>

#include "proxy/files/file_handler.hpp"
#include "proxy/webdav/account_store.hpp"
#include "proxy/webdav/folder.hpp"
#include "proxy/webdav/guest_door.hpp"

namespace bellhop::webdav {

/// Serves `/dav/<bare JID>/…` to the user of that JID, and files of it to guests, on whatever shard
/// a connection lives. What is decided about a folder is decided on the store's index thread, where
/// all of it is.
class DavHandler final : public http::Handler {
 public:
  struct Context {
    files::FileStore& store;
    AccountStore& accounts;
    Folders& folders;  ///< used on the index thread alone
    Confirmations& confirmations;
    runtime::Executor control;  ///< the shard of `confirmations`
    std::string public_url;     ///< what guests' users are shown of a URL, before its path
    files::FileHandler::WorkerOf worker_of;
    std::size_t workers;
  };

  explicit DavHandler(Context context);

  [[nodiscard]] runtime::Task<> handle(http::Exchange& exchange) override;

 private:
  struct Call;

  [[nodiscard]] runtime::Task<base::Result<void>> authenticate(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> log_in(Call& call,
                                                         const http::BasicCredentials& credentials);
  [[nodiscard]] runtime::Task<base::Result<void>> serve_guest(Call& call, GuestRequest request);
  [[nodiscard]] runtime::Task<base::Result<void>> serve(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> get(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> send(Call& call, files::FileId id);
  [[nodiscard]] runtime::Task<base::Result<void>> list(Call& call, Node collection);
  [[nodiscard]] runtime::Task<base::Result<void>> put(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> run_method(Call& call);
  [[nodiscard]] runtime::Task<base::Result<FolderReply>> decide(Call& call);
  [[nodiscard]] runtime::Task<base::Result<FolderReply>> ask(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> receive(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> make_empty_file(Call& call);
  [[nodiscard]] runtime::Task<base::Result<void>> answer(Call& call, FolderReply reply);
  [[nodiscard]] runtime::Task<> drop(std::vector<files::FileId> files);

  Context context_;
  GuestDoor guests_;
  std::vector<std::unique_ptr<LoginCache>> logins_;  // one for each worker
};

}  // namespace bellhop::webdav

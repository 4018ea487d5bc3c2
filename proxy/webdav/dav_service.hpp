// WebDAV with the accounts that use it: what main starts and stops.
#pragma once

#include <vector>

#include "proxy/http/http_server.hpp"
#include "proxy/webdav/dav_handler.hpp"
#include "proxy/webdav/folder_contents.hpp"

namespace bellhop::webdav {

/// Built before the shards run, for a store and a server that outlive it.
class DavService {
 public:
  struct Context {
    runtime::Executor control;
    files::FileStore& store;
    base::Log& log;
    http::HttpServer& server;
    files::FileHandler::WorkerOf worker_of;
    std::size_t workers;
    std::string public_url = {};  ///< what URLs begin with, without a slash at the end
    HashCost hash_cost = {};
    base::Duration answer_wait = Confirmations::kAnswerWait;  ///< of users who are asked
  };

  explicit DavService(Context context);

  /// Before the server starts; on the control shard, whose executor `context` has.
  void start();
  /// Before the server and the store stop: nothing of what was begun here is under way any more,
  /// and no request waits for a user.
  [[nodiscard]] runtime::Task<> join();
  /// After the server has stopped.
  void stop() { accounts_.stop(); }

  [[nodiscard]] AccountStore& accounts() { return accounts_; }
  /// For commands.
  [[nodiscard]] files::FolderFiles& contents() { return contents_; }
  /// Where components that can ask users join; before start().
  [[nodiscard]] Confirmations& confirmations() { return confirmations_; }

 private:
  void find_orphans();
  [[nodiscard]] runtime::Task<> clean_up();
  [[nodiscard]] runtime::Task<> remove_folder(std::string owner);

  files::FileStore& store_;
  base::Log& log_;
  std::vector<files::FileId> orphans_;
  AccountStore accounts_;
  Folders folders_;  // the store's index thread
  FolderContents contents_;
  Confirmations confirmations_;
  DavHandler handler_;
  runtime::TaskGroup cleaning_;
};

}  // namespace bellhop::webdav

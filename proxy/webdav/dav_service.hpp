// WebDAV with the accounts that use it: what main starts and stops.
#pragma once

#include <vector>

#include "proxy/http/http_server.hpp"
#include "proxy/webdav/dav_handler.hpp"

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
    HashCost hash_cost = {};
  };

  explicit DavService(Context context);

  /// Before the server starts; on the control shard, whose executor `context` has.
  void start();
  /// Before the store stops: nothing of what was begun here is under way any more.
  [[nodiscard]] runtime::Task<> join();
  /// After the server has stopped.
  void stop() { accounts_.stop(); }

  [[nodiscard]] AccountStore& accounts() { return accounts_; }

 private:
  void find_orphans();
  [[nodiscard]] runtime::Task<> clean_up();
  [[nodiscard]] runtime::Task<> remove_folder(std::string owner);

  files::FileStore& store_;
  base::Log& log_;
  std::vector<files::FileId> orphans_;
  AccountStore accounts_;
  Folders folders_;  // the store's index thread
  DavHandler handler_;
  runtime::TaskGroup cleaning_;
};

}  // namespace bellhop::webdav

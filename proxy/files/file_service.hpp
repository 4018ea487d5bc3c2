// The file store with everything that serves it: what main starts and stops.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "component/policy/admission.hpp"
#include "component/runtime/shard.hpp"
#include "config/settings.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/files/slot_handler.hpp"
#include "proxy/http/http_server.hpp"

namespace bellhop::files {

/// Built on the thread of the control shard before the shards run.
class FileService {
 public:
  struct Context {
    runtime::ShardSet& shards;
    std::size_t first_shard;  ///< from here on all shards serve HTTP
    base::Log& log;
    const config::Settings& settings;
    policy::Admission& admission;
  };

  /// Opens the store and binds. Throws std::runtime_error with one line. What `context` refers to
  /// outlives it.
  explicit FileService(const Context& context);
  ~FileService();
  FileService(const FileService&) = delete;
  FileService& operator=(const FileService&) = delete;

  void start();
  /// No new slots, uploads and downloads; those under way have so long.
  [[nodiscard]] runtime::Task<> stop(base::Duration timeout);
  /// After stop() and when nobody asks the store any more.
  [[nodiscard]] runtime::Task<> close_store() { return store_.stop(); }

  /// What a component with the service upload answers.
  [[nodiscard]] std::unique_ptr<SlotHandler> make_slot_handler(const std::string& parent_domain);

  void set_open(bool is_open) { is_open_ = is_open; }
  [[nodiscard]] FileStore& store() { return store_; }
  [[nodiscard]] FileCounters& counters() { return counters_; }
  [[nodiscard]] http::HttpServer& server() { return *server_; }
  /// Of the shard that an exchange is on; there are that many.
  [[nodiscard]] FileWorker& worker_of(const http::Exchange& exchange) {
    return *workers_[exchange.shard().index() - context_.first_shard];
  }
  [[nodiscard]] std::size_t workers() const { return workers_.size(); }
  /// What links begin with.
  [[nodiscard]] const std::string& public_url() const { return public_url_; }

 private:
  void note(std::size_t shard, http::ServerEvent event);
  [[nodiscard]] std::string_view parent_of(std::string_view domain) const;

  Context context_;
  FileCounters counters_;
  FileStore store_;
  std::deque<base::UlidSource> ids_;  // one for each worker
  std::vector<std::unique_ptr<FileWorker>> workers_;
  FileHandler handler_;
  std::unique_ptr<http::HttpServer> server_;
  std::vector<std::string> parents_;  // of the components that offer uploads
  std::vector<std::string> own_;      // their JIDs
  std::string public_url_;
  bool is_open_ = false;
};

/// Whether some component offers uploads.
[[nodiscard]] bool offers_upload(const config::Settings& settings);

}  // namespace bellhop::files

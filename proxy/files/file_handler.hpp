// The URLs of files: `/f/<id>/<name>`.
#pragma once

#include <string>

#include "proxy/files/file_worker.hpp"

namespace bellhop::files {

/// The first segment of every file's URL.
inline constexpr std::string_view kFilePrefix = "f";

/// The last segment of a file's path: its name, as far as a path can carry it.
[[nodiscard]] std::string link_name(const FileFacts& facts);

/// The path of a file in links: the id, which is the permission to fetch it, and the name, whose
/// extension clients look at (HUP-07).
[[nodiscard]] std::string file_path(const FileFacts& facts);

/// Serves files and takes uploads, on whatever shard a connection lives.
class FileHandler final : public http::Handler {
 public:
  /// Of the shard that the exchange is on.
  using WorkerOf = std::function<FileWorker&(const http::Exchange&)>;

  explicit FileHandler(WorkerOf worker_of) : worker_of_(std::move(worker_of)) {}

  [[nodiscard]] runtime::Task<> handle(http::Exchange& exchange) override;

 private:
  WorkerOf worker_of_;
};

}  // namespace bellhop::files

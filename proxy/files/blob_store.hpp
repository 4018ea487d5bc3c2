// The bytes of the store: one file each, in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "component/base/error.hpp"
#include "component/base/unique_fd.hpp"
#include "proxy/files/file_id.hpp"

namespace bellhop::files {

/// Below `folder`: `partial/` holds what is being written, `stored/xx/` what is whole; names are
/// ids. A file becomes visible by one rename after it was synced. All of it blocks; any thread, and
/// one at a time for each id. Errors of all: errors::store_failed with the system's words.
class BlobStore {
 public:
  /// Makes the folders. Throws std::runtime_error with one line, also when another process uses
  /// this folder: it is locked for the life of the store.
  explicit BlobStore(std::filesystem::path folder);

  /// For appending; made if it is not there.
  [[nodiscard]] base::Result<base::UniqueFd> open_partial(const FileId& id) const;
  /// Bytes that have come; 0 if there are none.
  [[nodiscard]] std::uint64_t partial_bytes(const FileId& id) const;
  /// Cuts off what came behind `bytes`.
  [[nodiscard]] base::Result<void> truncate_partial(const FileId& id, std::uint64_t bytes) const;
  /// Syncs a partial file and shows it as a stored one. When this returns it survives the loss of
  /// power.
  [[nodiscard]] base::Result<void> store(const FileId& id) const;
  /// Takes store() back: the bytes came, but nobody was told so.
  [[nodiscard]] base::Result<void> unstore(const FileId& id) const;

  /// For reading; none if it is not there.
  [[nodiscard]] base::Result<std::optional<base::UniqueFd>> open_stored(const FileId& id) const;
  /// Bytes of a stored file; none: it is not there.
  [[nodiscard]] std::optional<std::uint64_t> stored_bytes(const FileId& id) const;
  /// Both, if they are there.
  void remove(const FileId& id) const;
  void remove_partial(const FileId& id) const;

  /// Ids of what is in the two folders. Whatever has another name is left alone.
  void for_each_partial(const std::function<void(const FileId&)>& visit) const;
  void for_each_stored(const std::function<void(const FileId&)>& visit) const;

  /// What an unprivileged process may still write to this disk.
  [[nodiscard]] std::uint64_t free_bytes() const;

 private:
  [[nodiscard]] std::filesystem::path partial_path(const FileId& id) const;
  [[nodiscard]] std::filesystem::path stored_path(const FileId& id) const;

  std::filesystem::path folder_;
  base::UniqueFd lock_;
};

}  // namespace bellhop::files

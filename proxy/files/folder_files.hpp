// What commands need to know of files that lie in folders: this folder has no idea of those.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "component/base/error.hpp"
#include "component/runtime/types.hpp"
#include "proxy/files/file_id.hpp"

namespace bellhop::files {

/// Where a file lies.
struct FolderPlace {
  std::string path = {};   ///< for people, from the root of the user's folder; "" for nowhere
  std::string href = {};   ///< of a URL
  std::size_t others = 0;  ///< how many places it lies at beside that one, as far as counted
};

/// The folders of users, for whoever shows and removes files. Any shard.
class FolderFiles {
 public:
  virtual ~FolderFiles() = default;
  /// Of each of these files of `owner`, in their order. Errors: errors::store_failed.
  [[nodiscard]] virtual runtime::Task<base::Result<std::vector<FolderPlace>>> places_of(
      std::string owner, std::vector<FileId> files) = 0;
  /// Removes a file with all of its places, as its user. Errors: errors::file_in_use for one that a
  /// program has locked, no_such_file, store_failed.
  [[nodiscard]] virtual runtime::Task<base::Result<void>> remove(std::string owner,
                                                                 FileId file) = 0;
};

}  // namespace bellhop::files

// Folders as the commands of the file store see them.
#pragma once

#include "proxy/files/file_store.hpp"
#include "proxy/files/folder_files.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {

/// Places of files, and their removal by the same DELETE that programs use: locks are obeyed, and
/// names and properties go with the file.
class FolderContents final : public files::FolderFiles {
 public:
  /// Places that are counted, and that one transaction removes.
  static constexpr std::size_t kPlacesMax = 64;

  /// Both outlive it; `folders` is used on the store's index thread.
  FolderContents(files::FileStore& store, Folders& folders) : store_(store), folders_(folders) {}

  [[nodiscard]] runtime::Task<base::Result<std::vector<files::FolderPlace>>> places_of(
      std::string owner, std::vector<files::FileId> files) override;
  [[nodiscard]] runtime::Task<base::Result<void>> remove(std::string owner,
                                                         files::FileId file) override;

 private:
  // What one transaction has done.
  struct Removal {
    std::size_t places = 0;
    bool is_locked = false;
    std::vector<files::FileId> unused = {};
  };

  [[nodiscard]] base::Result<void> remove_places(store::Database& database,
                                                 const std::string& owner,
                                                 const files::FileId& file, Removal& removal);

  files::FileStore& store_;
  Folders& folders_;
};

}  // namespace bellhop::webdav

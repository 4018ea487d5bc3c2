// One request to a folder while it is being answered; for folder*.cpp alone.
#pragma once

#include "proxy/webdav/copy_move_rules.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {

struct Folders::Context {
  const FolderRequest& request;
  FolderTree tree;
  std::optional<Node> node = std::nullopt;  // at the names of the request
  std::vector<std::string> tokens = {};     // of the If header
  std::optional<IfHeader> if_header = std::nullopt;

  [[nodiscard]] Path lock_path() const { return path_of(request.names); }
  [[nodiscard]] Path path_of(Names names) const {
    Path path{request.owner};
    path.insert(path.end(), names.begin(), names.end());
    return path;
  }
  [[nodiscard]] std::string href() const {
    return folder_href(request.owner, request.names, node && node->is_collection());
  }
  [[nodiscard]] ResourceKind kind_of(const std::optional<Node>& at) const {
    if (!at) return ResourceKind::unmapped;
    return at->is_collection() ? ResourceKind::collection : ResourceKind::file;
  }
};

}  // namespace bellhop::webdav

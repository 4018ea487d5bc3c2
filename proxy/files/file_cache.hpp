// Files that were asked for lately, open and with the head of their answer made.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "proxy/files/file_store.hpp"
#include "proxy/http/response_head.hpp"

namespace bellhop::files {

/// A stored file and everything about it that its answers have in common.
struct ServedFile {
  FileFacts facts;
  base::UniqueFd fd;
  std::string entity_tag;  ///< with its quotes
  /// Adds the fields of every answer that carries the file or a part of it.
  void describe(http::ResponseHead& head) const;
  /// The part of them that says what may be done with it; of several ranges too.
  void describe_use(http::ResponseHead& head) const;
};

/// The least recently used leave first. One shard; whoever serves a file holds on to it.
class FileCache {
 public:
  /// Each entry holds a descriptor.
  static constexpr std::size_t kEntriesMax = 512;

  using FilePtr = std::shared_ptr<const ServedFile>;

  /// Null: it is not here, or has expired.
  [[nodiscard]] FilePtr find(const FileId& id, Second now);
  FilePtr insert(OpenFile file);
  void remove(const FileId& id);

 private:
  using Entries = std::list<FilePtr>;

  Entries entries_;  // the one used last first
  std::unordered_map<FileId, Entries::iterator> by_id_;
};

}  // namespace bellhop::files

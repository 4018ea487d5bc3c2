// A user's files page by page, as commands show them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/policy/admission.hpp"
#include "proxy/files/file_store.hpp"
#include "proxy/files/folder_files.hpp"

namespace bellhop::files {

/// What the commands of one component work on; all of it outlives them. Control shard.
struct CommandContext {
  FileStore& store;
  policy::Admission& admission;
  FolderFiles* folders;    ///< null: there are none
  std::string public_url;  ///< what links begin with, without a slash at the end
};

/// Files on one page: names and links of so many fit into any server's largest stanza.
inline constexpr std::size_t kPageFiles = 25;

/// One file with what people want to know of it.
struct ShownFile {
  FileFacts facts;
  std::string link;
  std::string place;  ///< `upload`, or where it lies in the folder
};

/// The first kPageFiles of the user's files behind some place.
struct FilePage {
  std::vector<ShownFile> files;
  std::string next;  ///< where the next page begins; empty: this was the last one
};

/// `after` is FilePage::next of the page before; empty: from the first file on, the oldest. Errors:
/// errors::store_failed; no_such_file for an `after` that nobody made.
[[nodiscard]] runtime::Task<base::Result<FilePage>> read_page(CommandContext context,
                                                              std::string owner, std::string after);

}  // namespace bellhop::files

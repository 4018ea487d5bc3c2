// GET and HEAD of a stored file.
#pragma once

#include "proxy/files/file_worker.hpp"

namespace bellhop::files {

/// Answers with the file, parts of it, or why not (HUP-26 to HUP-29). The path has been checked.
[[nodiscard]] runtime::Task<> answer_download(FileWorker& worker, http::Exchange& exchange,
                                              FileId id, std::string_view name);

/// The same for a file that somebody else has found, who may be somebody else's guest: the session
/// is of `kind`.
[[nodiscard]] runtime::Task<> send_file(FileWorker& worker, http::Exchange& exchange,
                                        FileCache::FilePtr file, std::string_view kind);

}  // namespace bellhop::files

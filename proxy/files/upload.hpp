// PUT, and tus 1.0, of a file that a slot was granted for.
#pragma once

#include "proxy/files/file_worker.hpp"

namespace bellhop::files {

/// PUT, DELETE, and HEAD, PATCH and POST of tus, which need the slot's token. The path has been
/// checked; `name` is its last segment.
[[nodiscard]] runtime::Task<> answer_upload(FileWorker& worker, http::Exchange& exchange, FileId id,
                                            std::string name);

/// Whether a request on a slot's URL is for this, and not for the stored file.
[[nodiscard]] bool is_upload(const http::Request& request);

}  // namespace bellhop::files

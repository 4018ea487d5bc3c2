// How long a stored file is kept.
#pragma once

#include "config/settings.hpp"
#include "proxy/files/file_facts.hpp"

namespace bellhop::files {

/// Seconds after storing; 0: for ever. Files for messages are kept the longer the smaller they are:
/// from `retention_min` at file_bytes_max, steeply up to `retention` for the smallest, so that what
/// takes most room goes first. Permanent ones (XEP-0363 §5.4) are kept for ever.
[[nodiscard]] Second retention_of(const config::FilesSettings& settings, Purpose purpose,
                                  std::uint64_t size);

/// When a file that was stored at `stored` expires, all things said; 0: never.
[[nodiscard]] Second expiry_of(const FileFacts& facts, Second stored);

}  // namespace bellhop::files

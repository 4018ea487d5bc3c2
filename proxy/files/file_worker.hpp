// What the handlers of one shard that serves HTTP share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proxy/files/file_cache.hpp"
#include "proxy/files/transfer.hpp"

namespace bellhop::files {

/// One for each shard that serves; used there alone.
struct FileWorker {
  std::size_t index;
  runtime::Shard& shard;
  FileStore& store;
  FileCounters& counters;
  Transfer::Context transfers;
  /// The parent domain of the component that serves users of this domain; empty for the domain of
  /// a component of ours, which checks itself. Outlives the worker.
  std::function<std::string_view(std::string_view domain)> parent_of;
  FileCache cache = {};
};

/// RFC 9110 §15: the answer to a refusal of this or a lower folder.
[[nodiscard]] http::ResponseHead head_of(const base::ErrorKind& kind);
/// The same, sent and counted.
[[nodiscard]] runtime::Task<> refuse(FileWorker& worker, http::Exchange& exchange,
                                     base::Error error);

/// HUP-27: pages of other origins may fetch and upload, without credentials of the browser.
void allow_origins(http::ResponseHead& head);
/// The methods of a file's URL, as Allow lists them.
inline constexpr std::string_view kMethods = "OPTIONS, HEAD, GET, PUT, PATCH, POST, DELETE";
/// The answer to OPTIONS of a file's URL.
[[nodiscard]] http::ResponseHead options_head();

}  // namespace bellhop::files

// Files as operators see them: as messages, by filters, and behind links.
#pragma once

#include <optional>
#include <string>

#include "api/admin/filter.hpp"
#include "bellhop/admin/v1/file_service.pb.h"
#include "proxy/files/file_facts.hpp"
#include "proxy/files/file_handle.hpp"
#include "proxy/http/request_target.hpp"

namespace bellhop::admin {

/// A file with its name as FileService has it.
[[nodiscard]] v1::File to_proto(const files::FileFacts& facts, const files::FileHandles& handles);

/// The filter of ListFiles and DeleteFiles.
[[nodiscard]] base::Result<Filter> parse_file_filter(const std::string& text);
[[nodiscard]] bool matches(const Filter& filter, const files::FileFacts& facts,
                           const files::FileHandles& handles, files::Second now);

/// What a link that users share says of its file: the id of an upload, or the place in a folder.
struct LinkTarget {
  std::optional<files::FileId> id = std::nullopt;
  std::string owner = {};               ///< of a folder; empty: of nobody who could have one
  std::vector<std::string> names = {};  ///< below that folder's root
};

/// Reads an address of any scheme, or its path alone; query and fragment say nothing. Errors:
/// errors::bad_argument.
[[nodiscard]] base::Result<LinkTarget> parse_link(std::string_view link);

}  // namespace bellhop::admin
